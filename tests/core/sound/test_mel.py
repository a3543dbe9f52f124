"""Mel spectrograms against closed forms."""

import numpy as np
import pytest

from studio.core.sound.mel import (
    FLOOR_DB,
    NOTE_SCALE,
    MelScale,
    band_edges_hz,
    filterbank,
    hertz_of,
    log_mel,
    log_mel_distance,
    mel_of,
)


def sine(hertz, gain=1.0, n=8192):
    return (gain * np.sin(2 * np.pi * hertz / 16_000 * np.arange(n))).astype(np.float32)


def test_a_thousand_hertz_are_a_thousand_mel():
    assert float(mel_of(1000)) == pytest.approx(1000, abs=0.1)
    assert float(hertz_of(mel_of(440.0))) == pytest.approx(440)


def test_the_bands_add_up_to_one_between_the_outer_centres():
    edges = band_edges_hz()
    hertz = np.arange(513) * 16_000 / 1024
    inside = (hertz >= edges[1]) & (hertz <= edges[-2])
    assert filterbank().sum(0)[inside] == pytest.approx(1, abs=1e-5)
    assert not filterbank()[:, hertz > edges[-1]].any()


def test_each_band_is_a_triangle_over_its_neighbours():
    scale = MelScale(n_window=1 << 15)
    hertz, edges = np.arange((1 << 14) + 1) * 16_000 / (1 << 15), band_edges_hz(scale)
    areas = filterbank(scale).sum(1) * (hertz[1] - hertz[0])
    assert areas == pytest.approx((edges[2:] - edges[:-2]) / 2, rel=1e-3)


@pytest.mark.parametrize("band", [5, 20, 40, 60])
def test_a_sine_lands_in_its_band(band):
    levels = log_mel(sine(band_edges_hz()[band + 1]))
    assert levels.shape == (64, 64)
    assert (levels[:, 8:56].argmax(0) == band).all()
    assert levels[:, 32].max() > -3.5


def test_levels_follow_the_gain():
    loud, soft = log_mel(sine(1000)), log_mel(sine(1000, 0.1))
    heard = soft[:, 8:56] > FLOOR_DB + 1
    assert (loud - soft)[:, 8:56][heard] == pytest.approx(20, abs=0.01)


def test_a_full_sine_is_about_zero_decibels_over_all_bands():
    power = 10 ** (log_mel(sine(1000))[:, 32].astype(np.float64) / 10)
    assert 10 * np.log10(power.sum()) == pytest.approx(0, abs=0.1)


def test_several_sounds_are_each_their_own():
    both = np.stack([sine(440), sine(2000)])
    assert np.array_equal(log_mel(both)[1], log_mel(both[1]))


def test_the_distance_is_that_of_the_audible_cells():
    one = np.full((2, 2), FLOOR_DB, np.float32)
    other = one.copy()
    other[0] += 10
    assert log_mel_distance(one, one) == 0
    assert log_mel_distance(one, other) == log_mel_distance(other, one) == 10


def test_silence_is_at_the_floor():
    assert (log_mel(np.zeros(8192, np.float32)) == FLOOR_DB).all()
    assert NOTE_SCALE.n_bands == 64
