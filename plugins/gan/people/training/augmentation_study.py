"""Draws faces and rejects those that do not pass; a small classifier learns with and without them.

N pictures, K labels, H W pixels.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import limited_threads
from studio.api.training import (
    AVATAR_LABELS,
    AVATARS_NAME,
    ClassObjective,
    Judge,
    JudgeConfig,
    Labelled,
    NearestPictures,
    Split,
    Training,
    TrainSettings,
    near_pictures,
    reading_small,
)
from studio.core.error import UserError
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ...shared.pictures import byte_pictures
from ..params import SampleExportSettings
from ..scene import PeopleScene
from ..state import FACES_SET, AugmentationEffect, ExportedFace
from .evaluation import kind_names, read_drawn_faces

if TYPE_CHECKING:
    from ..engine import PeopleEngine

TRIES: Final = 4
"""How many faces are tried for each one that is wanted."""
N_REAL, N_HELD_OUT, N_FORGED, N_LEAST = 200, 200, 400, 32
N_PICTURES: Final = 16
EVERY: Final = 20
SEED: Final = 611
_KINDS: Final = tuple(len(kinds) for kinds in AVATAR_LABELS.values())
CONFIG: Final = JudgeConfig(sum(_KINDS), 4, (32, 48, 64), n_channels=3, n_kinds=_KINDS)
SETTINGS: Final = TrainSettings(n_steps=300, learning_rate=3e-3, n_warmup=20, n_decay=150, weight_decay=1e-2)


@dataclass(frozen=True, eq=False)
class TriedFace:
    """News: how many faces were tried so far, and the one that has just passed, if one has."""

    n_tried: int
    sample: ExportedFace | None = None


def passes(share: float, distance: float, settings: SampleExportSettings) -> bool:
    """Whether a face may be kept."""
    return share >= settings.least_share and distance >= settings.least_distance


def sampling(
    engine: "PeopleEngine", scene: PeopleScene, settings: SampleExportSettings, n: int
) -> Generator[TriedFace, None, None]:
    """Yield after every face that was tried, from the scene's seed upwards, until n have passed or 4 n were tried."""
    yield TriedFace(0)
    known = yield from _known()
    first, n_tried, n_passed = scene.params.seed, 0, 0
    seeds = [(first + k) % (MAX_SEED + 1) for k in range(TRIES * n)]
    for batch in engine.batches(seeds):
        drawn = engine.faces(scene, batch)
        yield TriedFace(n_tried)
        for seed, picture in zip(batch, drawn, strict=True):
            sample = judged(engine, seed, picture[None], known, settings)
            n_tried, n_passed = n_tried + 1, n_passed + (sample is not None)
            yield TriedFace(n_tried, sample)
            if n_passed == n:
                return


def _known() -> Generator[TriedFace, None, NearestPictures]:
    steps = near_pictures(FACES_SET)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            known: NearestPictures = end.value
            return known
        yield TriedFace(0)


@torch.inference_mode()
def judged(
    engine: "PeopleEngine", seed: int, picture: Tensor, known: NearestPictures, settings: SampleExportSettings
) -> ExportedFace | None:
    """A picture (1, 3, 64, 64), about -1 to 1, with what is said of it; None where it does not pass.

    The discriminator looks at each by itself, as it did for the card. Without one everything is real enough.
    """
    with limited_threads(1):
        share = 1.0 if engine.verdict is None else engine.real_share(float(engine.verdict.scores(picture)[0]))
    if share < settings.least_share:
        return None
    pixels = byte_pictures(picture)[0]
    distance = float(known.find(pixels)[1][0])
    if not passes(share, distance, settings):
        return None
    reading = read_drawn_faces(picture)
    classes = reading.classes[0]
    confidence = float(np.min(reading.sureness[0]))
    return ExportedFace(seed, pixels, classes, kind_names(classes), confidence, share, distance)


@dataclass(frozen=True, eq=False)
class RealFaces:
    """Shipped faces with their true labels: the few that are learnt from, and those that are read."""

    learnt: Labelled
    held_out: Labelled


_real: list[RealFaces] = []


