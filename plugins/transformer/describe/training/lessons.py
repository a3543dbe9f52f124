"""Batches of faces with sentences about them, questions and answers, as tokens; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.training import Avatars
from studio.core.seed import generator
from studio.core.text.byte_tokens import END_ID

from ...text.model.tokenizer import TextTokenizer
from ..words import LABELS, pieces_of
from .questions import Asked, FaceQuestions, face_of

PADDING: Final = -100
"""What follows a token that is given, or the end; counts in no loss."""
NOTHING: Final = -1
N_PAIR_QUESTIONS: Final = 2
"""Put to both faces of a pair."""


@dataclass(frozen=True)
class Told:
    """A text about the picture in a row: a question or nothing, and what follows it with the label that it tells."""

    row: int
    question: str
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts about pictures.

    Attributes:
        rows: the picture of each, (N,). given: its tokens behind an end, (N, T). following: what is to follow, (N, T).
        about: the number of the label that each of these tells, (N, T), `NOTHING` for none.
    """

    rows: Tensor
    given: Tensor
    following: Tensor
    about: Tensor


@dataclass(frozen=True, eq=False)
class FaceLessons:
    """Draws batches of faces by number.

    Attributes:
        n_faces: in a batch, an even number.
    """

    avatars: Avatars
    cutter: TextTokenizer
    n_faces: int
    seed: int
    device: torch.device
    _questions: FaceQuestions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_questions", FaceQuestions(self.avatars.labels))

    def draw(self, number: int) -> tuple[Tensor, Texts, Texts, Texts]:
        """Pictures (B, 3, 64, 64) in 0..1, a sentence about each, and questions with answers, the short ones first."""
        random = generator(self.seed, "faces", number)
        chosen = random.choice(len(self.avatars.labels), self.n_faces, replace=False)
        pieces = [pieces_of(face_of(self.avatars.labels[at]), random) for at in chosen]
        place = {int(at): row for row, at in enumerate(chosen)}
        half, asked = self.n_faces // 2, list[Asked]()
        for first, second in zip(chosen[:half].tolist(), chosen[half:].tolist(), strict=True):
            for _ in range(N_PAIR_QUESTIONS):
                asked += self._questions.of_pair(first, second, random)
        names = list(LABELS)
        asked += [self._questions.what(int(at), names[int(random.integers(len(names)))], random) for at in chosen]
        questions = [Told(place[one.row], one.question, ((f" {one.answer}", one.label),)) for one in asked]
        questions.sort(key=lambda one: len(one.question))
        middle = len(questions) // 2
        sentences = [Told(row, "", tuple(some)) for row, some in enumerate(pieces)]
        pictures = as_pictures(self.avatars.pictures[chosen], self.device)
        parts = (sentences, questions[:middle], questions[middle:])
        said, short, long = (texts_of(self.cutter, some, self.device) for some in parts)
        return pictures, said, short, long


def as_pictures(pixels: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    """Pictures (B, 64, 64, 3) uint8 as the network reads them, (B, 3, 64, 64) in 0..1."""
    return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 255


def texts_of(cutter: TextTokenizer, told: Sequence[Told], device: torch.device) -> Texts:
    """Texts as tokens."""
    names = list(LABELS)
    cut = []
    for one in told:
        asked = cutter.encode(one.question, False) if one.question else []
        said = [(token, label) for text, label in one.pieces for token in cutter.encode(text, False)]
        cut.append((asked, [*said, (END_ID, "")]))
    length = max(len(asked) + len(said) for asked, said in cut)
    given = np.full((len(cut), length), END_ID, np.int64)
    following, about = np.full_like(given, PADDING), np.full_like(given, NOTHING)
    for row, (asked, said) in enumerate(cut):
        whole = [END_ID, *asked, *(token for token, _ in said)]
        given[row, : len(whole) - 1] = whole[:-1]
        following[row, len(asked) : len(whole) - 1] = [token for token, _ in said]
        about[row, len(asked) : len(whole) - 1] = [names.index(label) if label else NOTHING for _, label in said]
    rows = torch.tensor([one.row for one in told])
    return Texts(*(one.to(device) for one in (rows, *map(torch.from_numpy, (given, following, about)))))
