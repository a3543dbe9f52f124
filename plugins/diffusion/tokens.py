"""Cuts a prompt into the words that a model knows; no torch, so that the panel uses it too."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer

NOTHING: Final = "[nothing]"
UNKNOWN: Final = "[unknown]"
MAX_WORDS: Final = 4096


@dataclass(frozen=True)
class Reading:
    """A prompt as a model takes it.

    Attributes:
        ids: the number of each piece; one NOTHING for a prompt without any.
        pieces: the words as they were typed, in order; as many as ids, or none.
        places: where each piece lies in the prompt, (start, end).
        unknown: the places of words that the model does not know.
        n_ignored: pieces beyond the longest prompt.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    unknown: tuple[tuple[int, int], ...]
    n_ignored: int


class WordTokenizer:
    """The words that a model knows, in lower case; every other word is read as one and the same unknown one."""

    def __init__(self, words: Iterable[str], n_pieces: int = 32) -> None:
        """Take the words in the order of their numbers; prompts are read up to `n_pieces`."""
        from tokenizers import Tokenizer, models  # 7 MB, which most models do without

        self.words = tuple(words)
        self.n_pieces = n_pieces
        numbers = {word: number for number, word in enumerate((NOTHING, UNKNOWN, *self.words))}
        self._tokenizer = Tokenizer(models.WordLevel(numbers, UNKNOWN))
        self._tokenizer.normalizer, self._tokenizer.pre_tokenizer = _cutting()

    def __len__(self) -> int:
        return len(self.words) + 2

    def read(self, prompt: str) -> Reading:
        """The pieces of a prompt, whatever it holds."""
        text = prompt.encode("utf-8", "replace").decode()  # half a pair of surrogates stands for nothing
        found = self._tokenizer.encode(text, add_special_tokens=False)
        ids, places = found.ids[: self.n_pieces], found.offsets[: self.n_pieces]
        unknown = tuple(place for number, place in zip(ids, places, strict=True) if number == 1)
        pieces = tuple(text[start:end] for start, end in places)
        return Reading(tuple(ids) or (0,), pieces, tuple(places), unknown, max(0, len(found.ids) - self.n_pieces))


def known_words(captions: Iterable[str]) -> tuple[str, ...]:
    """All words of some captions in alphabetical order: a vocabulary that knows each of them."""
    normalizer, cutter = _cutting()
    texts = [normalizer.normalize_str(caption) for caption in set(captions)]
    return tuple(sorted({word for text in texts for word, _ in cutter.pre_tokenize_str(text)}))


def _cutting() -> tuple["Normalizer", "PreTokenizer"]:
    """What makes a text even, and what cuts it into words."""
    from tokenizers import normalizers, pre_tokenizers

    return normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]), pre_tokenizers.Whitespace()
