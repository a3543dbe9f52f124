"""The tokens of a model as the panel needs them: the bytes of each one, so that it reads a trace by itself."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from studio.core.translation import N_, translate

END: Final = N_("‹end of the text›")
MARK: Final = N_("‹mark›")


@dataclass(frozen=True, eq=False)
class TextVocabulary:
    """Attributes:
    pieces: the UTF-8 bytes of every token, maybe a part of a character; none for marks such as the end.
    ends: the marks after which a text is over.
    drops_first_space: whether a text does not begin with the space that its first token has.
    note: a sentence for people about how a text is read, "" where there is nothing to say.
    """

    pieces: tuple[bytes, ...]
    ends: frozenset[int] = frozenset()
    drops_first_space: bool = False
    note: str = ""

    def piece(self, token: int) -> bytes:
        """The bytes of a token; none for a row of the model that stands for no token."""
        return self.pieces[token] if 0 <= token < len(self.pieces) else b""

    def texts(self, tokens: Iterable[int], begins: bool = True) -> list[str]:
        """What each token adds to a text: a character in several tokens comes with its last one.

        Bytes that are no UTF-8 become U+FFFD. `begins` says whether nothing stands before the text.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        found = [decoder.decode(self.piece(token)) for token in tokens]
        first = next((place for place, text in enumerate(found) if text), None)
        if self.drops_first_space and begins and first is not None:
            found[first] = found[first].removeprefix(" ")
        return found

    def name(self, token: int) -> str:
        """A token alone, where it may be a part of a character; marks have no letters, and are named."""
        return self.piece(token).decode("utf-8", "replace") or self.mark(token)

    def mark(self, token: int) -> str:
        """What a token without letters is called; nothing for one that has some."""
        return "" if self.piece(token) else translate(END if token in self.ends else MARK)

    def find(self, word: str) -> int | None:
        """The token that is exactly this word, with a space before it where that exists; None where none is."""
        for form in (f" {word.strip()}", word.strip(), word):
            if form and form.encode() in self._numbers:
                return self._numbers[form.encode()]
        return None

    @cached_property
    def _numbers(self) -> dict[bytes, int]:
        return {piece: number for number, piece in reversed(list(enumerate(self.pieces)))}


class Spelling:
    """Spells a text token by token, as `TextVocabulary.texts` does it at once."""

    def __init__(self, vocabulary: TextVocabulary) -> None:
        self._vocabulary = vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._drops_space = vocabulary.drops_first_space

    def next(self, token: int) -> str:
        """What the next token adds."""
        text = self._decoder.decode(self._vocabulary.piece(token))
        if text and self._drops_space:
            text, self._drops_space = text.removeprefix(" "), False
        return text
