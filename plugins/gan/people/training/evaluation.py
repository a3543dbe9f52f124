"""Measures generators of people on held-out faces, and reads with the judge of faces which labels pictures show.

What takes long is a generator function that yields several times a second. Shape letters: N samples, K labels, H W
pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.engine import limited_threads
from studio.api.recipe import Measuring
from studio.api.training import (
    AVATAR_LABELS,
    Judge,
    KernelDistance,
    Split,
    features_of,
    kernel_distance,
    load_avatars,
    load_judge,
    picture_likeness,
    random_judge,
)
from studio.core.card import Check
from studio.core.translation import N_

COMBINED: Final = ("hair", "beard", "mouth")
CONFIDENCE: Final = 0.8
PART: Final = 32
N_QUANTILES: Final = 101
N_WIDE: Final = 20_000
N_SUBSETS, SUBSET_SIZE = 100, 2000
JUDGED_LABELS = tuple(AVATAR_LABELS)
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


def in_unit(pictures: Tensor) -> Tensor:
    """Pictures, about -1 to 1, as they are shown, in [0, 1] with 256 levels."""
    return ((pictures.float() + 1) * 127.5).round().clamp(0, 255) / 255


def unit_pictures(pictures: np.ndarray) -> Tensor:
    """Pictures (N, H, W, 3) uint8 as (N, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pictures).movedim(3, 1).float() / 255


@torch.no_grad()
def wide_distance(judge: Judge, draw: Callable[[range], Tensor], n: int) -> Measuring[KernelDistance]:
    """The kernel distance of pictures of the seeds 0 to n - 1 from all test pictures; only their features are kept.

    `draw` gives pictures as a generator does, about -1 to 1. Of 2,000 pictures the distance depends more on which seeds
    they are of (deviation 1.6) than it differs between good generators.
    """
    parts = []
    for first in range(0, n, PART):
        parts.append(features_of(judge, in_unit(draw(range(first, min(first + PART, n))).cpu())))
        yield
    real = features_of(judge, unit_pictures(load_avatars(Split.TEST).pictures))
    yield
    return kernel_distance(real, torch.cat(parts), N_SUBSETS, min(SUBSET_SIZE, n))


@torch.no_grad()
def in_parts(draw: Callable[[range], Tensor], n: int) -> Measuring[Tensor]:
    """What `draw` makes of the seeds 0 to n - 1, part by part."""
    parts = []
    for first in range(0, n, PART):
        parts.append(draw(range(first, min(first + PART, n))).cpu())
        yield
    return torch.cat(parts)


@torch.no_grad()
def read_surely(judge: Judge, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """The class of each label, (N, K), and how sure the judge is of it, (N, K) in 0..1."""
    surest: list[Tensor] = []
    classes: list[Tensor] = []
    for part in torch.split(pictures, 500):
        chances = [logits.float().softmax(1).max(1) for logits in judge.split(judge(part))]
        surest.append(torch.stack([one.values for one in chances], 1))
        classes.append(torch.stack([one.indices for one in chances], 1))
    return torch.cat(classes), torch.cat(surest)


def coverage(judge: Judge, pictures: Tensor) -> tuple[float, int]:
    """The share of the combinations of hair, beard and mouth that appear where the judge is sure, and how many."""
    classes, sureness = read_surely(judge, pictures)
    columns = [list(AVATAR_LABELS).index(name) for name in COMBINED]
    is_sure = (sureness[:, columns] >= CONFIDENCE).all(1)
    found = torch.unique(classes[is_sure][:, columns], dim=0)
    n_all = int(np.prod([len(AVATAR_LABELS[name]) for name in COMBINED]))
    return len(found) / n_all, len(found)


def worst_frequency(judge: Judge, pictures: Tensor, labels: np.ndarray) -> float:
    """The largest factor by which a class of any label is rarer or more frequent than in labels (M, K) of the data."""
    classes, _ = read_surely(judge, pictures)
    worst = 1.0
    for column, kinds in enumerate(AVATAR_LABELS.values()):
        for kind in range(len(kinds)):
            drawn = max(float((classes[:, column] == kind).float().mean()), 1e-4)
            wanted = float(np.mean(labels[:, column] == kind))
            worst = max(worst, drawn / wanted, wanted / drawn)
    return worst


def people_checks(drawn: Tensor, has_floors: bool) -> Measuring[list[Check]]:
    """The lines of a card for pictures (N, 3, 64, 64) in [0, 1] of unpicked seeds."""
    judge, test, train = load_judge("avatars"), load_avatars(Split.TEST), load_avatars(Split.TRAIN)
    real = unit_pictures(test.pictures[: len(drawn)])
    seen = picture_likeness(judge, real, drawn)
    yield
    apart = picture_likeness(random_judge(judge.config), real, drawn)
    yield
    share, n_found = coverage(judge, drawn)
    factor = worst_frequency(judge, drawn, train.labels)
    least, most = (0.8, 2.0) if has_floors else (None, None)
    return [
        Check(N_("KID x 1,000"), seen.kernel_distance, None, False),
        Check(N_("KID x 1,000, deviation over subsets"), seen.kernel_deviation, None, False),
        Check(N_("Precision"), seen.precision),
        Check(N_("Recall"), seen.recall),
        Check(N_("KID x 1,000 by random features"), apart.kernel_distance, None, False),
        Check(N_("Precision by random features"), apart.precision),
        Check(N_("Recall by random features"), apart.recall),
        Check(N_("Combinations of hair, beard and mouth that appear, share"), share, least),
        Check(N_("Combinations of hair, beard and mouth that appear, of 120"), float(n_found)),
        Check(N_("Largest factor between a label’s frequency and the data’s"), factor, most, False),
    ]


def quantiles(scores: Tensor) -> list[float]:
    """The scores (N,) as 101 quantiles, the lowest first, rounded to be read off a plot."""
    places = torch.linspace(0, 1, N_QUANTILES)
    return [round(float(value), 3) for value in torch.quantile(scores.float().cpu(), places)]


@dataclass(frozen=True, eq=False)
class FaceReading:
    """Classes (N, K) and how sure the judge is of each, (N, K) in 0..1; columns as in AVATAR_LABELS."""

    classes: IntArray
    sureness: FloatArray


@cache
def face_judge() -> Judge:
    """The judge of faces, loaded once."""
    return load_judge("avatars")


def read_drawn_faces(pictures: Tensor) -> FaceReading:
    """Read drawn pictures (N, 3, 64, 64), about -1 to 1."""
    return _reading(in_unit(pictures).cpu())


def read_face_pixels(pixels: npt.NDArray[np.uint8]) -> FaceReading:
    """Read pictures (N, 64, 64, 3)."""
    return _reading(unit_pictures(pixels))


def _reading(pictures: Tensor) -> FaceReading:
    with limited_threads(1):  # a second one would wait for the first more than it helps
        classes, sureness = read_surely(face_judge(), pictures)
    return FaceReading(classes.numpy(), sureness.numpy())


def kind_names(classes: IntArray) -> dict[str, str]:
    """The name of each class (K,), by its label."""
    return {label: kinds[int(number)] for (label, kinds), number in zip(AVATAR_LABELS.items(), classes, strict=True)}
