"""The tokens that a server was heard to use: nobody knows its vocabulary, so each is numbered by its own bytes.

A recording carries the spelling of all that it shows, so that it is read without the server:
"spelling" uint8 (B,): the bytes of the tokens, one after the other; "spelled" int32 (N, 2): number and end of each.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State

OPENING: Final = 0
"""Stands at the beginning of every text, where nothing was written yet."""
END: Final = 1
_FIRST: Final = 16
_MOST: Final = 2**31 - _FIRST - 1


@dataclass(frozen=True, eq=False)
class HeardVocabulary(TextVocabulary):
    """Grows as tokens are heard; the number of a token is a hash of its bytes, the same in every run."""

    heard: dict[int, bytes] = field(default_factory=dict)

    def number(self, piece: bytes) -> int:
        """The number of a token with these bytes: of two with one hash the later one gets the next that is free."""
        for salt in range(_MOST):
            digest = hashlib.blake2b(piece, digest_size=8, salt=salt.to_bytes(4, "little")).digest()
            number = _FIRST + int.from_bytes(digest, "little") % _MOST
            if self.heard.setdefault(number, piece) == piece:
                return number
        raise AssertionError("more tokens than numbers")

    def piece(self, token: int) -> bytes:
        """The bytes of a token; none for the opening, the end, and what was never heard."""
        return self.heard.get(token, b"")

    def mark(self, token: int) -> str:
        """What the opening and the end are called; nothing for a part of a character that a server spells as empty."""
        return super().mark(token) if token in (OPENING, END) else ""

    def find(self, word: str) -> int | None:
        """The number of a word, with a space before it: a server takes any."""
        return self.number(f" {word.strip()}".encode()) if word.strip() else None

    def learn(self, state: State) -> None:
        """Take the spelling of a recording; raises UserError where it is unsound."""
        if "spelling" not in state or "spelled" not in state:
            raise UserError(N_("This frame cannot be continued: it was made by another model."))
        spelled = np.asarray(state["spelled"], np.int32).reshape(-1, 2)
        if all(number in self.heard for number in spelled[:, 0].tolist()):
            return  # as with every frame of a run that was written just now
        letters, first = np.asarray(state["spelling"], np.uint8).tobytes(), 0
        for number, end in spelled.tolist():
            if self.heard.setdefault(number, letters[first:end]) != letters[first:end]:
                raise UserError(N_("Two words of this server cannot be told apart here."), N_("Begin another text."))
            first = end

    def spelled(self, tokens: Iterable[int], first: int = 0) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The arrays "spelling" and "spelled" of some tokens, behind `first` bytes of others."""
        letters, rows = bytearray(), []
        for token in filter(self.piece, tokens):
            letters += self.piece(token)
            rows.append((token, first + len(letters)))
        return np.frombuffer(bytes(letters), np.uint8), np.array(rows, np.int32).reshape(-1, 2)


def learn_spelling(vocabulary: TextVocabulary, state: State) -> None:
    """Let a vocabulary of a server know the tokens of a recording; does nothing for one that knows all its tokens."""
    if isinstance(vocabulary, HeardVocabulary) and "spelling" in state:
        vocabulary.learn(state)


def heard_vocabulary() -> HeardVocabulary:
    """One that has heard nothing yet."""
    return HeardVocabulary((), frozenset({END}))
