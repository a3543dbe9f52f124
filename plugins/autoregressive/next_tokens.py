"""What may come at one place of a text, as a frame keeps it, as bars and with its die. No torch.

Shape letters: N the likeliest, at most 50 of them, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.text_candidate import Candidate, Die
from studio.core.text_vocabulary import TextVocabulary
from studio.core.view import Bars

from .text_choosing import Chances, likeliest

N_NEXT: Final = 50
N_BARS: Final = 10
N_ROWS: Final = 8
UNKNOWN: Final = -1.0
FACTS: Final = ("surprise", "rank", "entropy", "roll")
"""In bits, 0 for the likeliest, in bits of all that could have stood there, and of the die that drew it."""


@dataclass(frozen=True, eq=False)
class NextTokens:
    """The likeliest tokens of a place, by number.

    Attributes:
        ids: (N,) int32, the likeliest first.
        raw: (N,) float16, their probabilities as the network says them. after: as they may be drawn.
    """

    ids: npt.NDArray[Any]
    raw: npt.NDArray[Any]
    after: npt.NDArray[Any]


@dataclass(frozen=True)
class NextChoice:
    """What could stand at a place as it was drawn there.

    Attributes:
        rows: the likeliest, and the one that stands there.
        others: the probability of all that have no row.
        die: None where none was rolled, or by other settings than the run has.
        chosen: the token that stands there, None behind the end.
    """

    rows: tuple[Candidate, ...]
    others: float
    die: Die | None
    chosen: int | None


def next_tokens(said: npt.NDArray[Any], chances: Chances) -> NextTokens:
    """From the log-probabilities (V,) that the network says, and how they may be drawn."""
    top, after = chances.order[:N_NEXT], chances.shares[:N_NEXT]
    raw = np.exp(said[top].astype(np.float64))
    return NextTokens(top.astype(np.int32), raw.astype(np.float16), after.astype(np.float16))


def next_bars(found: NextTokens, vocabulary: TextVocabulary) -> Bars:
    """The likeliest of what comes next, as they may be drawn."""
    after = found.after.astype(np.float64)
    order = likeliest(after)[:N_BARS]
    labels = tuple(vocabulary.name(int(found.ids[at])) for at in order)
    return Bars(labels, tuple(after[order].tolist()), tuple((after[order] == 0).tolist()))


def next_choice(
    found: NextTokens, chosen: int | None, bits: float, roll: float, vocabulary: TextVocabulary
) -> NextChoice:
    """What could stand at a place, where a token was chosen that surprised by so many bits.

    A `roll` below 0 is none.
    """
    rows = [
        Candidate(int(one), vocabulary.name(int(one)), float(raw), float(after), int(one) == chosen)
        for one, raw, after in zip(found.ids, found.raw, found.after, strict=True)
    ]
    shown = rows[:N_ROWS]
    if chosen is not None and not any(row.is_chosen for row in shown):
        listed = next((row for row in rows if row.is_chosen), None)
        shown = [*shown[:-1], listed or _unlisted(chosen, bits, vocabulary)]
    others = max(0.0, 1.0 - sum(row.after for row in shown))
    die = None if roll < 0 else _die(found, roll, chosen, vocabulary)
    return NextChoice(tuple(shown), others, die, chosen)


def _unlisted(chosen: int, bits: float, vocabulary: TextVocabulary) -> Candidate:
    """A token that was not among the captured ones: its probability is that of its surprise."""
    share = 2.0**-bits
    return Candidate(chosen, vocabulary.name(chosen), share, share, True)


def _die(found: NextTokens, roll: float, chosen: int | None, vocabulary: TextVocabulary) -> Die:
    """The parts of the bar are as long as they were when the die was rolled, so it falls on what stands there.

    A run shows no die that was read by other settings (`text_state.OUTDATED`).
    """
    after = found.after.astype(np.float64)
    order = likeliest(after)
    ends = np.cumsum(after[order])
    shares = tuple((vocabulary.name(int(found.ids[at])), float(end)) for at, end in zip(order, ends, strict=True))
    return Die(roll, shares, chosen, "" if chosen is None else vocabulary.name(chosen))


def facts_of(token: int, said: npt.NDArray[Any] | None, roll: float) -> npt.NDArray[np.float32]:
    """What is known of a token from the log-probabilities (V,) of its place, None where nothing was said of it."""
    if said is None:
        return np.array([UNKNOWN, UNKNOWN, UNKNOWN, roll], np.float32)
    chances = np.exp(said.astype(np.float64))
    entropy = -float((chances * said).sum()) / np.log(2)
    rank = np.count_nonzero(said > said[token])
    return np.array([-said[token] / np.log(2), rank, entropy, roll], np.float32)
