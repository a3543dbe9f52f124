"""What is changed in a decoder while it reads: heads, layers and words that are off, and what steers it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_

from .steering import Steering

NOT_STEERED: Final = Steering()
_HEAD: Final = re.compile(r"head (\d{1,4})\.(\d{1,4})")
_LAYER: Final = re.compile(r"layer (\d{1,4})")
_ADAPTER: Final = "fine-tuning"
_WORD: Final = re.compile(r"word (\d{1,7})")


@dataclass(frozen=True)
class AblationMask:
    """What is off; all counted from 0.

    Attributes:
        heads: (layer, head) pairs, whose output is nothing.
        layers: whose attention and MLP add nothing to the residual stream.
        words: positions of tokens that no later token may look at.
        adapter: whether what a fine-tuned model learnt last is off.
        steering: what is added to the residual stream.
    """

    heads: frozenset[tuple[int, int]] = frozenset()
    layers: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset()
    adapter: bool = False
    steering: Steering = NOT_STEERED

    def __bool__(self) -> bool:
        return bool(self.heads or self.layers or self.words or self.adapter or self.steering.vectors)

    def heads_of(self, layer: int) -> tuple[int, ...]:
        """The heads of a layer that are off, in order."""
        return tuple(sorted(head for its_layer, head in self.heads if its_layer == layer))

    @property
    def text(self) -> str:
        """As a parameter: "head 3.5, layer 2, word 12", counted from 1 as in the panel; `ablation_mask_of` reads it."""
        heads = [f"head {layer + 1}.{head + 1}" for layer, head in sorted(self.heads)]
        layers = [f"layer {layer + 1}" for layer in sorted(self.layers)]
        words = [f"word {word + 1}" for word in sorted(self.words)]
        return ", ".join([*heads, *layers, *words, *([_ADAPTER] if self.adapter else [])])


def ablation_mask_of(text: str) -> AblationMask:
    """Read "head 3.5, layer 2, word 12"; raises UserError at anything else."""
    every = [part.strip() for part in text.split(",") if part.strip()]
    parts = [part for part in every if part != _ADAPTER]
    heads = frozenset((int(m[1]) - 1, int(m[2]) - 1) for m in _matches(_HEAD, parts))
    layers = frozenset(int(m[1]) - 1 for m in _matches(_LAYER, parts))
    words = frozenset(int(m[1]) - 1 for m in _matches(_WORD, parts))
    known = len(list(_matches(_HEAD, parts)) + list(_matches(_LAYER, parts)) + list(_matches(_WORD, parts)))
    lowest = min([*layers, *words, *(n for pair in heads for n in pair), 0])
    if known != len(parts) or lowest < 0:
        raise UserError(
            N_("“{text}” does not say what to switch off.").format(text=text[:60]),
            N_("Write “head 3.5, layer 2, word 12”: layer and head, a layer, or a word, counted from 1."),
        )
    return AblationMask(heads, layers, words, len(parts) < len(every))


def _matches(form: re.Pattern[str], parts: Iterable[str]) -> list[re.Match[str]]:
    return [found for part in parts if (found := form.fullmatch(part))]
