"""What is on screen of a translation: words on both sides, and what each target word looked at. No torch, no Qt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text.token import TextToken, joined

from .state import SourceCut, TranslationTrace, TranslatorInfo

_CHIPS: Final = re.compile(r"\s*\S+|\s+$")
LETTERS: Final = re.compile(r"[^\W\d_]+")


def chips_of(text: str) -> tuple[str, ...]:
    """A text word by word, each with the space before it."""
    return tuple(_CHIPS.findall(text))


def chip_of_tokens(pieces: Sequence[str], chips: Sequence[str]) -> list[int]:
    """The chip that each token stands in, by the letters before it, whatever spaces there are; -1 for none."""
    owners = [number for number, chip in enumerate(chips) for char in chip if not char.isspace()]
    found, place = [], 0
    for piece in pieces:
        n_letters = sum(not char.isspace() for char in piece)
        found.append(owners[place] if n_letters and place < len(owners) else -1)
        place += n_letters
    return found


def unseen_chips(chips: Sequence[str], words: frozenset[str]) -> frozenset[int]:
    """The words that the model has never read; none where it is not known what it has."""
    if not words:
        return frozenset()
    return frozenset(
        number for number, chip in enumerate(chips) if any(one not in words for one in LETTERS.findall(chip.lower()))
    )


@dataclass(frozen=True, eq=False)
class TranslationView:
    """A frame as it is read.

    Attributes:
        text: what is translated. chips: its words. unseen: those never read.
        tokens: the best lane. words: the numbers of the tokens of each of its words.
        looks: how much each target word looked at each source word, (target words, source words).
        n_read: how many words of the text were read; the others were too many.
    """

    text: str
    chips: tuple[str, ...]
    unseen: frozenset[int]
    tokens: tuple[TextToken, ...]
    words: tuple[tuple[int, ...], ...]
    looks: npt.NDArray[np.float32]
    n_read: int

    def word_at(self, token: int) -> int:
        """The word that a token of the translation belongs to; -1 for none."""
        return next((number for number, word in enumerate(self.words) if token in word), -1)

    def glow_of_source(self, token: int) -> list[float]:
        """How much each source word was looked at for the word of a target token; nothing where there is none."""
        word = self.word_at(token)
        return [] if word < 0 else self.looks[word].tolist()

    def glow_of_target(self, chip: int) -> list[float]:
        """How much each target token looked at a source word."""
        if not 0 <= chip < len(self.chips):
            return []
        shares = {token: float(self.looks[number, chip]) for number, word in enumerate(self.words) for token in word}
        return [shares.get(token, 0.0) for token in range(len(self.tokens))]


def view_of(trace: TranslationTrace, info: TranslatorInfo, prompt: str, task: str = "") -> TranslationView:
    """Read a frame; its source is shown as it was typed where it is that of the prompt."""
    text, chips, owners, is_whole = _source(trace, info, prompt, task)
    tokens = trace.tokens(info.vocabulary)
    words = tuple(joined(tokens))
    looks = np.zeros((len(words), len(chips)), np.float32)
    for number, word in enumerate(words):
        for token in word:
            for share, owner in zip(trace.look(token), owners, strict=False):
                if owner >= 0:
                    looks[number, owner] += share / len(word)
    n_read = len(chips) if is_whole else 1 + max(owners, default=-1)
    return TranslationView(text, chips, unseen_chips(chips, info.words), tokens, words, looks, n_read)


def _source(
    trace: TranslationTrace, info: TranslatorInfo, prompt: str, task: str
) -> tuple[str, tuple[str, ...], list[int], bool]:
    """The text of a source, its words, the word that each token stands in (-1 for none), and whether that is all."""
    cut = _cut(info, prompt, task)
    if cut is not None and list(cut.ids) == trace.source:
        chips = chips_of(prompt)
        letters = [number for number, chip in enumerate(chips) for char in chip if not char.isspace()]
        owners = [letters[spot] if 0 <= spot < len(letters) else -1 for spot in cut.spots]
        return prompt, chips, owners, cut.is_whole
    empty = _cut(info, "", task)
    lead = [] if empty is None else [one for one in empty.ids if one not in info.vocabulary.ends]
    n_lead = len(lead) if trace.source[: len(lead)] == lead else 0
    pieces = ["" for _ in range(n_lead)] + info.vocabulary.texts(trace.source[n_lead:-1])
    known = "".join(pieces)
    text = prompt if " ".join(prompt.split()).startswith(known) and known else known
    chips = chips_of(text)
    owners = chip_of_tokens(pieces, chips)
    return text, chips, owners, not text[len(known) :].strip() or max(owners, default=-1) == len(chips) - 1


def _cut(info: TranslatorInfo, text: str, task: str) -> SourceCut | None:
    """How a model reads a text for a task, None where that is not told or it has no such task."""
    try:
        return None if info.cut is None else info.cut(text, task)
    except UserError:
        return None
