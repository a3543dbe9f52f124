"""Notes between the keys."""

import numpy as np
import pytest

from plugins.diffusion.sound.training.notes_recipe import lowered, with_lower
from plugins.diffusion.sound.training.objective import TrainingSounds
from studio.core.sound.wave import fade_out

RATE_HZ, N = 16_000, 8192


def tone(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(N) / RATE_HZ).astype(np.float32)


@pytest.mark.parametrize("semitones", [0.33, 1.0, 12.0])
def test_a_tone_becomes_the_tone_that_much_lower(semitones):
    played = tone(1000)[None]
    wanted = tone(1000 * 2 ** (-semitones / 12))
    middle = slice(64, N - 600)
    assert np.abs(lowered(played, semitones)[0] - wanted)[middle].max() < 0.03


@pytest.mark.parametrize("semitones", [0.33, 1.0])
def test_a_note_that_fades_out_does_so_at_its_new_end(semitones):
    played = tone(1000)[None] * fade_out(N).astype(np.float32)
    wanted = tone(1000 * 2 ** (-semitones / 12)) * fade_out(N)
    assert np.abs(lowered(played, semitones)[0] - wanted)[64:].max() < 0.03


def test_nothing_lower_is_the_same():
    noise = np.random.default_rng(0).standard_normal((3, N)).astype(np.float32)
    assert lowered(noise, 0.0) == pytest.approx(noise, abs=1e-4)


def test_the_lower_ones_follow_with_their_pitches():
    pitches, velocities = np.array([69, 81], np.float32), np.full(2, 80, np.float32)
    sounds = TrainingSounds(np.stack([tone(440), tone(880)]), np.array([3, 5]), pitches, velocities)
    more = with_lower(sounds, (0.5, 1.0))
    assert more.samples.shape == (6, N)
    assert more.instruments.tolist() == [3, 5] * 3
    assert more.pitches.tolist() == [69, 81, 68.5, 80.5, 68, 80]
    assert np.array_equal(more.samples[:2], sounds.samples)
    assert more.samples[4] == pytest.approx(lowered(sounds.samples, 1.0)[0])
