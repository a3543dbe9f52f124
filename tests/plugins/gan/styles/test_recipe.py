"""The training of the styles, shortened to two steps."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from plugins.gan.styles.engine import StylesEngine
from plugins.gan.styles.scene import StylesParams
from plugins.gan.styles.training import evaluation
from studio.api.engine import ModelSource, TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.metrics.judge import Judge, JudgeConfig
from studio.registry.catalog import Catalog
from tests.plugins.gan.styles.styles_made import TINY

DEVICE = Device("cpu", "float32", 1)


@pytest.fixture
def recipe(monkeypatch):
    torch.manual_seed(0)
    judge = Judge(JudgeConfig(2, 4, (8, 8), n_channels=3)).eval().requires_grad_(False)
    monkeypatch.setattr(evaluation, "load_judge", lambda name: judge)
    recipe: Any = Catalog().find_recipe("gan/emoji-styles")
    return replace(recipe, config=TINY, n_pictures=2)


@pytest.mark.long("trains a network")
def test_a_short_training_writes_a_model_that_opens(recipe, tmp_path):
    options = TrainOptions(tmp_path / "it.safetensors", DEVICE, n_steps=2)
    frames = list(recipe.train(options))
    learnt = [frame for frame in frames if "loss" in frame.scalars]
    assert [frame.step for frame in learnt] == [0, 1]
    assert {"fooling", "telling", "cycle", "identity"} <= set(learnt[0].scalars)
    assert learnt[0].main_view.pixels.shape == (4 * 64, 8 * 64, 3)
    card = read_card(options.out.with_suffix(".json"))
    assert card.trained["data_set"] == "small"
    assert card.more["kind"] == "styles"
    assert len(card.more["checks"]) == 11
    assert len(card.more["real_scores"]["glossy"]) == 101
    engine = StylesEngine.open(ModelSource(card.id, options.out, dict(card.more)), DEVICE)
    (frame,) = engine.generate(StylesParams())
    assert 0 <= frame.scalars["verdict"] <= 1
    engine.close()


@pytest.mark.long("trains a network")
def test_the_same_seed_learns_the_same(recipe, tmp_path):
    weights = []
    for name in ("one", "other"):
        options = TrainOptions(tmp_path / f"{name}.safetensors", DEVICE, n_steps=1)
        list(recipe.train(options))
        weights.append(load_file(options.out))  # the order of a file's metadata is left to chance
    assert set(weights[0]) == set(weights[1])
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
