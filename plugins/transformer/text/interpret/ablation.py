"""What changes when a part of the network or a word is off, or a word is taken for another one.

Shape letters: T tokens, V vocabulary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.text.token import TextToken, joined

from ..model.ablation_mask import AblationMask

if TYPE_CHECKING:
    from ..model.tokenizer import TextTokenizer

N_ROWS: Final = 8


@dataclass(frozen=True, eq=False)
class AblationEffect:
    """Probabilities (V,) of what comes next: of the whole network, and of what is left of it."""

    whole: npt.NDArray[Any]
    muted: npt.NDArray[Any]

    @property
    def distance(self) -> float:
        """How much of the probability has moved elsewhere, 0 to 1 (total variation)."""
        return float(np.abs(self.whole.astype(np.float64) - self.muted.astype(np.float64)).sum() / 2)

    def rows(self) -> Iterator[tuple[int, float, float]]:
        """Token, probability before and after: the likeliest of both, the likeliest before first."""
        either = np.maximum(self.whole, self.muted)
        chosen = np.argsort(-either, kind="stable")[:N_ROWS]
        for token in chosen[np.argsort(-self.whole[chosen], kind="stable")]:
            yield int(token), float(self.whole[token]), float(self.muted[token])


@dataclass(frozen=True, eq=False)
class TokenAttribution:
    """How much each token mattered for the one that came.

    Attributes:
        left_out: by how many bits the one that came is less likely where nothing may look at the token, (T,).
        gradient: gradient times input, as a share of the sum of all magnitudes, (T,).
    """

    left_out: npt.NDArray[Any]
    gradient: npt.NDArray[Any]


def switched_head(ablation: AblationMask, layer: int, head: int) -> AblationMask:
    """The same with a head off, or on again where it was."""
    return replace(ablation, heads=ablation.heads ^ {(layer, head)})


def switched_layer(ablation: AblationMask, layer: int) -> AblationMask:
    """The same with a layer off, or on again where it was."""
    return replace(ablation, layers=ablation.layers ^ {layer})


def switched_word(ablation: AblationMask, word: int) -> AblationMask:
    """The same with a token off, or on again where it was."""
    return replace(ablation, words=ablation.words ^ {word})


def switched_adapter(ablation: AblationMask) -> AblationMask:
    """The same with what fine-tuning taught off, or on again where it was."""
    return replace(ablation, adapter=not ablation.adapter)


@dataclass(frozen=True)
class TokenSwap:
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

    def ablation(self, ablation: AblationMask, n_new: int) -> AblationMask:
        """The same words off in the changed text, whose later ones stand elsewhere; the word itself is on."""
        shift = n_new - (self.end - self.first)
        words = frozenset(one if one < self.first else one + shift for one in ablation.words - self.tokens)
        return replace(ablation, words=words)

    @property
    def tokens(self) -> frozenset[int]:
        """The tokens of the old word."""
        return frozenset(range(self.first, self.end))


@dataclass(frozen=True, eq=False)
class SwapEffect:
    """Attributes:
    effect: probabilities (V,) of what comes next in the text as it is and in the changed one.
    ids: the tokens of the new word.
    """

    effect: AblationEffect
    ids: tuple[int, ...]


def word_range(pieces: Sequence[str], place: int) -> tuple[int, int]:
    """The first token of the word to which a token belongs, and the one behind its last."""
    found = next(group for group in joined([TextToken(piece) for piece in pieces]) if place in group)
    return found[0], found[-1] + 1


def word_tokens(tokenizer: "TextTokenizer", word: str, has_space: bool) -> tuple[int, ...]:
    """The tokens of a word within a text; a tokenizer that drops a text's first space puts one there by itself."""
    needs_space = has_space and not tokenizer.drops_first_space
    return tuple(tokenizer.encode(f" {word}" if needs_space else word, with_start=False))
