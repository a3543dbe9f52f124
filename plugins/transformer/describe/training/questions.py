"""Questions about pairs of faces: each is put to both, and the answer is yes for one and no for the other.

So every wording has yes as often as no, and words alone tell nothing (Goyal et al. 2017, arXiv 1612.00837). No torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..words import BOTH, KNOWN_TRAITS, LABELS, NO, OPEN, YES, Face, answer_of

Numbers = npt.NDArray[np.int64]
PART, PARTS, WHAT = "part", "parts", "what"
"""Kinds of questions: whether a face has something, whether it has two things at once, and what something is."""
BOTH_SHARE: Final = 0.5


@dataclass(frozen=True)
class Asked:
    """A question about a face, by the number of its row; `label` is the one part that it asks about, "" for several."""

    row: int
    kind: str
    question: str
    answer: str
    label: str = ""


def face_of(labels: npt.NDArray[np.uint8]) -> Face:
    """A row of labels by their names."""
    return {name: kinds[int(one)] for (name, kinds), one in zip(LABELS.items(), labels, strict=True)}


class FaceQuestions:
    """Asks about faces with labels (N, L)."""

    def __init__(self, labels: npt.NDArray[np.uint8]) -> None:
        self.labels = labels
        names = list(LABELS)
        columns = [
            np.array([trait.truth(kind) for kind in LABELS[trait.label]], np.int8)[labels[:, names.index(trait.label)]]
            for trait in KNOWN_TRAITS
        ]
        self._truth = np.stack(columns, 1)  # (N, traits): 1, -1, or 0 where nobody could say
        self._label = np.array([names.index(trait.label) for trait in KNOWN_TRAITS])

    def of_pair(self, first: int, second: int, random: np.random.Generator) -> tuple[Asked, ...]:
        """One question, put to both; nothing where they are alike."""
        one, other = self._truth[first], self._truth[second]
        parting = np.flatnonzero(one * other == -1)
        if not len(parting):
            return ()
        trait = int(random.choice(parting))
        # What both have, and what the same one of the two has: either way one of them has both things.
        beside = np.flatnonzero((one + other == 2) | ((one == self._truth[first, trait]) & (one * other == -1)))
        beside = beside[self._label[beside] != self._label[trait]]
        if len(beside) and random.random() < BOTH_SHARE:
            kind, text = PARTS, _both(trait, int(random.choice(beside)), random)
        else:
            asks = KNOWN_TRAITS[trait].asks
            kind, text = PART, asks[int(random.integers(len(asks)))]
        label = KNOWN_TRAITS[trait].label if kind == PART else ""
        answers = (YES, NO) if one[trait] == 1 else (NO, YES)
        rows = zip((first, second), answers, strict=True)
        return tuple(Asked(row, kind, text, answer, label) for row, answer in rows)

    def what(self, row: int, label: str, random: np.random.Generator) -> Asked:
        """An open question about a label of a face."""
        wordings = OPEN[label]
        answer = answer_of(label, face_of(self.labels[row]))
        return Asked(row, WHAT, wordings[int(random.integers(len(wordings)))], answer, label)

    def balanced(self, n_pairs: int, n_each: int, random: np.random.Generator) -> Iterator[Asked]:
        """So many questions with yes or no of each kind, put to pairs; and of each answer to what is asked openly."""
        left = {PART: n_pairs, PARTS: n_pairs}
        while any(left.values()):
            first, second = (int(one) for one in random.integers(len(self.labels), size=2))
            asked = self.of_pair(first, second, random)
            if asked and left[asked[0].kind]:
                left[asked[0].kind] -= 1
                yield from asked
        for place, (label, kinds) in enumerate(LABELS.items()):
            for kind in range(len(kinds)):
                rows = np.flatnonzero(self.labels[:, place] == kind)
                for row in random.choice(rows, min(n_each, len(rows)), replace=False).tolist():
                    yield self.what(row, label, random)


def _both(one: int, other: int, random: np.random.Generator) -> str:
    names = [KNOWN_TRAITS[trait].names for trait in random.permutation([one, other])]
    template = BOTH[int(random.integers(len(BOTH)))]
    return template.format(*(some[int(random.integers(len(some)))] for some in names))
