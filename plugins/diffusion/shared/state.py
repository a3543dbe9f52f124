"""What engine and panel tell each other: names of views and figures, what a study is asked for and tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.view import State

from .params import DiffusionParams, SamplerName

NOISY: Final = "noisy"
PREDICTED: Final = "predicted"
REMOVED: Final = "removed"
CHANGE: Final = "change"
SHARP: Final = "sharp"
"""The finished picture, drawn larger than the model's own."""
ATTENTION: Final = "attention"
WORDS: Final = "words"
WAVEFORM: Final = "waveform"
SPECTROGRAM: Final = "spectrogram"
PREDICTED_SPECTROGRAM: Final = "predicted_spectrogram"

NOISE_LEFT: Final = "noise left"
"""The share of the variance of x that is noise, 0..1."""
X0_CHANGE: Final = "change of the belief"
"""RMS of what the predicted clean x has changed since the step before, in its own units."""
FloatArray: TypeAlias = npt.NDArray[np.float32]
StudyKind: TypeAlias = Literal["guidance", "race", "variations", "words"]
SCALES: Final = (0.0, 1.0, 4.0, 9.0)
RACERS: Final[tuple[SamplerName, ...]] = ("ddim", "euler_ancestral", "heun", "dpmpp_2m")
REFERENCE_STEPS: Final = 1000
N_VARIATIONS: Final = 8


@dataclass(frozen=True)
class StudyRequest:
    """What is to be held side by side.

    Attributes:
        kind: strengths of guidance; samplers; pictures whose noise is near; the prompt without each of its words.
        amount: 0..1, how far the noise of a variation lies from this one's.
    """

    kind: StudyKind
    scales: tuple[float, ...] = SCALES
    samplers: tuple[SamplerName, ...] = RACERS
    amount: float = 0.3
    n_variations: int = N_VARIATIONS


@dataclass(frozen=True, eq=False)
class StudyPicture:
    """One run of a study, on its way or done.

    Attributes:
        params, start: what makes it again.
        shown: a picture (H, W, 3) in 0..1, or the loudness (M, L) in 0..1 of a sound.
        share: 0..1, how much of it is done.
        seconds: what its steps took.
        distance: from the reference of a race, root mean square; None where there is none yet.
    """

    params: DiffusionParams
    start: State | None
    shown: FloatArray
    share: float
    seconds: float
    distance: float | None = None


@dataclass(frozen=True, eq=False)
class StudyProgress:
    """Where a study stands; each says all of it, so that none has to be heard.

    Attributes:
        pictures: in their order, None for those that have not begun.
        share: 0..1, how much of all is done.
        effects: how much changes without a word, 0..1, by the number of its piece.
    """

    pictures: tuple[StudyPicture | None, ...]
    share: float
    effects: Mapping[int, float] = field(default_factory=dict)

    @property
    def n_done(self) -> int:
        """How many runs are done."""
        return sum(one is not None and one.share >= 1 for one in self.pictures)


def n_items_of(frame: Frame) -> int:
    """How many pictures of a batch a frame shows."""
    return len(frame.state["x"]) if frame.state is not None and "x" in frame.state else 1
