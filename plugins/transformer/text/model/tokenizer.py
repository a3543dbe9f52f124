"""Cuts text into tokens and joins them; no torch, so panels use it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tokenizers import Tokenizer, models

from studio.core.text.byte_tokens import BYTES, END_ID
from studio.core.text.foreign_tokenizer import tokens_of
from studio.core.text.piece_tokenizer import piece_bytes
from studio.core.text.vocabulary import TextVocabulary
from studio.core.text.word_pieces import WordVocabulary, word_bytes


@dataclass(frozen=True)
class Specials:
    """The tokens that are no text.

    Attributes:
        start: what a text begins with, None where the model has no such token.
        ends: what a text ends with; empty where the model has no such token.
        adds_start: whether a prompt is to begin with it.
    """

    start: int | None = None
    ends: frozenset[int] = frozenset()
    adds_start: bool = False


class TextTokenizer:
    """Text to the numbers of its tokens and back, for tokens of bytes and of characters alike.

    Attributes:
        specials: the tokens that are no text.
        n_tokens: how many tokens there are; their numbers are below.
        drops_first_space: whether a text does not begin with the space that its first token has.
    """

    def __init__(self, tokenizer: Tokenizer, specials: Specials = Specials(), n_known: int | None = None) -> None:
        """Take a tokenizer of the library; `n_known` is how many tokens the model knows, where they are fewer."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.specials = specials
        self.n_tokens = _count(tokenizer)
        self._n_known = self.n_tokens if n_known is None else n_known
        decoder = json.loads(tokenizer.decoder.__getstate__()) if tokenizer.decoder is not None else {}
        parts = decoder.get("decoders", [decoder])
        words = tokenizer.model if isinstance(tokenizer.model, models.WordPiece) else None
        self._goes_on: str | None = None if words is None else words.continuing_subword_prefix
        self._is_of_bytes = any(part.get("type") == "ByteLevel" for part in parts)
        self.drops_first_space = self.is_of_words or any(
            (part.get("type") == "Strip" and part.get("start") == 1)
            or (part.get("type") == "Metaspace" and part.get("prepend_scheme") != "never")
            for part in parts
        )

    @property
    def is_of_words(self) -> bool:
        """Whether its tokens are words and pieces of words (WordPiece), between which spaces are forgotten."""
        return self._goes_on is not None

    @property
    def library(self) -> Tokenizer:
        """The tokenizer of the library that does the work, to be written beside a network."""
        return self._tokenizer

    @cached_property
    def _added(self) -> dict[int, str]:
        """The texts of tokens that are found before everything else, special or not."""
        return {number: token.content for number, token in self._tokenizer.get_added_tokens_decoder().items()}

    @cached_property
    def _special(self) -> frozenset[int]:
        found = self._tokenizer.get_added_tokens_decoder().items()
        return frozenset(number for number, token in found if token.special) | self.specials.ends

    @property
    def opening(self) -> list[int]:
        """What stands before a text that is empty: the start, else an end, else nothing."""
        if self.specials.start is not None:
            return [self.specials.start]
        return sorted(self.specials.ends)[:1]

    def encode(self, text: str, with_start: bool = True) -> list[int]:
        """The tokens of a text; `with_start` puts the start before it where the model wants one and it is not there.

        Names of special tokens in the text become these tokens.

        Raises:
            UserError: the model does not know one of the tokens.
        """
        whole = text.encode("utf-8", "replace").decode()  # half a pair of surrogates stands for nothing
        ids = tokens_of(self._tokenizer, whole, self._n_known)
        start = self.specials.start
        if not with_start or not self.specials.adds_start or start is None or ids[:1] == [start]:
            return ids
        return [start, *ids]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; what is special says nothing, and broken characters become question marks."""
        return b"".join(self.pieces([one for one in ids if not self.is_special(one)])).decode("utf-8", "replace")

    def pieces(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes that each token adds to the text; joined they are the text, a special one is its name."""
        pieces = [self.token_bytes(number) for number in ids]
        first = next((place for place, number in enumerate(ids) if not self.is_special(number)), None)
        if self.drops_first_space and first is not None:
            pieces[first] = pieces[first].removeprefix(b" ")
        return pieces

    def token_bytes(self, number: int) -> bytes:
        """The bytes that a token stands for, wherever it stands; the name of a special one."""
        if number in self._added:
            return self._added[number].encode()
        name = self._tokenizer.id_to_token(number)
        if name is None:
            return b""  # models have more rows than tokens, for the sake of round numbers
        if self._goes_on is not None:
            return word_bytes(name, self._goes_on)
        if self._is_of_bytes:
            return b"".join(_byte_of(char) for char in name)
        return piece_bytes(name)

    def vocabulary(self) -> tuple[bytes, ...]:
        """The bytes of every token by its number; none for what is special or no token at all."""
        return tuple(b"" if self.is_special(one) else self.token_bytes(one) for one in range(self.n_tokens))

    def is_special(self, number: int) -> bool:
        """Whether a token is no text, such as the end."""
        return number in self._special or number == self.specials.start

    def find(self, name: str) -> int | None:
        """The number of the token of this name."""
        number: int | None = self._tokenizer.token_to_id(name)
        return number


def _count(tokenizer: Tokenizer) -> int:
    return max(tokenizer.get_vocab_size(), 1 + max(tokenizer.get_added_tokens_decoder(), default=-1))


def _byte_of(char: str) -> bytes:
    """The byte behind a character of a byte-level vocabulary; characters that are none stand for themselves."""
    number = BYTES.get(char)
    return char.encode() if number is None else bytes([number])


def own_tokenizer(tokenizer: Tokenizer) -> TextTokenizer:
    """The same as the family uses it: texts begin and end with `END`."""
    return TextTokenizer(tokenizer, Specials(END_ID, frozenset((END_ID,)), True))


def vocabulary_of(tokenizer: TextTokenizer) -> TextVocabulary:
    """The tokens of a model; marks such as the end say nothing."""
    pieces = tuple(
        b"" if tokenizer.is_special(number) else tokenizer.token_bytes(number) for number in range(tokenizer.n_tokens)
    )
    kind = WordVocabulary if tokenizer.is_of_words else TextVocabulary
    return kind(pieces, tokenizer.specials.ends, tokenizer.drops_first_space)
