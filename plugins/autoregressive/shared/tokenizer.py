"""Cuts texts into tokens and says what tokens are: pairs of bytes that often stand together (arXiv 1508.07909)."""

from collections.abc import Sequence
from typing import Self

from tokenizers import Tokenizer

from studio.core.text.byte_tokens import BYTES, END, END_ID, learnt_tokenizer
from studio.core.text.vocabulary import TextVocabulary


class TextCutter:
    """Text to the numbers of its tokens; any text can be cut, since every byte is a token.

    Attributes:
        vocabulary: what the tokens say.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        names = (tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size()))
        pieces = tuple(b"" if name in (None, END) else bytes(map(BYTES.__getitem__, name)) for name in names)
        self.vocabulary = TextVocabulary(pieces, frozenset((END_ID,)))

    @classmethod
    def learnt(cls, texts: Sequence[str], n_tokens: int) -> Self:
        """Learn at most `n_tokens` tokens from texts, `END` included."""
        return cls(learnt_tokenizer(texts, n_tokens))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Take what `to_text` gave; raises what the library raises where that is damaged."""
        return cls(Tokenizer.from_str(text))

    def to_text(self) -> str:
        """All of it as JSON."""
        text: str = self._tokenizer.to_str()
        return text

    @property
    def n_tokens(self) -> int:
        """How many tokens there are."""
        return len(self.vocabulary.pieces)

    def encode(self, text: str) -> list[int]:
        """The tokens of a text; `END` in it is that token."""
        whole = text.encode("utf-8", "replace").decode()  # half a pair of surrogates stands for nothing
        ids: list[int] = self._tokenizer.encode(whole, add_special_tokens=False).ids
        return ids
