"""What is on screen of a sound that is made, read off a frame, and what the panel says of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import Audio, Field, Series

from .scene import SoundBeginning
from .signal import HOP, RATE_HZ, ByteArray, FloatArray, samples_of
from .state import NEXT, SPECTROGRAM, SURPRISE, WAVEFORM

TERM: Final = N_("WaveNet: the probability of each sample, given those before it (autoregressive model of sound)")
MOST_SHARE: Final = 0.8


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


def lead(seen: SoundViewModel) -> str:
    """Where the playhead is."""
    if seen.is_whole:
        return _("The sound is finished.")
    return _("Sample {place:,} of {n:,}.").format(place=seen.place, n=seen.n_samples)


def describe(seen: SoundViewModel, n_seen: int, asked: str) -> str:
    """One or two sentences on the sound at the playhead; `asked` says what was asked for."""
    if seen.chances is None:
        marked = N_("Click the waveform to inspect a sample, or continue differently from there.")
        return f"{asked} {translate(marked)}"
    heard = _("The model hears the last {ms:.0f} milliseconds and nothing that comes after.").format(
        ms=1000 * min(seen.place, n_seen) / RATE_HZ
    )
    return f"{heard} {range_words(seen.chances)}"


def range_words(chances: npt.NDArray[np.float32]) -> str:
    """Between which values the next sample lies in four of five cases."""
    low, high = likely_range(chances)
    values = samples_of(np.array([low, high]), len(chances))
    text = N_("It is {percent:.0f} % certain that the next sample is between {low:+.3f} and {high:+.3f}.")
    share = float(chances[low : high + 1].sum())
    words = translate(text).format(percent=100 * share, low=float(values[0]), high=float(values[1]))
    return words.replace("-", "−")


def likely_range(chances: npt.NDArray[np.float32]) -> tuple[int, int]:
    """The levels at which a tenth of the chances lies below, and one above."""
    rest = (1 - MOST_SHARE) / 2
    passed = np.cumsum(chances, dtype=np.float64)
    low, high = np.searchsorted(passed, [rest, 1 - rest])
    return int(low), int(min(high, len(chances) - 1))


def beginning_words(beginning: SoundBeginning | None) -> str:
    """What the sound begins with."""
    if beginning is None:
        return _("The sound starts from silence.")
    ms = 1000 * len(beginning.levels) / RATE_HZ
    if beginning.source == "own":
        text = _("It starts with {ms:.0f} ms of “{name}”; the model continues from there.")
        return text.format(ms=ms, name=beginning.name)
    return _("Its first {ms:.0f} ms are kept; the model continues from there.").format(ms=ms)


def whole_words(seen: SoundViewModel) -> str:
    """How likely the sound is so far."""
    if seen.bits is None:
        return _("Nothing has been drawn yet.")
    whole, part = N_("Whole sound: <b>{bits:.2f} bits per sample</b>"), N_("So far: {bits:.2f} bits per sample")
    return translate(whole if seen.is_whole else part).format(bits=seen.bits)
