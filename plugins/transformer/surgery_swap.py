"""A word of a text taken for another one, and what that changes; letters: V vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.core.text_token import TextToken, joined

from .muting import Muting
from .surgery_effect import Effect

if TYPE_CHECKING:
    from .tokenizer import TextTokenizer


@dataclass(frozen=True)
class Swap:
    """Attributes:
        first, end: the tokens of the word, `end` is behind the last one.
        has_space: whether a space stands before it.
        word: what shall stand there.
    """

    first: int
    end: int
    has_space: bool
    word: str

    def applied(self, ids: Sequence[int], new: Sequence[int]) -> list[int]:
        """A text with the new word's tokens instead of the old one's."""
        return [*ids[: self.first], *new, *ids[self.end :]]

    def muting(self, muting: Muting, n_new: int) -> Muting:
        """The same words off in the changed text, whose later ones stand elsewhere; the word itself is on."""
        shift = n_new - (self.end - self.first)
        words = frozenset(one if one < self.first else one + shift for one in muting.words - self.tokens)
        return replace(muting, words=words)

    @property
    def tokens(self) -> frozenset[int]:
        """The tokens of the old word."""
        return frozenset(range(self.first, self.end))


@dataclass(frozen=True, eq=False)
class Swapped:
    """Attributes:
        effect: probabilities (V,) of what comes next in the text as it is and in the changed one.
        ids: the tokens of the new word.
    """

    effect: Effect
    ids: tuple[int, ...]


def word_range(pieces: Sequence[str], place: int) -> tuple[int, int]:
    """The first token of the word to which a token belongs, and the one behind its last."""
    found = next(group for group in joined([TextToken(piece) for piece in pieces]) if place in group)
    return found[0], found[-1] + 1


def word_tokens(tokenizer: "TextTokenizer", word: str, has_space: bool) -> tuple[int, ...]:
    """The tokens of a word within a text; a tokenizer that drops a text's first space puts one there by itself."""
    needs_space = has_space and not tokenizer.drops_first_space
    return tuple(tokenizer.encode(f" {word}" if needs_space else word, with_start=False))
