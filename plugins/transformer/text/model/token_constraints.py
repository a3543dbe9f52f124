"""What a person asks of the words themselves: more or less of some, never some, only in a form. No torch.

A word is looked up as it stands within a line, with a space before it, and as it begins one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from studio.core.error import UserError
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_

from ..params import TransformerParams
from .forms.tokens import TextForm
from .sampler import Sampling, sampling_without_words
from .tokenizer import TextTokenizer

Sequences: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class TokenConstraints:
    """A sampler whose bans and form depend on what was written so far.

    Attributes:
        sampling: all that does not.
        banned: words of several tokens: the last one must not come after the others.
        form: what is written keeps to it; None for no such wish.
    """

    sampling: Sampling
    banned: Sequences = ()
    form: TextForm | None = None

    def at(self, ids: Sequence[int], n_prompt: int) -> Sampling:
        """The sampler for what comes after these tokens."""
        banned = {word[-1] for word in self.banned if tuple(ids[-len(word) + 1 :]) == word[:-1]}
        sampling = self.sampling
        if banned:
            sampling = replace(sampling, banned=sampling.banned | banned)
        return sampling if self.form is None else replace(sampling, form=self.form.mask(ids, n_prompt))

    def is_done(self, ids: Sequence[int], n_prompt: int) -> bool:
        """Whether the form is filled; raises UserError where the text has left it."""
        if self.form is not None and self.form.is_broken(ids, n_prompt):
            raise UserError(
                N_("The text no longer follows the form."),
                N_("Remove the word that broke it, or turn off the form."),
            )
        return self.form is not None and self.form.is_complete(ids, n_prompt)


def token_constraints_of(
    params: TransformerParams, tokenizer: TextTokenizer, form: TextForm | None = None
) -> TokenConstraints:
    """What a run's settings ask for; raises UserError where one of them says nothing."""
    words = [_forms(word.strip(), tokenizer) for word in params.banned.split(",") if word.strip()]
    forms = [one for word in words for one in word]
    sampling = replace(
        sampling_without_words(params),
        bias=_bias(params.bias, tokenizer),
        banned=frozenset(one[0] for one in forms if len(one) == 1),
    )
    return TokenConstraints(sampling, tuple(one for one in forms if len(one) > 1), form)


def _bias(text: str, tokenizer: TextTokenizer) -> Mapping[int, float]:
    """A word that is no token is preferred or not by its first one within a line."""
    bias: dict[int, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, _, amount = part.rpartition(" ")
        try:
            value = float(amount)
        except ValueError:
            value = float("nan")
        if not word.strip() or not abs(value) <= 100:
            raise UserError(
                N_("“{part}” does not say how much more of which word.").format(part=part[:60]),
                N_("Write a word and a number from -100 to 100, such as “king +2”."),
            )
        forms = _forms(word.strip(), tokenizer)
        whole = [form for form in forms if len(form) == 1]
        bias |= {form[0]: value for form in whole or forms[:1]}
    return bias


def _forms(word: str, tokenizer: TextTokenizer) -> list[tuple[int, ...]]:
    """The tokens of a word within a line and at its beginning."""
    forms = dict.fromkeys(tuple(tokenizer.encode(form, with_start=False)) for form in (f" {word}", word))
    return [form for form in forms if form]


def sampling_of(params: TransformerParams, vocabulary: TextVocabulary) -> Sampling:
    """The settings for the bars; a word of several tokens counts by its first one in the engine alone."""
    banned = (vocabulary.find(word) for word in params.banned.split(",") if word.strip())
    return replace(
        sampling_without_words(params),
        bias=dict(_biased(params.bias, vocabulary)),
        banned=frozenset(token for token in banned if token is not None),
    )


def _biased(text: str, vocabulary: TextVocabulary) -> Iterator[tuple[int, float]]:
    for part in text.split(","):
        word, _, amount = part.strip().rpartition(" ")
        token = vocabulary.find(word) if word.strip() else None
        try:
            if token is not None:
                yield token, float(amount)
        except ValueError:
            continue
