"""What could stand in a blank at its turn, read from the state of a frame, and on what the die falls. No torch."""

from studio.core.text_vocabulary import TextVocabulary

from .next_tokens import UNKNOWN, NextChoice, next_choice
from .order_state import Trace


def choice_at(trace: Trace, turn: int, n_told: int, vocabulary: TextVocabulary) -> NextChoice:
    """What could be filled in at a turn that is told, or is the next one, where so many are told."""
    found = trace.next_tokens(turn)
    if turn >= n_told:
        return next_choice(found, None, UNKNOWN, UNKNOWN, vocabulary)
    roll, bits = float(trace.roll[turn]), float(trace.surprise[turn])
    return next_choice(found, int(trace.told[turn]), bits, roll, vocabulary)


def share_of(trace: Trace, turn: int, token: int) -> float | None:
    """How likely a token was at a turn; None where it was not among the captured ones."""
    found = trace.next_tokens(turn)
    shares = (float(raw) for one, raw in zip(found.ids, found.raw, strict=True) if one == token)
    return next((raw for raw in shares if raw > 0), None)
