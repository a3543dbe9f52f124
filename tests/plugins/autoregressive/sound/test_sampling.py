"""Rings give what the whole tree for each sample gives, and draw what was said."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.autoregressive.shared.model.head_config import HeadConfig
from plugins.autoregressive.sound.model.kernel import drawn_level
from plugins.autoregressive.sound.model.sampling import NaiveWaveSampler, RingSampler, draws_of
from tests.plugins.autoregressive.sound.wave_made import PREDICTING, made_wave, made_wish


def followed(sampler):
    """Levels, and what was said about each sample (T, B, V)."""
    said = []
    while sampler.place < sampler.n_samples:
        sampler.advance(1)
        said.append(sampler.task.said.copy())
    return sampler.task.levels, np.stack(said)


def assert_same(network, wish, n_times=1):
    ours, naive = RingSampler(network, wish), NaiveWaveSampler(network, wish)
    (levels, said), (expected, expected_said) = followed(ours), followed(naive)
    np.testing.assert_array_equal(levels, expected)
    np.testing.assert_allclose(np.exp(said), np.exp(expected_said), atol=n_times * 1e-5)
    drawable = expected_said > -60  # float32 holds no smaller probabilities exactly, and none of them is ever drawn
    np.testing.assert_allclose(said[drawable], expected_said[drawable], atol=n_times * 1e-4)
    assert (said[~drawable] < -59).all()
    np.testing.assert_allclose(ours.task.surprise, naive.task.surprise, atol=n_times * 2e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"width": 16, "n_levels": 256},
        {"dilation": (1, 2, 4, 1, 2)},
        {"dilation": (3,)},
        {"n_waves": 0},
        {"n_taps": 5},
        {"head": HeadConfig("logistic", 2)},
        {**PREDICTING, "n_levels": 256},
    ],
)
def test_rings_give_what_whole_trees_give(changes):
    network = made_wave(**changes)
    has_source = network.config.has_source  # the law is 46 times as steep near zero, where what is left may lie
    assert_same(network, made_wish(network.config), 10 if has_source else 1)


def test_at_another_temperature_and_behind_given_samples():
    network = made_wave()
    given = np.random.default_rng(1).integers(0, 6, (3, 13)).astype(np.uint8)
    wish = made_wish(network.config, temperature=0.6, given=given)
    assert_same(network, wish)
    made = RingSampler(network, wish).finish()
    np.testing.assert_array_equal(made[:, :13], given)
    assert len({row.tobytes() for row in made[:, 13:]}) == 3


def test_blocks_of_any_size_make_the_same_bits():
    network = made_wave()
    wish = made_wish(network.config)
    whole, parts = RingSampler(network, wish), RingSampler(network, wish)
    whole.finish()
    for n in (1, 2, 7, 9, 40):
        parts.advance(n)
    np.testing.assert_array_equal(whole.task.levels, parts.task.levels)
    np.testing.assert_array_equal(whole.task.surprise, parts.task.surprise)
    np.testing.assert_array_equal(whole.task.said, parts.task.said)


def test_a_sound_alone_is_the_same_as_among_others():
    network = made_wave()
    wish = made_wish(network.config)
    among, alone = (
        RingSampler(network, wish),
        RingSampler(network, replace(wish, told=wish.told[1:2], waves=wish.waves[1:2], seeds=wish.seeds[1:2])),
    )
    np.testing.assert_array_equal(among.finish()[1], alone.finish()[0])
    np.testing.assert_array_equal(among.task.surprise[1], alone.task.surprise[0])


@pytest.mark.parametrize("changes", [{}, PREDICTING])
@pytest.mark.parametrize("place", [1, 8, 9, 10, 21, 29, 30])
def test_rings_are_filled_again_from_what_is_seen_alone(place, changes):
    network = made_wave(**changes)
    wish = made_wish(network.config)
    whole = RingSampler(network, wish)
    whole.finish()
    again = RingSampler(network, replace(wish, given=whole.task.levels[:, :place]))
    again.resume(whole.task.surprise[:, :place])
    assert again.place == place
    np.testing.assert_array_equal(again.finish(), whole.task.levels)
    np.testing.assert_array_equal(again.task.surprise, whole.task.surprise)
    np.testing.assert_array_equal(again.task.said, whole.task.said)


def test_surprises_add_up_to_the_likelihood_of_the_sound():
    network = made_wave()
    wish = made_wish(network.config)
    sampler = RingSampler(network, wish)
    levels = torch.from_numpy(sampler.finish()).long()
    logs = network(levels, torch.from_numpy(wish.told), torch.from_numpy(wish.waves)).log_softmax(-1)
    chosen = logs.gather(-1, levels[..., None])[..., 0]
    np.testing.assert_allclose(sampler.task.surprise.sum(1), -chosen.sum(1) / np.log(2), rtol=1e-5)


@pytest.mark.parametrize(("temperature", "power"), [(1.0, 1.0), (0.5, 2.0)])
def test_levels_come_as_often_as_they_are_likely(temperature, power):
    chances = np.array([0.5, 0.2, 0.0001, 0.2999])
    said = np.log(chances).astype(np.float32)
    draws = ((np.arange(20_000) + 0.5) / 20_000).astype(np.float32)
    counts = np.bincount([drawn_level(said, draw, np.float32(temperature)) for draw in draws], minlength=4)
    expected = chances**power / (chances**power).sum()
    np.testing.assert_allclose(counts / 20_000, expected, atol=2e-4)


def test_a_draw_of_nearly_one_is_still_a_level():
    assert 0 <= drawn_level(np.full(7, np.log(1 / 7), np.float32), np.float32(1 - 2**-24), np.float32(1)) < 7


def test_draws_follow_from_seed_and_place_alone():
    np.testing.assert_array_equal(draws_of(5, 100)[:40], draws_of(5, 40))
    assert (draws_of(5, 40) != draws_of(6, 40)).all()
