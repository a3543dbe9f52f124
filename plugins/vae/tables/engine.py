"""Fills gaps in tables: each table is learnt on the spot, and every frame shows what the networks say so far."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.api.table import reading_mixed
from studio.core.frame import Frame
from studio.core.pausing import result_of
from studio.core.view import State

from .frames import frame_of
from .gaps import hidden_cells, known_cells
from .model.layout import Floats
from .odd_rows import odd_rows
from .params import N_FRAMES, TableParams
from .row_places import row_places
from .state import TableMoment, is_moment, moment_of, started
from .table_bytes import Bytes, table_bytes
from .training.imputer import Imputer

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
