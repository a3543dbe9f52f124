"""Cuts texts into tokens for an encoder, whose mask is one of them; no torch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tokenizers import AddedToken

from studio.core.text.byte_tokens import learnt_tokenizer
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_

from ...text.model.tokenizer import TextTokenizer, own_tokenizer, vocabulary_of

MASK: Final = "<|mask|>"
SMALL_LETTERS: Final = N_("This model knows no capital letters: it reads and writes everything in small ones.")
_UNKNOWN: Final = " \N{REPLACEMENT CHARACTER}".encode()


@dataclass(frozen=True, eq=False)
class MaskCutter:
    """A tokenizer with a mask.

    Attributes:
        mask: the token that stands for what is not known. before, after: what the network reads around every text.
        unknown: the token of a word that has none and is shown as U+FFFD, None where every text has tokens.
    """

    tokenizer: TextTokenizer
    mask: int
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    unknown: int | None = None

    @property
    def vocabulary(self) -> TextVocabulary:
        """The tokens of the model; the mask and other marks say nothing."""
        found = vocabulary_of(self.tokenizer)
        pieces = list(found.pieces)
        if self.unknown is not None:
            pieces[self.unknown] = _UNKNOWN
        return replace(found, pieces=tuple(pieces), note=SMALL_LETTERS if self.has_small_letters_only else "")

    @property
    def has_small_letters_only(self) -> bool:
        """Whether texts are read in small letters."""
        normalizer = self.tokenizer.library.normalizer
        return normalizer is not None and normalizer.normalize_str("A") == "a"

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, without those around it; -1 for a mask that is written out."""
        return [-1 if token == self.mask else token for token in self.tokenizer.encode(text, with_start=False)]

    def is_barred(self, token: int) -> bool:
        """Whether no gap may become this token: a mark, or no token at all."""
        return token == self.mask or token >= self.tokenizer.n_tokens or self.tokenizer.is_special(token)


def learnt_cutter(texts: Sequence[str], n_tokens: int) -> MaskCutter:
    """Byte pairs learnt from texts, `n_tokens` of them, and one token more for the mask."""
    tokenizer = learnt_tokenizer(texts, n_tokens)
    tokenizer.add_special_tokens([AddedToken(MASK)])
    return own_cutter(own_tokenizer(tokenizer))


def own_cutter(tokenizer: TextTokenizer) -> MaskCutter:
    """A tokenizer as this kind uses it; ValueError where it has no mask."""
    mask = tokenizer.find(MASK)
    if mask is None:
        raise ValueError("a tokenizer without a mask")
    return MaskCutter(tokenizer, mask)
