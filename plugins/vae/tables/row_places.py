"""Lays the rows of a table out in the plane, by their places in the latent spaces of the networks that learn it.

Shape letters: N rows, M networks, Z latent numbers of each.
"""

from collections.abc import Generator

import numpy as np

from ..shared.representation.layout import in_the_square, principal
from .model.layout import Floats
from .model.oddness import placing
from .params import TableParams
from .state import TableMoment
from .training.imputer import Imputer


def row_places(moment: TableMoment) -> Generator[None, None, Floats]:
    """Where rows lie on their map, (N, 2) in -1..1; yields between parts. Raises UserError for an unsound moment.

    The two principal directions of what all networks together say, (N, M Z), turned so that a map of the table's own
    numbers would lie as nearly like it as can be: while a model learns, its map is not turned round.
    """
    task, network = (imputer := Imputer.at(TableParams(), moment)).task, imputer.learner.network
    yield None
    parts = []
    for part in placing(network, task.cells, task.known):
        parts.append(part)
        yield None
    flat = principal(np.concatenate(parts))
    return in_the_square(turned_like(flat, principal(task.cells)))


def turned_like(flat: Floats, other: Floats) -> Floats:
    """Places (N, 2) turned or mirrored so that they come nearest to other ones (Schönemann 1966)."""
    left, _, right = np.linalg.svd(flat.T.astype(np.float64) @ other)
    return np.asarray(flat @ (left @ right), np.float32)
