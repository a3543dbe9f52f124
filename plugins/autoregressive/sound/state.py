"""Where a sound stands while it is made, as plain arrays that a frame, a panel and a file can hold; no torch.

Keys of a state: "levels" (n,) uint8, the samples that are there; "surprise" (n,) float32 of each in bits, below 0
where it is still to be found; "given" (1,) int64, how many of them were there from the beginning.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from .signal import ByteArray, FloatArray

WAVEFORM, SPECTROGRAM, SURPRISE, NEXT = "waveform", "spectrogram", "surprise", "next"
"""The views of a frame."""
MOST_BITS: Final = 8.0
"""Where a map of the surprise is at its strongest."""
UNKNOWN: Final = -1.0
MOST_SAMPLES: Final = 1 << 17


@dataclass(frozen=True, eq=False)
class SoundState:
    """The same, checked. `levels` (n,), `surprise` (n,)."""

    levels: ByteArray
    surprise: FloatArray
    n_given: int

    @property
    def place(self) -> int:
        """How many samples are there."""
        return len(self.levels)

    @property
    def is_scored(self) -> bool:
        """Whether the surprise of every sample is known."""
        return bool((self.surprise >= 0).all())

    def cut(self, n: int) -> "SoundState":
        """At most the first `n` samples."""
        return SoundState(self.levels[:n], self.surprise[:n], min(self.n_given, n))

    def stops(self, n_samples: int, block: int) -> npt.NDArray[np.int64]:
        """The places at which a frame is shown: behind what was given, behind every block, and at the end."""
        first = self.n_given or block
        return np.append(np.arange(first, n_samples, block), n_samples)


def started(levels: ByteArray) -> State:
    """The state from which a sound (n,) is gone on with."""
    n = len(levels)
    return {
        "levels": levels.astype(np.uint8),
        "surprise": np.full(n, UNKNOWN, np.float32),
        "given": np.array([n], np.int64),
    }


def read_state(state: State | None, n_levels: int) -> SoundState:
    """A state that fits a model, silence for None; raises UserError where it does not."""
    if state is None:
        state = started(np.zeros(0, np.uint8))
    try:
        levels, surprise = np.asarray(state["levels"]), np.asarray(state["surprise"])
        (given,) = np.asarray(state["given"]).tolist()
    except (KeyError, ValueError, TypeError) as error:
        raise _unfit() from error
    fits = levels.ndim == 1 and levels.shape == surprise.shape and levels.dtype == np.uint8
    if not fits or len(levels) > MOST_SAMPLES or not 0 <= given <= len(levels) or not np.isfinite(surprise).all():
        raise _unfit()
    if len(levels) and levels.max() >= n_levels:
        raise _unfit()
    return SoundState(levels, surprise.astype(np.float32), int(given))


def _unfit() -> UserError:
    return UserError(N_("This sound cannot be continued: it was made by another model."))
