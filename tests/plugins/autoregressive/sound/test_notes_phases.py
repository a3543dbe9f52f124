"""Notes get the phases that all notes have, and stay as loud as they were in each band."""

import numpy as np
import pytest

from plugins.autoregressive.sound.signal import RATE_HZ
from plugins.autoregressive.sound.training.notes_data import all_partials, in_phase
from studio.core.sound.note import frequency_hz

N = 8192
PITCH = 57.0  # 220 Hz


def partial_of(samples: np.ndarray, number: int) -> complex:
    """Strength and phase of a partial of the pitch, over the middle half."""
    turns = frequency_hz(PITCH) * number * np.arange(N) / RATE_HZ
    return complex(2 * np.mean((samples * np.exp(-2j * np.pi * turns))[N // 4 : 3 * N // 4]))


def note(phase: float, strengths: tuple[float, ...] = (0.2, 0.02, 0.1)) -> np.ndarray:
    turns = 2 * np.pi * frequency_hz(PITCH) * np.arange(N) / RATE_HZ
    each = [strength * np.cos((n + 1) * turns + phase * (n + 2)) for n, strength in enumerate(strengths)]
    return np.sum(each, 0).astype(np.float32)


def test_partials_stay_as_loud_and_stand_as_those_of_all_notes_do():
    made, pattern = in_phase(note(1.3), PITCH), all_partials(N, PITCH)
    for number, strength in enumerate((0.2, 0.02, 0.1), 1):
        found = partial_of(made, number)
        assert abs(found) == pytest.approx(strength, rel=0.06)
        assert np.angle(found / partial_of(pattern, number)) == pytest.approx(0, abs=0.1)


def test_two_notes_that_differ_in_phase_alone_become_the_same():
    one, other = in_phase(note(0.4), PITCH), in_phase(note(2.6), PITCH)
    assert np.sqrt(np.mean((note(0.4) - note(2.6)) ** 2)) > 0.1
    assert np.sqrt(np.mean((one - other)[512:-512] ** 2)) < 0.01


def test_loudness_follows_time():
    softer = np.exp(-np.arange(N) / 2000).astype(np.float32)
    made = in_phase(note(0.7) * softer, PITCH)
    for first in range(1024, N - 1024, 1024):
        part = slice(first, first + 1024)
        rms = [np.sqrt(np.mean(samples[part] ** 2)) for samples in (made, note(0.7) * softer)]
        assert rms[0] == pytest.approx(rms[1], rel=0.1)


def test_silence_stays_silent():
    assert not in_phase(np.zeros(N, np.float32), PITCH).any()


def test_all_partials_are_there_up_to_half_the_rate():
    spectrum = np.abs(np.fft.rfft(all_partials(N, PITCH) * np.hanning(N)))
    frequencies = np.arange(len(spectrum)) * RATE_HZ / N
    peaks = [spectrum[np.argmin(np.abs(frequencies - 220 * number))] for number in range(1, 37)]
    assert min(peaks) > 0.2 * max(peaks)
    between = [spectrum[np.argmin(np.abs(frequencies - 220 * (number + 0.5)))] for number in range(1, 36)]
    assert max(between) < 0.05 * max(peaks)
