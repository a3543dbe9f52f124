"""Teaches a small classifier a few real faces, once alone and once with forged ones beside them.

N pictures, K labels.
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
    Split,
    Training,
    TrainSettings,
    reading_small,
)
from studio.core.error import UserError
from studio.core.text import N_

from .augment_effect import Effect
from .augment_sampling import sampling
from .augment_settings import AugmentSettings
from .augment_table import Sample
from .people_scene import PeopleScene

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

N_REAL, N_HELD_OUT, N_FORGED, N_LEAST = 200, 200, 400, 32
N_PICTURES: Final = 16
EVERY: Final = 20
SEED: Final = 611
_KINDS: Final = tuple(len(kinds) for kinds in AVATAR_LABELS.values())
CONFIG: Final = JudgeConfig(sum(_KINDS), 4, (32, 48, 64), n_channels=3, n_kinds=_KINDS)
SETTINGS: Final = TrainSettings(n_steps=300, learning_rate=3e-3, n_warmup=20, n_decay=150, weight_decay=1e-2)


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
    engine: "PeopleEngine", scene: PeopleScene, settings: AugmentSettings, n_steps: int = SETTINGS.n_steps
) -> Generator[Effect, None, Effect]:
    """Yield where the measurement stands; the labels of forged faces are those that the judge reads.

    Raises:
        UserError: too few samples pass.
    """
    effect = Effect(N_REAL, 0, N_HELD_OUT, n_steps=n_steps)
    samples: list[Sample] = []
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
            N_("Ask for less under “Real enough” or “New enough”."),
        )
    real = yield from _waiting(effect)
    forged = labelled(np.stack([one.pixels for one in samples]), np.stack([one.classes for one in samples]))
    return (yield from compared(real, forged, effect))


def _waiting(effect: Effect) -> Generator[Effect, None, RealFaces]:
    steps = real_faces()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            real: RealFaces = end.value
            return real
        yield effect


def compared(real: RealFaces, forged: Labelled, effect: Effect) -> Generator[Effect, None, Effect]:
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
