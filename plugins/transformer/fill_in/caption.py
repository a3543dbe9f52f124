"""Says in plain words what is on screen: which gaps there are, and how the newest was filled. No torch."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from studio.core.text.token import named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, plural, translate

from .state import Filling

TERM: Final = N_(
    "A transformer that sees both sides (encoder, BERT); filling gap after gap is masked diffusion run backwards"
)
CLICK: Final = N_("Click words to make gaps. Press Fill, and the words appear in an order of their own.")


def described(filling: Filling, vocabulary: TextVocabulary, fit: Mapping[int, float]) -> tuple[str, str]:
    """What is bold, and what follows; `fit` says how many bits each token costs among all others."""
    n_open, n_gaps = len(filling.open_places), int((filling.turn >= 0).sum())
    if not n_gaps:
        said = (_cost(filling, vocabulary, fit), translate(CLICK), translate(vocabulary.note))
        return _("The text is whole."), " ".join(filter(None, said))
    if not filling.n_steps:
        lead = plural(N_("{n} gap."), N_("{n} gaps."), n_open) if n_open else _("You filled every gap.")
        sees = _("The model sees what stands before a gap and what stands behind it.")
        return lead, f"{sees} {translate(vocabulary.note)}".strip()
    lead = plural(N_("{n} gap is still open."), N_("{n} gaps are still open."), n_open)
    return (lead if n_open else _("Every gap is filled.")), _newest(filling, vocabulary)


def _cost(filling: Filling, vocabulary: TextVocabulary, fit: Mapping[int, float]) -> str:
    """The pseudo-likelihood (Salazar et al. 2020, arXiv 1910.14659) of a whole text by the character."""
    n_characters = sum(map(len, vocabulary.texts([int(filling.now[place]) for place in fit])))
    if not n_characters:
        return ""
    text = _("Told from all the others, its words cost {bits:.2f} bits a character.")
    return text.format(bits=sum(fit.values()) / n_characters)


def _newest(filling: Filling, vocabulary: TextVocabulary) -> str:
    place = int(np.flatnonzero(filling.turn == filling.n_steps)[0])
    word, share = named(vocabulary.name(int(filling.now[place]))), 2.0 ** -max(float(filling.bits[place]), 0.0)
    said = _("“{word}” came last; the model gave it {share}.").format(word=word, share=percent(share))
    true = int(filling.written[place])
    if true < 0:
        return said
    if true == int(filling.now[place]):
        return f"{said} {_('That is the original word.')}"
    return f"{said} {_('The original was “{word}”.').format(word=named(vocabulary.name(true)))}"
