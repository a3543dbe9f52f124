"""Draws faces by their seeds and keeps those that pass: real enough for the detective, no copy of a training picture.

K labels, H W pixels.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import limited_threads
from studio.api.training import NearestPictures, near_pictures
from studio.core.seed import MAX_SEED

from .augment_settings import AugmentSettings
from .augment_table import Sample
from .grid_call import batches, faces
from .nearest_call import SET
from .nearest_labels import kind_names, read_drawn
from .people_preview import byte_pictures
from .people_scene import PeopleScene

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

TRIES: Final = 4
"""How many faces are tried for each one that is wanted."""


@dataclass(frozen=True, eq=False)
class Tried:
    """News: how many faces were tried so far, and the one that has just passed, if one has."""

    n_tried: int
    sample: Sample | None = None


def passes(share: float, distance: float, settings: AugmentSettings) -> bool:
    """Whether a face may be kept."""
    return share >= settings.least_share and distance >= settings.least_distance


def sampling(
    engine: "PeopleEngine", scene: PeopleScene, settings: AugmentSettings, n: int
) -> Generator[Tried, None, None]:
    """Yield after every face that was tried, from the scene's seed upwards, until n have passed or 4 n were tried."""
    yield Tried(0)
    known = yield from _known()
    first, n_tried, n_passed = scene.params.seed, 0, 0
    seeds = [(first + k) % (MAX_SEED + 1) for k in range(TRIES * n)]
    for batch in batches(engine, seeds):
        drawn = faces(engine, scene, batch)
        yield Tried(n_tried)
        for seed, picture in zip(batch, drawn, strict=True):
            sample = judged(engine, seed, picture[None], known, settings)
            n_tried, n_passed = n_tried + 1, n_passed + (sample is not None)
            yield Tried(n_tried, sample)
            if n_passed == n:
                return


def _known() -> Generator[Tried, None, NearestPictures]:
    steps = near_pictures(SET)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            known: NearestPictures = end.value
            return known
        yield Tried(0)


@torch.inference_mode()
def judged(
    engine: "PeopleEngine", seed: int, picture: Tensor, known: NearestPictures, settings: AugmentSettings
) -> Sample | None:
    """A picture (1, 3, 64, 64), about -1 to 1, with what is said of it; None where it does not pass.

    The detective looks at each by itself, as it did for the card. Without one everything is real enough.
    """
    with limited_threads(1):
        share = 1.0 if engine.verdict is None else engine.real_share(float(engine.verdict.scores(picture)[0]))
    if share < settings.least_share:
        return None
    pixels = byte_pictures(picture)[0]
    distance = float(known.find(pixels)[1][0])
    if not passes(share, distance, settings):
        return None
    reading = read_drawn(picture)
    classes = reading.classes[0]
    confidence = float(np.min(reading.sureness[0]))
    return Sample(seed, pixels, classes, kind_names(classes), confidence, share, distance)
