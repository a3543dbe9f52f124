"""What is on screen of a sound that is made, read off a frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.view import Audio, Field, Series

from .signal import HOP, ByteArray, FloatArray
from .state import NEXT, SPECTROGRAM, SURPRISE, WAVEFORM


@dataclass(frozen=True, eq=False)
class SoundViewModel:
    """One moment of a run.

    Attributes:
        levels, surprise: (n,) of the samples that are there. sound: them as they are heard.
        n_given: how many of them were there from the beginning. n_samples: how long the sound becomes.
        spectrogram: of all of it, as far as it is there. chances: (V,) of the next sample, None at the end.
    """

    levels: ByteArray
    surprise: FloatArray
    sound: Audio
    n_given: int
    n_samples: int
    spectrogram: Field
    chances: npt.NDArray[np.float32] | None

    @property
    def place(self) -> int:
        """How many samples are there."""
        return len(self.levels)

    @property
    def is_whole(self) -> bool:
        """Whether every sample is there."""
        return self.chances is None

    @property
    def bits(self) -> float | None:
        """Mean surprise of what the model drew, None where that is nothing."""
        drawn = self.surprise[self.n_given :]
        return float(drawn.mean()) if len(drawn) else None

    @property
    def most_surprising(self) -> int:
        """The sample that was expected least, of those that were drawn."""
        first = self.n_given if self.n_given < self.place else 0
        return first + int(self.surprise[first:].argmax())


def view_model_of(frame: Frame) -> SoundViewModel | None:
    """What a frame of a run shows; None for a frame of anything else."""
    state, views = frame.state, frame.views
    sound, picture, surprise = (views.get(name) for name in (WAVEFORM, SPECTROGRAM, SURPRISE))
    if state is None or not {"levels", "surprise", "given"} <= set(state):
        return None
    if not isinstance(sound, Audio) or not isinstance(picture, Field) or not isinstance(surprise, Field):
        return None
    following = views.get(NEXT)
    chances = next(iter(following.curves.values())) if isinstance(following, Series) else None
    n_samples = picture.values.shape[1] * HOP
    return SoundViewModel(
        state["levels"], surprise.values[0], sound, int(state["given"][0]), n_samples, picture, chances
    )
