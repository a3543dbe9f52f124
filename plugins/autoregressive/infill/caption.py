"""What the caption of the panel of texts in any order says, made from what is on screen."""

from typing import Final

from studio.core.text.token import named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, plural, translate

from .passage import UNKNOWN_ID
from .state import InfillTrace, share_of

TERM: Final = N_(
    "The chances of all turns, multiplied, are that of the words together, whatever the order "
    "(factorisation order, permutation language modelling)"
)
CLICK: Final = N_("Click a word, or drag over several, to leave them out.")
DRAG: Final = N_("Drag the chips below: another order asks the model other questions.")


def describe(trace: InfillTrace, n_told: int, vocabulary: TextVocabulary) -> tuple[str, str]:
    """What is bold and what follows where so many blanks are filled."""
    n_blanks = len(trace.passage.order)
    if not n_blanks:
        return _("Nothing is left out."), translate(CLICK)
    if not n_told:
        lead = plural(N_("{n} blank."), N_("{n} blanks."), n_blanks)
        return lead, f"{_first(trace, vocabulary)} {translate(DRAG)}"
    turn = n_told - 1
    word = named(vocabulary.name(int(trace.told[turn])))
    lead = _("“{word}” came as number {turn} of {n}.").format(word=word, turn=n_told, n=n_blanks)
    parts = (_expected(trace, turn, vocabulary), _seen(turn), _true(trace, turn, vocabulary))
    return lead, " ".join(part for part in parts if part)


def _first(trace: InfillTrace, vocabulary: TextVocabulary) -> str:
    text = N_("The model sees all other words, on both sides. In blank 1 it would put “{word}” first of all ({share}).")
    word = named(vocabulary.name(int(trace.next_ids[0, 0])))
    return translate(text).format(word=word, share=percent(float(trace.next_raw[0, 0])))


def _expected(trace: InfillTrace, turn: int, vocabulary: TextVocabulary) -> str:
    share = percent(2.0 ** -max(float(trace.surprise[turn]), 0.0))
    if trace.is_forced(turn):
        return _("You chose it; the model gave it {share}.").format(share=share)
    if trace.rank[turn] == 0:
        return _("The model gave it {share}, more than any other.").format(share=share)
    text = N_("The model gave it {share}; likeliest was “{word}” ({chance}).")
    word, chance = named(vocabulary.name(int(trace.next_ids[turn, 0]))), percent(float(trace.next_raw[turn, 0]))
    return translate(text).format(share=share, word=word, chance=chance)


def _seen(turn: int) -> str:
    if not turn:
        return _("It knew the given words alone.")
    return _("It knew the given words and {n} that it had filled in.").format(n=turn)


def _true(trace: InfillTrace, turn: int, vocabulary: TextVocabulary) -> str:
    true = trace.passage.ids[trace.passage.order[turn]]
    if true == UNKNOWN_ID:
        return ""
    if true == int(trace.told[turn]):
        return _("That is what stood there.")
    word, share = named(vocabulary.name(true)), share_of(trace, turn, true)
    if share is None:
        return _("“{word}” stood there, which it hardly thought of.").format(word=word)
    return _("“{word}” stood there ({share}).").format(word=word, share=percent(share))
