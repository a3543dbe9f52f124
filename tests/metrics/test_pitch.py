"""The pitch estimator against sounds whose pitch is known, and against real notes."""

import numpy as np
import pytest

from studio.core.seed import standard_normal
from studio.core.sound.note import cents_between, frequency_hz
from studio.datasets.music.notes import RATE_HZ, load_notes
from studio.datasets.split import Split
from studio.metrics.pitch import pitch_hz


def tone(hertz, partials, n=8192):
    angles = 2 * np.pi * hertz / RATE_HZ * np.arange(n)
    return sum(gain * np.sin(k * angles + k) for k, gain in enumerate(partials, 1)).astype(np.float32)


@pytest.mark.parametrize("pitch", [48, 52.3, 60, 66.7, 72])
@pytest.mark.parametrize("partials", [[1.0], [1, 0.5, 0.3], [0.1, 1, 0.8], [0, 1, 1, 1]])
def test_harmonic_tones_are_found_within_ten_cents(pitch, partials):
    found = pitch_hz(tone(frequency_hz(pitch), partials), RATE_HZ)
    assert found is not None
    assert abs(cents_between(found, frequency_hz(pitch))) < 10


def test_noise_under_a_tone_does_not_matter():
    noisy = tone(220, [1, 0.5]) + 0.2 * standard_normal((8192,), 3)
    found = pitch_hz(noisy, RATE_HZ)
    assert found is not None
    assert abs(cents_between(found, 220)) < 20


def test_silence_has_no_pitch():
    assert pitch_hz(np.zeros(8192, np.float32), RATE_HZ) is None


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="too few"):
        pitch_hz(np.zeros(1000, np.float32), RATE_HZ)


def test_real_notes_are_right_in_98_of_100():
    notes = load_notes(Split.TEST)
    found = [pitch_hz(sound, RATE_HZ) for sound in notes.sound()]
    wanted = [frequency_hz(int(pitch)) for pitch in notes.pitches]
    right = [f is not None and abs(cents_between(f, w)) <= 50 for f, w in zip(found, wanted, strict=True)]
    assert np.mean(right) >= 0.98
