"""Sounds that are pushed, or now and then a network's own, come back; jumps and own samples are not learnt."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from plugins.autoregressive.wave_disturbing import N_FADE, N_OWN, N_TURN, joined, pushed, with_loudness
from plugins.autoregressive.wave_law import levels_of, samples_of
from plugins.autoregressive.wave_sampling import RingSampler, WaveWish
from plugins.autoregressive.wave_training import FIRST_OWN, PUSHED_SHARE, NextSample, bits, some_disturbed, with_own
from tests.plugins.autoregressive.sound_made import made_notes

N = 48_000


def tone(n_samples: int = N) -> np.ndarray:
    return levels_of(0.2 * np.sin(2 * np.pi * np.arange(n_samples) / 50))


def pushed_tone(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loudness of a tone and of the pushed one, period by period, and where jumps are."""
    levels, counts = pushed(tone(), 256, np.random.default_rng(seed))
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
    levels, counts = pushed(levels_of(samples), 256, np.random.default_rng(3))
    jumps = np.flatnonzero(~counts)
    first = next(jump for jump, following in pairwise(jumps) if following - jump > 480)
    away = samples_of(levels)[first : first + 480].astype(float) - 0.1
    assert away[240] / away[0] == pytest.approx(np.exp(-1), abs=0.12)  # gain and zero line together, rounded to levels


def test_the_same_numbers_push_alike():
    one, again, other = pushed_tone(1), pushed_tone(1), pushed_tone(2)
    np.testing.assert_array_equal(one[1], again[1])
    assert (one[1] != other[1]).any()


def partial_of(samples: np.ndarray, turns: float) -> complex:
    """Strength and phase of a partial that turns so often in 800 samples, in the middle of 4,000."""
    part = samples[1600:2400]
    return complex(2 * np.mean(part * np.exp(-2j * np.pi * turns * np.arange(1600, 2400) / 800)))


def tones(strengths: list[float], phase: float) -> np.ndarray:
    turns = 2 * np.pi * np.arange(4000) / 800
    return sum(s * np.cos((n + 1) * 20 * turns + phase) for n, s in enumerate(strengths)).astype(np.float32)


def test_an_own_sound_gets_the_loudness_of_each_partial_and_keeps_its_phases():
    own, true = tones([0.1, 0.2, 0.2], 0.5), tones([0.4, 0.02, 0.1], 2.0)
    made = with_loudness(own, true)
    for number, strength in enumerate([0.4, 0.02, 0.1]):
        found = partial_of(made, 20 * (number + 1))
        assert abs(found) == pytest.approx(strength, rel=0.1)
        assert np.angle(found) == pytest.approx(0.5, abs=0.1)


def test_what_is_its_own_and_right_stays_and_silence_becomes_the_true_sound():
    true = tones([0.3, 0.1], 1.0)
    np.testing.assert_allclose(with_loudness(true, true), true, atol=2e-3)
    np.testing.assert_allclose(with_loudness(np.zeros_like(true), true), true, atol=2e-3)


def test_own_samples_fade_by_turns_into_what_they_should_have_been():
    own, true, first = levels_of(tones([0.1, 0.2], 0.5)), levels_of(tones([0.4, 0.02], 2.0)), 400
    levels, counts = joined(own, true, 256, first)
    place, wanted = (np.arange(4000) + first) % N_TURN, with_loudness(samples_of(own), samples_of(true))
    np.testing.assert_array_equal(levels[place <= N_OWN], own[place <= N_OWN])
    is_whole = place >= N_OWN + N_FADE
    np.testing.assert_array_equal(levels[is_whole], levels_of(wanted)[is_whole])
    middle = place == N_OWN + N_FADE // 2
    np.testing.assert_allclose(samples_of(levels)[middle], (samples_of(own) + wanted)[middle] / 2, atol=0.01)
    np.testing.assert_array_equal(counts, place >= N_OWN)


class OneTone:
    def draw(self, step, micro):
        config = made_notes().wave.config
        levels = torch.from_numpy(tone(2048)).long()[None]
        told = torch.zeros(1, 2048 // config.hop, config.n_told)
        return levels, told, torch.zeros(1, 2048, config.n_waves)

    def each(self):
        return [self.draw(0, 0)]


def test_what_a_network_puts_in_is_what_it_would_make_of_the_same_note():
    network, inputs, random = made_notes(), OneTone().draw(0, 0), np.random.default_rng(4)
    levels, counts = with_own(network, inputs, 0.5, np.random.default_rng(4))
    wish = WaveWish(inputs[1].numpy(), inputs[2].numpy(), (int(random.integers(2**31)),), 0.5)
    made, first = RingSampler(network.wave, wish).finish()[0], int(random.integers(N_TURN))
    is_own = (np.arange(2048) + first) % N_TURN < N_OWN
    np.testing.assert_array_equal(counts, ~is_own)
    np.testing.assert_array_equal(levels[is_own], made[is_own])
    wanted = levels_of(with_loudness(samples_of(made), samples_of(inputs[0].numpy()[0].astype(np.uint8))))
    is_back = (np.arange(2048) + first) % N_TURN > N_OWN + N_FADE
    np.testing.assert_array_equal(levels[is_back], wanted[is_back])


def test_some_are_learnt_as_they_are_and_some_pushed():
    network = made_notes()
    plain = float(bits(network, *OneTone().draw(0, 0)).mean())
    assert float(NextSample(OneTone())(network, 0, 0)[0]) == pytest.approx(plain)
    losses = np.array([float(NextSample(OneTone(), 5)(network, step, 0)[0]) for step in range(24)])
    is_plain = np.isclose(losses, plain)
    assert 10 <= is_plain.sum() <= 22


def test_from_some_step_on_some_are_the_networks_own():
    network, inputs = made_notes(), OneTone().draw(0, 0)
    found = [float(NextSample(OneTone(), 5)(network, FIRST_OWN + step, 0)[0]) for step in range(24)]
    plain = float(bits(network, *inputs).mean())
    assert 2 <= np.isclose(found, plain).sum() <= 13
    assert [_n_own(network, inputs, share) for share in (0.0, 1 - PUSHED_SHARE)] == [0, 24 - _n_pushed()]


def _n_own(network, inputs, share):
    """In how many of 24 sounds whole stretches do not count."""
    counts = [some_disturbed(network, inputs, (share, 1.0), np.random.default_rng(seed))[1] for seed in range(24)]
    return sum(int((~one).sum()) > N_OWN for one in counts)


def _n_pushed():
    return sum(np.random.default_rng(seed).random() < PUSHED_SHARE for seed in range(24))
