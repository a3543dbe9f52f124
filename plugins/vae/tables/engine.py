"""Fills gaps in tables: each table is learnt on the spot, and every frame shows what the networks say so far."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.api.table import reading_mixed
from studio.core.frame import Frame
from studio.core.pausing import result_of
from studio.core.view import Image, Series, State, Tokens

from ..shared.forest import has_forest, isolation
from ..shared.representation.layout import in_the_square, principal
from .frames import PICTURE, frame_of
from .gaps import hidden_cells, known_cells
from .model.layout import Floats
from .model.oddness import explaining, n_parts, placing
from .oddness import FOREST, NAMES, NATS, SCORES, SURPRISE, Oddness
from .params import N_FRAMES, TableParams
from .picture import picture_of
from .state import TableMoment, is_moment, moment_of, started
from .table_bytes import Bytes, table_bytes
from .training.imputer import Imputer
from .view_model import view_of

MAX_FRAMES: Final = 8


EXAMPLE: Final = Path(__file__).parents[1] / "examples" / "penguins.csv"


class TableEngine(PausingEngine):
    """Holds nothing but the example: what is learnt stands in the states."""

    def __init__(self) -> None:
        self._example: Bytes | None = None

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """There are no weights to read."""
        return cls()

    def close(self) -> None:
        """Forget the example."""
        self._example = None

    def example(self) -> Bytes:
        """The table that came along, as bytes."""
        if self._example is None:
            self._example = table_bytes(result_of(reading_mixed(EXAMPLE)))
        return self._example

    def generate_with_pauses(self, params: TableParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame before the first step and one after each fortieth of all steps.

        `start` is a frame's state, or has a table alone, of which `params.hidden` cells are hidden.

        Raises:
            UserError: the state is unsound, or of another table.
        """
        begun = self._moment(params, start)
        yield None
        imputer = Imputer.at(params, begun)
        yield None
        moment = imputer.moment
        if not is_moment(start):
            moment = yield from imputer.beginning()
        yield frame_of(moment, N_FRAMES + 1)
        while moment.index < N_FRAMES:
            moment = yield from imputer.advanced()
            yield frame_of(moment, N_FRAMES + 1)

    def odd_rows(self, params: TableParams, learnt: State) -> Iterator[Frame | None]:
        """Score the rows of a table by the state of a frame that has learnt it, the oddest first."""
        return odd_rows(params, learnt)

    def row_places(self, moment: TableMoment) -> Generator[None, None, Floats]:
        """Where the rows of a table lie on their map, (N, 2), as the model of a moment says."""
        return row_places(moment)

    def _moment(self, params: TableParams, start: State | None) -> TableMoment:
        moment = moment_of({**started(self.example()), **(start or {})})
        if is_moment(start):
            return moment
        known = known_cells(moment.table.columns, moment.table.n_rows)
        hidden = hidden_cells(moment.table.columns, known, params.hidden, params.hidden_by, params.seed)
        return replace(moment, is_known=known & ~hidden)


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