def real_faces() -> Generator[None, None, RealFaces]:
    """Read once; yields many times a second meanwhile."""
    if not _real:
        arrays: dict[str, Any] = yield from reading_small(AVATARS_NAME)
        parts = ((Split.TRAIN, N_REAL), (Split.VALIDATION, N_HELD_OUT))
        _real.append(RealFaces(*[_first(arrays, split, n) for split, n in parts]))
    return _real[0]


def _first(arrays: dict[str, Any], split: Split, n: int) -> Labelled:
    chosen = np.flatnonzero(arrays["splits"] == split.value)[:n]
    return labelled(arrays["pictures"][chosen], arrays["labels"][chosen])


def labelled(pictures: np.ndarray, labels: np.ndarray) -> Labelled:
    """Pictures (N, 64, 64, 3) uint8 and labels (N, K) as a classifier learns them."""
    channels_first = torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures, 3, 1)))
    return Labelled(channels_first, torch.from_numpy(labels.astype(np.int64)), is_full=False)


def joined(real: Labelled, forged: Labelled) -> Labelled:
    """Both together, the fewer ones repeated so that about half of what is drawn by chance is real."""
    n_times = max(1, round(len(forged.labels) / len(real.labels)))
    pictures = torch.cat([real.pictures.repeat(n_times, 1, 1, 1), forged.pictures])
    return Labelled(pictures, torch.cat([real.labels.repeat(n_times, 1), forged.labels]), is_full=False)


def study(
    engine: "PeopleEngine", scene: PeopleScene, settings: SampleExportSettings, n_steps: int = SETTINGS.n_steps
) -> Generator[AugmentationEffect, None, AugmentationEffect]:
    """Yield where the measurement stands; the labels of forged faces are those that the judge reads.

    Raises:
        UserError: too few samples pass.
    """
    effect = AugmentationEffect(N_REAL, 0, N_HELD_OUT, n_steps=n_steps)
    samples: list[ExportedFace] = []
    for news in sampling(engine, scene, settings, min(N_FORGED, settings.n)):
        if news.sample is not None:
            samples.append(news.sample)
        effect = replace(effect, n_forged=len(samples), n_tried=news.n_tried)
        yield effect
    if len(samples) < N_LEAST:
        raise UserError(
            N_("Only {n} of {tried:,} faces passed, too few to learn from.").format(
                n=len(samples), tried=effect.n_tried
            ),
            N_("Choose lower values for “Real enough” or “New enough”."),
        )
    real = yield from _waiting(effect)
    forged = labelled(np.stack([one.pixels for one in samples]), np.stack([one.classes for one in samples]))
    return (yield from compared(real, forged, effect))


def _waiting(effect: AugmentationEffect) -> Generator[AugmentationEffect, None, RealFaces]:
    steps = real_faces()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            real: RealFaces = end.value
            return real
        yield effect


def compared(
    real: RealFaces, forged: Labelled, effect: AugmentationEffect
) -> Generator[AugmentationEffect, None, AugmentationEffect]:
    """Teach both classifiers, alike but for what they learn from, step by step in turn."""
    settings = SETTINGS.shortened(effect.n_steps)
    trainings = [_training(examples, settings) for examples in (real.learnt, joined(real.learnt, forged))]
    runs = [training.run() for training in trainings]
    for step in range(1, effect.n_steps + 1):
        for run in runs:
            with limited_threads(1):  # such small networks gain nothing by a second one
                next(run)
            yield effect
        if step % EVERY == 0 or step == effect.n_steps:
            shares = []
            for training in trainings:
                assert isinstance(training.model, Judge)
                with limited_threads(1):
                    shares.append(share_right(training.model, real.held_out))
                yield effect
            effect = replace(
                effect,
                steps=(*effect.steps, step),
                without=(*effect.without, shares[0]),
                with_forged=(*effect.with_forged, shares[1]),
            )
            yield effect
    return effect


def _training(examples: Labelled, settings: TrainSettings) -> Training:
    device = torch.device("cpu")
    with torch.random.fork_rng([]):
        torch.manual_seed(SEED)
        judge = Judge(CONFIG)
    return Training(judge, ClassObjective(examples, N_PICTURES, SEED, device), settings, device)


@torch.no_grad()
def share_right(judge: Judge, examples: Labelled) -> float:
    """The share of all labels of pictures that a classifier reads right."""
    read: Tensor = judge.read(examples.pictures.float() / 255)
    return float((read == examples.labels).float().mean())
