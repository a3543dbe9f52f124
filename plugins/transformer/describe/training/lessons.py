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
from ..words import LABELS, sentence_of
from .questions import FaceQuestions, face_of

PADDING: Final = -100
"""What follows a token that is given, or the end; counts in no loss."""
N_PAIR_QUESTIONS: Final = 2
"""Put to both faces of a pair."""


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts about pictures.

    Attributes:
        rows: the picture of each, (N,). given: its tokens behind an end, (N, T). following: what is to follow, (N, T).
    """

    rows: Tensor
    given: Tensor
    following: Tensor


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
        sentences = [(row, "", sentence_of(face_of(self.avatars.labels[at]), random)) for row, at in enumerate(chosen)]
        place = {int(at): row for row, at in enumerate(chosen)}
        half, asked = self.n_faces // 2, []
        for first, second in zip(chosen[:half].tolist(), chosen[half:].tolist(), strict=True):
            for _ in range(N_PAIR_QUESTIONS):
                asked += self._questions.of_pair(first, second, random)
        names = list(LABELS)
        asked += [self._questions.what(int(at), names[int(random.integers(len(names)))], random) for at in chosen]
        questions = [(place[one.row], one.question, one.answer) for one in asked]
        pictures = as_pictures(self.avatars.pictures[chosen], self.device)
        questions.sort(key=lambda one: len(one[1]))
        middle = len(questions) // 2
        return pictures, *(self._texts(some) for some in (sentences, questions[:middle], questions[middle:]))

    def _texts(self, texts: Sequence[tuple[int, str, str]]) -> Texts:
        return texts_of(self.cutter, texts, self.device)


def as_pictures(pixels: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    """Pictures (B, 64, 64, 3) uint8 as the network reads them, (B, 3, 64, 64) in 0..1."""
    return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 255


def tokens_of(cutter: TextTokenizer, question: str, text: str) -> tuple[list[int], list[int]]:
    """A question and what follows it."""
    asked = cutter.encode(question, False) if question else []
    return asked, [*cutter.encode(f" {text}" if question else text, False), END_ID]


def texts_of(cutter: TextTokenizer, texts: Sequence[tuple[int, str, str]], device: torch.device) -> Texts:
    """Texts, each the row of its picture, a question or nothing, and what is to be written."""
    cut = [tokens_of(cutter, question, text) for _, question, text in texts]
    length = max(len(asked) + len(said) for asked, said in cut)
    given = np.full((len(cut), length), END_ID, np.int64)
    following = np.full((len(cut), length), PADDING, np.int64)
    for row, (asked, said) in enumerate(cut):
        whole = [END_ID, *asked, *said]
        given[row, : len(whole) - 1] = whole[:-1]
        following[row, len(asked) : len(whole) - 1] = said
    rows = torch.tensor([row for row, _, _ in texts])
    return Texts(rows.to(device), torch.from_numpy(given).to(device), torch.from_numpy(following).to(device))
