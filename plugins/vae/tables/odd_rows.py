"""Scores the rows of a table by how badly the model that has learnt it explains them, the oddest first."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from studio.core.frame import Frame
from studio.core.view import Image, Series, State, Tokens

from ..shared.forest import has_forest, isolation
from .frames import PICTURE
from .model.oddness import explaining, n_parts
from .oddness import FOREST, NAMES, NATS, SCORES, SURPRISE, Oddness
from .params import TableParams
from .picture import picture_of
from .state import TableMoment, moment_of
from .training.imputer import Imputer
from .view_model import view_of

MAX_FRAMES: Final = 8


def odd_rows(params: TableParams, state: State) -> Iterator[Frame | None]:
    """Yield None between frames, of which each has some more rows; `state` is that of a frame that has learnt a table.

    Its views are the table as a picture, the oddest rows so far first; `scores`, a series of each measure in the order
    of the table; and once all are there `names`, the numbers of rows. Its state has `nats` (N, A) too.
    Where scikit-learn is there, a last frame has an isolation forest as a measure too; it takes gaps for means.
    Raises UserError where the state is unsound.
    """
    moment = moment_of(state)
    imputer = Imputer.at(params, moment)
    yield None
    cells, known, n_rows = imputer.task.cells, imputer.task.known, moment.table.n_rows
    places = [span.place for span in imputer.task.layout.spans]
    scores, nats = np.zeros(0, np.float32), np.zeros(moment.is_known.shape, np.float32)
    n_steps = n_parts(n_rows)
    stride = -(-n_steps // MAX_FRAMES)
    n_frames = -(-(n_steps - 1) // stride) + 1 + has_forest()
    for step, (of_cells, of_places) in enumerate(explaining(imputer.learner.network, cells, known)):
        nats[len(scores) : len(scores) + len(of_cells), places] = of_cells
        scores = np.append(scores, of_cells.sum(1) + of_places)
        is_last = step == n_steps - 1
        if step % stride and not is_last:
            yield None
            continue
        found = Oddness({SURPRISE: scores}, nats.copy(), moment.is_known)
        yield _frame(moment, found, -(-step // stride), n_frames)
    if has_forest():  # in a frame of its own: the first one has scikit-learn imported, which can take long
        forest = yield from isolation(cells, params.seed)
        found = Oddness({SURPRISE: scores, FOREST: forest}, nats, moment.is_known)
        yield _frame(moment, found, n_frames - 1, n_frames)


def _frame(moment: TableMoment, found: Oddness, step: int, n_frames: int) -> Frame:
    x = np.arange(found.n_scored, dtype=np.float32)
    views: dict[str, Any] = {
        PICTURE: Image(picture_of(view_of(moment, found, SURPRISE))),
        SCORES: Series(dict(found.scores), x),
    }
    if found.n_scored == moment.table.n_rows:
        views[NAMES] = Tokens(tuple(str(row + 1) for row in range(found.n_scored)))
    state = {**moment.arrays(), NATS: found.nats}
    return Frame(step, n_frames, "", views, {"n_rows": float(found.n_scored)}, state)
