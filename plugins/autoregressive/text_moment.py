"""What could have stood at a place of a text, read from the state of a frame, and on what the die falls. No torch."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.text_candidate import Candidate, Die
from studio.core.text_vocabulary import TextVocabulary

from .text_choosing import likeliest
from .text_reread import Reread, differs
from .text_state import Trace

N_ROWS: Final = 8


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


def choice_at(
    trace: Trace, place: int, vocabulary: TextVocabulary, found: Reread | None = None
) -> NextChoice | None:
    """What could stand at a place, 1 to T; T is behind the end. None at the first place, which nothing precedes.

    Where the text was `found` to cost something else there with another memory, that is what the network says; no die
    was rolled on it.
    """
    if place < 1 or place > len(trace):
        return None
    ids, raw, after = (rows[place - 1] for rows in (trace.next_ids, trace.next_raw, trace.next_after))
    is_other = found is not None and place < len(trace) and differs(trace.surprise[place], found.surprise[place])
    if found is not None and is_other:
        ids, raw, after = found.next_ids[place - 1], found.next_raw[place - 1], found.next_raw[place - 1]
    chosen = int(trace.ids[place]) if place < len(trace) else None
    rows = [
        Candidate(int(one), vocabulary.name(int(one)), float(raw[at]), float(after[at]), int(one) == chosen)
        for at, one in enumerate(ids)
    ]
    shown = rows[:N_ROWS]
    if chosen is not None and not any(row.is_chosen for row in shown):
        bits = found.surprise[place] if found is not None and is_other else trace.surprise[place]
        listed = next((row for row in rows if row.is_chosen), None)
        shown = [*shown[:-1], listed or _unlisted(chosen, float(bits), vocabulary)]
    others = max(0.0, 1.0 - sum(row.after for row in shown))
    roll = float(trace.roll[place]) if place < len(trace) else -1.0
    die = None if roll < 0 or is_other else _die(ids, after.astype(np.float64), roll, chosen, vocabulary)
    return NextChoice(tuple(shown), others, die, chosen)


def _unlisted(chosen: int, bits: float, vocabulary: TextVocabulary) -> Candidate:
    """A token that was not among the captured ones: its probability is that of its surprise."""
    share = 2.0**-bits
    return Candidate(chosen, vocabulary.name(chosen), share, share, True)


def _die(
    ids: npt.NDArray[Any], after: npt.NDArray[np.float64], roll: float, chosen: int | None, vocabulary: TextVocabulary
) -> Die:
    """The parts of the bar are as long as they were when the die was rolled, so it falls on what stands there.

    A run shows no die that was read by other settings (`text_state.OUTDATED`).
    """
    order = likeliest(after)
    ends = np.cumsum(after[order])
    shares = tuple((vocabulary.name(int(ids[at])), float(end)) for at, end in zip(order, ends, strict=True))
    word = "" if chosen is None else vocabulary.name(chosen)
    return Die(roll, shares, chosen, word)
