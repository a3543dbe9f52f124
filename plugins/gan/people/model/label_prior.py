"""What a face shall have: what words say, and where they leave it open, labels drawn as often as the data has them.

The frequencies stand in the model's card as {label: [share of each class]}.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.api.training import AVATAR_LABELS
from studio.core.seed import generator
from studio.core.text.face_reading import read_prompt

Frequencies = Mapping[str, Sequence[float]]
IntArray = npt.NDArray[np.int64]


def frequencies_of(labels: npt.NDArray[np.integer[Any]], known: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """How often each class of each label is among labels (N, K)."""
    columns = zip(known.items(), labels.T, strict=True)
    return {
        name: [float(np.mean(column == number)) for number in range(len(kinds))] for (name, kinds), column in columns
    }


def chance_labels(frequencies: Frequencies, seed: int) -> IntArray:
    """The labels (K,) of a seed."""
    random = generator(seed, "face labels")
    return np.array([_drawn(shares, random.random()) for shares in frequencies.values()], np.int64)


def _drawn(shares: Sequence[float], lot: float) -> int:
    edges = np.cumsum(shares) / max(float(np.sum(shares)), 1e-9)
    return min(int(np.searchsorted(edges, lot, side="right")), len(edges) - 1)


def conditioning_labels(frequencies: Frequencies, words: str, seed: int) -> IntArray:
    """The labels (K,) of a seed, where the words leave them open."""
    labels = chance_labels(frequencies, seed)
    said = read_prompt(words).kinds if words else {}
    for column, (name, known) in enumerate(AVATAR_LABELS.items()):
        numbers = [known.index(kind) for kind in said.get(name, ()) if kind in known]
        if numbers and labels[column] not in numbers:
            labels[column] = numbers[seed % len(numbers)]
    return labels
