"""A person's own sound as a beginning: at the rate and about as loud as what the model has learnt.

Shape letters: T samples.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from studio.api.training import pitch_hz
from studio.core.container.sound_file import read_sound
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.resampling import resampled
from studio.core.text import N_

from .wave_law import RATE_HZ, ByteArray, FloatArray, levels_of

MAX_SECONDS: Final = 10.0
"""Of a file that are looked through for where its sound begins; it may be hours long."""
PEAK: Final = 0.9
_ONSET_SHARE: Final = 0.02
_QUIET: Final = 1e-4
_LEAD_S: Final = 0.005
_LEAST_S: Final = 0.02


@dataclass(frozen=True, eq=False)
class OwnSound:
    """The beginning of a person's sound.

    Attributes:
        levels: (n,) from where it begins. name: of its file.
        frequency_hz: of its pitch; None where it has none.
    """

    levels: ByteArray
    name: str
    frequency_hz: float | None


def own_sound(path: Path, n_samples: int, n_levels: int, rms: float) -> OwnSound:
    """At most the first `n_samples` of the sound in a file, from where it begins, about as loud as `rms`.

    Raises:
        UserError: it cannot be read (see `read_sound`), is silent, or shorter than a fiftieth of a second.
    """
    samples, rate_hz = read_sound(path, MAX_SECONDS)
    begun = _from_onset(centred(samples), rate_hz)
    if len(begun) < _LEAST_S * rate_hz:
        raise UserError(N_("This sound is too short to go on with."), N_("Choose one of a tenth of a second or more."))
    n_needed = int(np.ceil((n_samples + RATE_HZ // 50) * rate_hz / RATE_HZ))
    piece = matched(resampled(begun[:n_needed], rate_hz, RATE_HZ)[:n_samples], rms)
    return OwnSound(levels_of(piece, n_levels), printable(path.name), _pitch(begun, rate_hz))


def centred(samples: FloatArray) -> FloatArray:
    """A sound (T,) around 0: a constant offset, as of a cheap sound card, is nothing that could be heard."""
    result: FloatArray = (samples - samples.mean(dtype=np.float64)).astype(np.float32)
    return result


def _from_onset(samples: FloatArray, rate_hz: int) -> FloatArray:
    loudness = np.abs(samples)
    if loudness.max() < _QUIET:
        raise UserError(
            N_("The first {n:.0f} seconds of this sound are silent.").format(n=MAX_SECONDS),
            N_("Choose a sound that begins sooner."),
        )
    onset = int(np.argmax(loudness > _ONSET_SHARE * loudness.max()))
    return samples[max(0, onset - int(_LEAD_S * rate_hz)) :]


def matched(samples: FloatArray, rms: float) -> FloatArray:
    """So loud on average, but never beyond full scale."""
    gain = min(rms / max(float(np.sqrt(np.mean(samples**2))), 1e-9), PEAK / max(float(np.abs(samples).max()), 1e-9))
    return samples * np.float32(gain)


def _pitch(samples: FloatArray, rate_hz: int) -> float | None:
    """Of its first half second."""
    piece = resampled(samples[: rate_hz // 2], rate_hz, RATE_HZ)
    try:
        return pitch_hz(piece, RATE_HZ)
    except ValueError:  # too short to repeat itself
        return None
