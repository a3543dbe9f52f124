"""Measures how much each named direction changes of everything that a judge reads in what is drawn.

Shapes: K directions, A measures, P places, D latent numbers.
"""

from collections.abc import Generator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from studio.api.training import Judge, load_judge
from studio.core.error import UserError
from studio.core.seed import standard_normal
from studio.core.translation import N_

from ...shared.side_effects import SideEffects
from .direction_search import SCALES, measure_faces

Array: TypeAlias = npt.NDArray[np.float64]
N_PLACES: Final = 100
N_AT_ONCE: Final = 4
JUDGED_PX: Final = 64
SEED: Final = 71


def measured_side_effects(
    engine: Any, n_directions: int, n_places: int = N_PLACES
) -> Generator[None, None, SideEffects]:
    """Measure the first directions of a model of faces; raises UserError where no judge reads what it draws."""
    if engine.source.card.get("data_set", {}).get("name") != "avatars" or not engine.is_coloured:
        raise UserError(N_("Nothing here can read what this model draws."), N_("Open Faces to see such a table."))
    judge, atlas = load_judge("avatars"), engine.atlas
    places = standard_normal((n_places, engine.n_latent), SEED, 0)
    changes, errors = [], []
    for vector in atlas.vectors[:n_directions]:
        above = yield from _read(engine, judge, places + vector)
        below = yield from _read(engine, judge, places - vector)
        moved = 100 * (above - below)  # (P, A)
        changes.append(moved.mean(0))
        errors.append(moved.std(0) / np.sqrt(n_places))
    names = tuple(direction.name for direction in atlas.directions[:n_directions])
    titles = tuple(scale.title for scale in SCALES.values())
    return SideEffects(names, titles, np.stack(changes), np.stack(errors), n_places)


def _read(engine: Any, judge: Judge, places: npt.NDArray[np.float32]) -> Generator[None, None, Array]:
    """The measures (P, A) of what is drawn at places (P, D), at the size that the judge knows."""
    found = []
    for start in range(0, len(places), N_AT_ONCE):
        drawn = torch.from_numpy(engine.decode(places[start : start + N_AT_ONCE])).movedim(3, 1)  # (P, 3, H, W)
        found.append(measure_faces(judge, F.interpolate(drawn, (JUDGED_PX, JUDGED_PX), mode="area")).double().numpy())
        yield
    return np.concatenate(found)
