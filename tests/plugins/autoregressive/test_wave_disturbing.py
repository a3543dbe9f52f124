"""Sounds that are pushed come back, jumps are not learnt, and who is given a seed learns from both kinds."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from plugins.autoregressive.wave_disturbing import disturbed
from plugins.autoregressive.wave_law import levels_of, samples_of
from plugins.autoregressive.wave_training import NextSample, bits
from tests.plugins.autoregressive.sound_made import made_notes

N = 48_000


def tone(n_samples: int = N) -> np.ndarray:
    return levels_of(0.2 * np.sin(2 * np.pi * np.arange(n_samples) / 50))


def pushed_tone(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loudness of a tone and of the pushed one, period by period, and where jumps are."""
    levels, counts = disturbed(tone(), 256, np.random.default_rng(seed))
    parts = [samples_of(one).reshape(-1, 50) for one in (tone(), levels)]
    plain, pushed = (np.ptp(part, axis=1) for part in parts)
    return plain, pushed, np.flatnonzero(~counts)


def test_the_level_jumps_and_comes_back():
    plain, pushed, jumps = pushed_tone()
    assert len(jumps) == pytest.approx(N / 1200, rel=0.5)
    np.testing.assert_allclose(pushed[: jumps[0] // 50], plain[: jumps[0] // 50])
    decibels = 20 * np.log10(pushed / plain)
    after = [decibels[jump // 50 + 1] for jump in jumps[:-1]]
    assert np.std(after) > 3
    gaps = np.diff(jumps, append=N)
    rests = [decibels[(jump + gap) // 50 - 1] for jump, gap in zip(jumps, gaps, strict=True) if gap > 2000]
    assert len(rests) > 3
    assert np.abs(rests).max() < 0.5


def test_what_is_left_falls_to_a_share_of_e_in_15_milliseconds():
    samples = np.full(N, 0.1)
    levels, counts = disturbed(levels_of(samples), 256, np.random.default_rng(3))
    jumps = np.flatnonzero(~counts)
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


def test_some_are_learnt_as_they_are_and_some_pushed():
    network = made_notes()
    plain = float(bits(network, *OneTone().draw(0, 0)).mean())
    assert float(NextSample(OneTone())(network, 0, 0)[0]) == pytest.approx(plain)
    losses = np.array([float(NextSample(OneTone(), 5)(network, step, 0)[0]) for step in range(24)])
    is_plain = np.isclose(losses, plain)
    assert 4 <= is_plain.sum() <= 20
