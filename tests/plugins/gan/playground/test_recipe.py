"""The playground's recipe: frames with losses and pictures, weights that load, a card, the same bits again."""

import json

import numpy as np
import pytest

from plugins.gan.playground.model.pair import untrained
from plugins.gan.playground.model.weights import PlaygroundNetwork, pair_in
from plugins.gan.playground.training.recipe import LATE_BATCH, PlaygroundRecipe, PlaygroundTraining, averaged
from plugins.gan.shared.weights import load_network
from studio.api.engine import Device, TrainOptions
from studio.core.error import UserError
from studio.core.view import Image

N_STEPS = 40


def options(tmp_path, **settings):
    return TrainOptions(tmp_path / "playground.safetensors", Device("cpu", "float32", 1), N_STEPS, settings=settings)


@pytest.mark.long("computes for long")
def test_it_learns_writes_and_repeats(tmp_path):
    frames = list(PlaygroundRecipe().train(options(tmp_path)))
    assert [frame.step for frame in frames] == list(range(N_STEPS))
    assert all(np.isfinite(frame.scalars["loss"]) for frame in frames)
    assert isinstance(frames[-1].main_view, Image)
    assert not all(frame.views for frame in frames)  # later ones are thinned out
    written = pair_in(load_network(tmp_path / "playground.safetensors", PlaygroundNetwork))
    card = json.loads((tmp_path / "playground.json").read_text("utf-8"))
    assert (card["kind"], card["trained"]["n_steps"], card["n_params"]) == ("playground", N_STEPS, 2403)
    assert "Clusters made, of 8" in card["figures"]
    list(PlaygroundRecipe().train(options(tmp_path)))
    pair = pair_in(load_network(tmp_path / "playground.safetensors", PlaygroundNetwork))
    assert np.array_equal(pair.generator.weights, written.generator.weights)
    assert np.array_equal(pair.discriminator.weights, written.discriminator.weights)
    assert not np.array_equal(pair.generator.weights, untrained(1).generator.weights)


def test_a_setting_out_of_range_is_refused(tmp_path):
    with pytest.raises(UserError):
        next(PlaygroundRecipe().train(options(tmp_path, forger_rate="7")))


def test_rates_fall_over_the_second_half():
    training = PlaygroundTraining(n_steps=100)
    assert training.at(0) == training.at(50)
    late = training.at(75)
    assert late.forger_rate == pytest.approx(training.forger_rate / 2)
    assert late.detective_rate == pytest.approx(training.detective_rate / 2)
    assert late.batch == LATE_BATCH


def test_only_the_generator_is_averaged():
    one, other = untrained(1), untrained(2)
    mean = averaged(one, other, 0)
    np.testing.assert_allclose(
        mean.generator.weights, 0.1 * one.generator.weights + 0.9 * other.generator.weights, atol=1e-6
    )
    assert mean.discriminator is other.discriminator
