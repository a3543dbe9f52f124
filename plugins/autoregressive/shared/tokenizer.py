"""Cuts texts into tokens and says what tokens are: pairs of bytes that often stand together (arXiv 1508.07909)."""

from collections.abc import Sequence
from typing import Final, Self

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from studio.core.text.vocabulary import TextVocabulary

END: Final = "<|end|>"
"""Stands before every text and after it."""
END_ID: Final = 0


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
        pieces = tuple(b"" if name in (None, END) else bytes(map(_byte_of, name)) for name in names)
        self.vocabulary = TextVocabulary(pieces, frozenset((END_ID,)))

    @classmethod
    def learnt(cls, texts: Sequence[str], n_tokens: int) -> Self:
        """Learn at most `n_tokens` tokens from texts, `END` included."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=n_tokens,
            special_tokens=[END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        return cls(tokenizer)

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


def _byte_of(char: str) -> int:
    """The byte behind a character: printable ones are themselves, the others follow from 256 on (GPT-2, 2019)."""
    return _BYTES[char]


_PLAIN: Final = [*range(33, 127), *range(161, 173), *range(174, 256)]
_OTHERS: Final = [byte for byte in range(256) if byte not in _PLAIN]
_BYTES: Final = {chr(byte): byte for byte in _PLAIN} | {chr(256 + at): byte for at, byte in enumerate(_OTHERS)}
