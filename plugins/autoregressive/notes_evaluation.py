"""Measures notes by ear of a judge and of a pitch estimator.

Shape letters: N notes, T samples.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.training import Notes, load_judge, note_pictures, pitch_hz
from studio.core.check import Check
from studio.core.note import cents_between, frequency_hz
from studio.core.text import N_

from .wave_law import RATE_HZ, FloatArray
from .wave_training import Measuring

MAX_CENTS: Final = 50.0
PITCH_FLOOR: Final = 90.0
JUDGE_FLOOR: Final = 80.0


def one_of_each_pair(notes: Notes) -> npt.NDArray[np.int64]:
    """The places of one note of each pair of instrument and pitch: that whose velocity is nearest to mf."""
    chosen: dict[tuple[int, int], int] = {}
    for place in np.argsort(np.abs(notes.velocities.astype(int) - 80), kind="stable").tolist():
        chosen.setdefault((int(notes.instruments[place]), int(notes.pitches[place])), place)
    return np.array(sorted(chosen.values()), np.int64)


def note_checks(sounds: FloatArray, notes: Notes, chosen: npt.NDArray[np.int64]) -> Measuring[list[Check]]:
    """What is heard in sounds (N, T) that were asked for as the chosen notes are."""
    judge = load_judge("notes")
    is_right = judge.read(note_pictures(sounds).float() / 255).numpy() == notes.instruments[chosen]
    yield
    is_in_tune = []
    for sound, pitch in zip(sounds, notes.pitches[chosen].tolist(), strict=True):
        heard = pitch_hz(sound, RATE_HZ)
        is_in_tune.append(heard is not None and abs(cents_between(heard, frequency_hz(pitch))) <= MAX_CENTS)
        yield
    n = len(chosen)
    return [
        Check(
            N_("Pitch within 50 cents, % of {n} held-out pairs of instrument and pitch").format(n=n),
            100 * float(np.mean(is_in_tune)), PITCH_FLOOR,
        ),
        Check(
            N_("Judge hears the instrument asked for, % of {n} held-out pairs").format(n=n),
            100 * float(is_right.mean()), JUDGE_FLOOR,
        ),
    ]  # fmt: skip
