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
from studio.core.frame import Frame
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
) -> Generator[Frame, None, SideEffects]:
    """Measure the first directions of a model of faces; raises UserError where no judge reads what it draws.

    Yields how far it is, as frames without a view.
    """
    if engine.source.card.get("data_set", {}).get("name") != "avatars" or not engine.is_coloured:
        raise UserError(N_("Nothing here can read what this model draws."), N_("Open Faces to see such a table."))
    judge, atlas = load_judge("avatars"), engine.atlas
    places = standard_normal((n_places, engine.n_latent), SEED, 0)
    n_steps, changes, errors = n_directions * -(-2 * n_places // N_AT_ONCE), [], []
    for index, vector in enumerate(atlas.vectors[:n_directions]):
        read: list[Array] = []
        both = np.concatenate([places + vector, places - vector])
        for start in range(0, len(both), N_AT_ONCE):
            read.append(_read(engine, judge, both[start : start + N_AT_ONCE]))
            yield Frame(index * n_steps // n_directions + start // N_AT_ONCE, n_steps)
        above, below = np.split(np.concatenate(read), 2)
        moved = 100 * (above - below)  # (P, A)
        changes.append(moved.mean(0))
        errors.append(moved.std(0) / np.sqrt(n_places))
    names = tuple(direction.name for direction in atlas.directions[:n_directions])
    titles = tuple(scale.title for scale in SCALES.values())
    return SideEffects(names, titles, np.stack(changes), np.stack(errors), n_places)


def _read(engine: Any, judge: Judge, places: npt.NDArray[np.float32]) -> Array:
    """The measures (P, A) of what is drawn at places (P, D), at the size that the judge knows."""
    drawn = torch.from_numpy(engine.decode(places)).movedim(3, 1)  # (P, 3, H, W)
    small = F.interpolate(drawn, (JUDGED_PX, JUDGED_PX), mode="area")
    return np.asarray(measure_faces(judge, small).double().numpy(), np.float64)
