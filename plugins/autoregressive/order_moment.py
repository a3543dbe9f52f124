"""What could stand in a blank at its turn, read from the state of a frame, and on what the die falls. No torch."""

from studio.core.text_candidate import Candidate, Die
from studio.core.text_vocabulary import TextVocabulary

from .order_state import Trace
from .text_choosing import likeliest
from .text_moment import N_ROWS, NextChoice


def choice_at(trace: Trace, turn: int, n_told: int, vocabulary: TextVocabulary) -> NextChoice:
    """What could be filled in at a turn that is told, or is the next one, where so many are told."""
    chosen = int(trace.told[turn]) if turn < n_told else None
    ids, raw, after = trace.next_ids[turn], trace.next_raw[turn], trace.next_after[turn]
    rows = [
        Candidate(int(one), vocabulary.name(int(one)), float(raw[at]), float(after[at]), int(one) == chosen)
        for at, one in enumerate(ids)
    ]
    shown = tuple(rows[:N_ROWS])
    if chosen is not None and not any(row.is_chosen for row in shown):
        shown = (*shown[:-1], next((row for row in rows if row.is_chosen), _rare(trace, turn, chosen, vocabulary)))
    others = max(0.0, 1.0 - sum(row.after for row in shown))
    is_rolled = chosen is not None and trace.roll[turn] >= 0
    return NextChoice(shown, others, _die(trace, turn, vocabulary) if is_rolled else None, chosen)


def _rare(trace: Trace, turn: int, chosen: int, vocabulary: TextVocabulary) -> Candidate:
    """A token that was not among the captured ones: its probability is that of its surprise."""
    share = 2.0 ** -float(trace.surprise[turn])
    return Candidate(chosen, vocabulary.name(chosen), share, share, True)


def _die(trace: Trace, turn: int, vocabulary: TextVocabulary) -> Die:
    shares, ends, end = trace.next_after[turn].astype(float), [], 0.0
    for at in likeliest(shares):
        end += float(shares[at])
        ends.append((vocabulary.name(int(trace.next_ids[turn, at])), end))
    chosen = int(trace.told[turn])
    return Die(float(trace.roll[turn]), tuple(ends), chosen, vocabulary.name(chosen))


def share_of(trace: Trace, turn: int, token: int) -> float | None:
    """How likely a token was at a turn; None where it was not among the captured ones."""
    found = (float(raw) for one, raw in zip(trace.next_ids[turn], trace.next_raw[turn], strict=True) if one == token)
    return next((raw for raw in found if raw > 0), None)
