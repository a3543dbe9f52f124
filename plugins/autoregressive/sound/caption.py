"""What the panel of sounds says, made from what is on screen."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_, _, translate

from .scene import SoundBeginning
from .signal import RATE_HZ, samples_of
from .view_model import SoundViewModel

TERM: Final = N_("WaveNet: the chance of each sample, given those before it (autoregressive model of sound)")
MOST_SHARE: Final = 0.8


def lead(seen: SoundViewModel) -> str:
    """Where the playhead is."""
    if seen.is_whole:
        return _("The sound is finished.")
    return _("Sample {place:,} of {n:,}.").format(place=seen.place, n=seen.n_samples)


def describe(seen: SoundViewModel, n_seen: int, asked: str) -> str:
    """One or two sentences on the sound at the playhead; `asked` says what was asked for."""
    if seen.chances is None:
        marked = N_("Click the waveform to look into a sample, or go on from there in another way.")
        return f"{asked} {translate(marked)}"
    heard = _("The model hears the last {ms:.0f} milliseconds and nothing ahead.").format(
        ms=1000 * min(seen.place, n_seen) / RATE_HZ
    )
    return f"{heard} {range_words(seen.chances)}"


def range_words(chances: npt.NDArray[np.float32]) -> str:
    """Between which values the next sample lies in four of five cases."""
    low, high = likely_range(chances)
    values = samples_of(np.array([low, high]), len(chances))
    text = N_("It is {percent:.0f} % sure that the next sample lies between {low:+.3f} and {high:+.3f}.")
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
        return _("The sound begins with silence.")
    ms = 1000 * len(beginning.levels) / RATE_HZ
    if beginning.source == "own":
        text = _("It begins with {ms:.0f} ms of “{name}”; the model goes on.")
        return text.format(ms=ms, name=beginning.name)
    return _("Its first {ms:.0f} ms are kept; the model goes on from there.").format(ms=ms)


def whole_words(seen: SoundViewModel) -> str:
    """How likely the sound is so far."""
    if seen.bits is None:
        return _("Nothing is drawn yet.")
    whole, part = N_("Whole sound: <b>{bits:.2f} bits a sample</b>"), N_("So far: {bits:.2f} bits a sample")
    return translate(whole if seen.is_whole else part).format(bits=seen.bits)
