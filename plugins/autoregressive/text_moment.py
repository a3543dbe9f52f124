"""What could have stood at a place of a text, read from the state of a frame, and on what the die falls. No torch."""

from studio.core.text_vocabulary import TextVocabulary

from .next_tokens import UNKNOWN, NextChoice, NextTokens, next_choice
from .text_reread import Reread, differs
from .text_state import Trace


def choice_at(
    trace: Trace, place: int, vocabulary: TextVocabulary, found: Reread | None = None
) -> NextChoice | None:
    """What could stand at a place, 1 to T; T is behind the end. None at the first place, which nothing precedes.

    Where the text was `found` to cost something else there with another memory, that is what the network says; no die
    was rolled on it.
    """
    if place < 1 or place > len(trace):
        return None
    if place == len(trace):
        return next_choice(trace.next_tokens(place - 1), None, UNKNOWN, UNKNOWN, vocabulary)
    chosen, bits, roll = int(trace.ids[place]), float(trace.surprise[place]), float(trace.roll[place])
    if found is None or not differs(bits, found.surprise[place]):
        return next_choice(trace.next_tokens(place - 1), chosen, bits, roll, vocabulary)
    raw = found.next_raw[place - 1]
    other = NextTokens(found.next_ids[place - 1], raw, raw)
    return next_choice(other, chosen, float(found.surprise[place]), UNKNOWN, vocabulary)
