"""SMILES as a row of pieces: frequent strings of atoms, bonds and brackets, each one token.

SMILES: Weininger 1988. Byte pair encoding: Sennrich et al. 2016 (arXiv 1508.07909); over SMILES: Li and Fourches 2021.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

END: Final = 0
"""Stands before the first piece, behind the last, and where nothing is."""
_NOT_BEFORE: Final = {"C": "(?!l)", "B": "(?!r)"}
"""A piece that ends in carbon must not cut chlorine in two."""
N_COUNTED: Final = 2000
_ATOM: Final = re.compile(r"\[[^\]]+\]|Br|Cl|.")


class UnknownPieceError(ValueError):
    """A SMILES has a sign that the model never saw.

    Attributes:
        place: where, counted from 0.
    """

    def __init__(self, place: int) -> None:
        super().__init__(f"no piece begins at {place}")
        self.place = place


class Pieces:
    """Cuts SMILES into the longest pieces from the left, and joins them again."""

    def __init__(self, pieces: Sequence[str]) -> None:
        """Take the pieces by their numbers from 1 on; 0 is END."""
        self.texts = ("", *pieces)
        self._numbers = {text: number for number, text in enumerate(self.texts) if text}
        longest_first = sorted(pieces, key=len, reverse=True)
        self._cut = re.compile("|".join(re.escape(text) + _NOT_BEFORE.get(text[-1], "") for text in longest_first))

    def __len__(self) -> int:
        return len(self.texts)

    def encode(self, smiles: str) -> list[int]:
        """The numbers of the pieces of a SMILES.

        Raises:
            UnknownPieceError: some of it is in no piece.
        """
        numbers, place = [], 0
        for found in self._cut.finditer(smiles):
            if found.start() != place:
                break
            numbers.append(self._numbers[found[0]])
            place = found.end()
        if place != len(smiles):
            raise UnknownPieceError(place)
        return numbers

    def decode(self, numbers: Sequence[int]) -> str:
        """The SMILES of pieces up to the first END."""
        texts = []
        for number in numbers:
            if number == END:
                break
            texts.append(self.texts[number])
        return "".join(texts)


def learn_pieces(smiles: Sequence[str], n_pieces: int) -> list[str]:
    """All single signs, then the pairs that are most frequent, joined again and again, up to `n_pieces`.

    Pairs are counted in some molecules from all over the row, signs in all of them.
    """
    pieces = sorted({sign for text in smiles for sign in _ATOM.findall(text)})
    rows = [_ATOM.findall(text) for text in smiles[:: 1 + len(smiles) // N_COUNTED]]
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for pair in pairwise(row):
            pairs[pair] += 1
            where[pair].add(number)
    while len(pieces) < n_pieces:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        pieces.append("".join(best))
        for number in where.pop(best):
            pairs.subtract(pairwise(rows[number]))
            rows[number] = _joined(rows[number], best)
            for pair in pairwise(rows[number]):
                pairs[pair] += 1
                where[pair].add(number)
    return pieces


def _joined(row: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined, place = [], 0
    while place < len(row):
        is_pair = tuple(row[place : place + 2]) == pair
        joined.append("".join(pair) if is_pair else row[place])
        place += 2 if is_pair else 1
    return joined
