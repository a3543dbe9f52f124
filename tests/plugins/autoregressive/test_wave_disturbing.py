"""Sounds that are pushed come back; behind a network's own ones the true ones are to be told."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from plugins.autoregressive.wave_disturbing import pushed
from plugins.autoregressive.wave_law import levels_of, samples_of
from plugins.autoregressive.wave_training import (
    FIRST_OWN,
    OWN_SHARE,
    PUSHED_SHARE,
    NextSample,
    bits,
    own_sound,
    some_disturbed,
)
from tests.plugins.autoregressive.sound_made import made_notes

N = 48_000


def tone(n_samples: int = N) -> np.ndarray:
    return levels_of(0.2 * np.sin(2 * np.pi * np.arange(n_samples) / 50))


def pushed_tone(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loudness of a tone and of the pushed one, period by period, and where jumps are."""
    found = pushed(tone(), 256, np.random.default_rng(seed))
    levels, counts = found.levels, found.counts
    np.testing.assert_array_equal(found.wanted, levels)
    parts = [samples_of(one).reshape(-1, 50) for one in (tone(), levels)]
    plain, away = (np.ptp(part, axis=1) for part in parts)
    return plain, away, np.flatnonzero(~counts)


def test_the_level_jumps_and_comes_back():
    plain, away, jumps = pushed_tone()
    assert len(jumps) == pytest.approx(N / 1200, rel=0.5)
    np.testing.assert_allclose(away[: jumps[0] // 50], plain[: jumps[0] // 50])
    decibels = 20 * np.log10(away / plain)
    after = [decibels[jump // 50 + 1] for jump in jumps[:-1]]
    assert np.std(after) > 3
    gaps = np.diff(jumps, append=N)
    rests = [decibels[(jump + gap) // 50 - 1] for jump, gap in zip(jumps, gaps, strict=True) if gap > 2000]
    assert len(rests) > 3
    assert np.abs(rests).max() < 0.5


def test_what_is_left_falls_to_a_share_of_e_in_15_milliseconds():
    samples = np.full(N, 0.1)
    found = pushed(levels_of(samples), 256, np.random.default_rng(3))
    levels, jumps = found.levels, np.flatnonzero(~found.counts)
    first = next(jump for jump, following in pairwise(jumps) if following - jump > 480)
    away = samples_of(levels)[first : first + 480].astype(float) - 0.1
    assert away[240] / away[0] == pytest.approx(np.exp(-1), abs=0.12)  # gain and zero line together, rounded to levels


def test_the_same_numbers_push_alike():
    one, again, other = pushed_tone(1), pushed_tone(1), pushed_tone(2)
    np.testing.assert_array_equal(one[1], again[1])
    assert (one[1] != other[1]).any()


class OneTone:
    def draw(self, step, micro):
        config = made_notes().wave.config
        levels = torch.from_numpy(tone(2048)).long()[None]
        told = torch.zeros(1, 2048 // config.hop, config.n_told)
        return levels, told, torch.zeros(1, 2048, config.n_waves)

    def each(self):
        return [self.draw(0, 0)]


def drawn(share: float) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """One sound by each of 24 seeds; so many of them are to be the network's own."""
    network, inputs = made_notes(), OneTone().draw(0, 0)
    return [some_disturbed(network, inputs, (share, 0.5), np.random.default_rng(seed)) for seed in range(24)]


def test_what_a_network_makes_is_heard_and_the_true_sound_is_wanted():
    network, inputs, random = made_notes(), OneTone().draw(0, 0), np.random.default_rng(4)
    levels, wanted, counts = some_disturbed(network, inputs, (1.0, 0.5), np.random.default_rng(4))
    assert random.random() > PUSHED_SHARE
    made = own_sound(network, inputs[1][0].numpy(), inputs[2][0].numpy(), int(random.integers(2**31)), 0.5)
    np.testing.assert_array_equal(levels[0], made)
    np.testing.assert_array_equal(wanted, inputs[0])
    assert counts.all()


def test_surprise_is_that_of_what_is_wanted_behind_what_is_heard():
    network, (levels, told, waves) = made_notes(), OneTone().draw(0, 0)
    wanted = torch.full_like(levels, 128)
    found = bits(network, levels, told, waves, wanted)
    chances = torch.softmax(network(levels, told, waves), -1)  # (1, T, 256)
    torch.testing.assert_close(found, -chances[..., 128].log2(), atol=1e-4, rtol=1e-4)


def test_some_are_learnt_as_they_are_and_some_pushed():
    network = made_notes()
    plain = float(bits(network, *OneTone().draw(0, 0)).mean())
    assert float(NextSample(OneTone())(network, 0, 0)[0]) == pytest.approx(plain)
    losses = np.array([float(NextSample(OneTone(), 5)(network, step, 0)[0]) for step in range(24)])
    is_plain = np.isclose(losses, plain)
    assert 10 <= is_plain.sum() <= 22


def test_from_some_step_on_some_are_the_networks_own():
    objective, network = NextSample(OneTone(), 5), made_notes()
    plain = float(bits(network, *OneTone().draw(0, 0)).mean())
    losses = [float(objective(network, FIRST_OWN + step, 0)[0]) for step in range(24)]
    assert 8 <= np.isclose(losses, plain).sum() <= 21
    chances = np.array([np.random.default_rng(seed).random() for seed in range(24)])
    is_own = [not torch.equal(levels, wanted) for levels, wanted, _ in drawn(OWN_SHARE)]
    np.testing.assert_array_equal(is_own, (chances >= PUSHED_SHARE) & (chances < PUSHED_SHARE + OWN_SHARE))
    assert not any(not torch.equal(levels, wanted) for levels, wanted, _ in drawn(0.0))
