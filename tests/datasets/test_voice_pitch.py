"""The turns of a voice: against sounds whose pitch is known."""

import numpy as np
import pytest

from studio.datasets.voice_pitch import HOP, pitch_track, turns_of

RATE_HZ = 16_000
TIME_S = np.arange(9600) / RATE_HZ


def voice(pitch_hz, tilt=1.0):
    """A sound of eleven partials, each with a phase of its own, and the turns that its lowest one has made."""
    turns = np.cumsum(pitch_hz * np.ones(len(TIME_S))) / RATE_HZ
    partials = [np.cos(2 * np.pi * k * turns + k * (k > 1)) / k**tilt for k in range(1, 12)]
    return (0.1 * np.sum(partials, 0)).astype(np.float32), turns


@pytest.mark.parametrize("pitch_hz", [62.0, 110.0, 230.0, 390.0])
def test_the_pitch_of_an_even_voice(pitch_hz):
    sound, _ = voice(pitch_hz)
    assert pitch_track(sound, RATE_HZ, 50, 420)[5:-5] == pytest.approx(pitch_hz, rel=0.02)


@pytest.mark.parametrize("tilt", [0.0, 2.0])
def test_the_turns_follow_a_voice_that_rises_and_falls(tilt):
    sound, turns = voice(120 + 40 * np.sin(2 * np.pi * 1.5 * TIME_S), tilt)
    found = turns_of(sound, RATE_HZ, 50, 420)
    away = (found - turns[::HOP])[8:-8]
    assert len(found) == len(sound) // HOP
    assert np.abs(away - np.round(away.mean())).max() < 0.02  # turns, but for a whole number of them


def test_a_voice_twice_as_high_is_not_taken_for_a_low_one():
    sound, _ = voice(200.0)
    assert pitch_track(sound, RATE_HZ, 50, 420)[5:-5].min() > 190


def test_silence_has_turns_too():
    assert np.isfinite(turns_of(np.zeros(640, np.float32), RATE_HZ, 50, 420)).all()
