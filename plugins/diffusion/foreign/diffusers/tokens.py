"""Prompts in the tokens that a text encoder knows, and which word each of them belongs to.

L_p tokens with padding.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Tokenised:
    """A prompt in tokens.

    Attributes:
        ids: (L_p,) with start, end and padding.
        words: as they stand in the prompt, as far as they fit.
        owners: (L_p,) which word each token belongs to, -1 for start, end and padding.
        text: the prompt as far as it fits.
    """

    ids: tuple[int, ...]
    words: tuple[str, ...]
    owners: tuple[int, ...]
    text: str


class WordTokenizer(ABC):
    """Cuts a prompt into tokens. Attributes: n_tokens: L_p."""

    def __init__(self, tokenizer: Any, n_tokens: int) -> None:
        self._tokenizer, self.n_tokens = tokenizer, n_tokens

    @abstractmethod
    def _ends_word(self, token: str, following: str) -> bool:
        """Whether what follows a token is another word."""

    def tokenise(self, text: str) -> Tokenised:
        """Cut a prompt; what is longer than the encoder takes is left out."""
        encoded = self._tokenizer(
            text, padding="max_length", max_length=self.n_tokens, truncation=True, return_offsets_mapping=True
        )
        ids, spans = encoded["input_ids"], encoded["offset_mapping"]
        names = self._tokenizer.convert_ids_to_tokens(ids)
        special = encoded.encodings[0].special_tokens_mask
        words: list[tuple[int, int]] = []
        owners, last = [], ""
        for name, (start, end), is_special in zip(names, spans, special, strict=True):
            if is_special:
                owners.append(-1)
                continue
            is_inside = bool(words) and not self._ends_word(last, name)
            words[len(words) - is_inside :] = [(words[-1][0] if is_inside else start, end)]
            owners.append(len(words) - 1)
            last = name
        kept = text[: words[-1][1]] if words else ""
        is_whole = len(self._tokenizer(text)["input_ids"]) <= self.n_tokens
        shown = tuple(text[start:end] for start, end in words)
        return Tokenised(tuple(ids), shown, tuple(owners), text if is_whole else kept)
