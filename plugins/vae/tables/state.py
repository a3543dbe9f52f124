"""A moment of learning a table, as arrays that frames and files hold; no torch.

Shape letters: N rows, A columns of the table, C of them that are learnt, G gaps in these, row by row, P other ways.

Keys: "table" (B,) uint8; "known" (ceil(N A / 8),) uint8, the bits of known cells; "counts" (4,) int64, the number of
the frame, steps taken, steps in all and latent numbers; "filled" (G, 4) float64, of each gap the value, the ends of
its range and how sure it is, in units of the column, of words the word's place three times; "errors" (1 + P, C)
float32 with -1 for none, ours first; "told" (5,) float32: share within its range, how wide ranges are, the number of
held-out cells, whether they are still held out, the loss of the last step; "weights", "mean" and "square" (W,)
float32. A run begins with "table" alone, or with nothing: with the example.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.table import MixedTable
from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_STATE
from studio.core.view import State

from .gaps import known_cells
from .model.layout import Flags, Floats
from .params import MAX_LATENT
from .table_bytes import Bytes, table_in

WAYS: Final = ("model", "mean", "neighbours", "regressions")
"""Ways to fill a gap, in the order of the errors."""
MAX_STEPS: Final = 10**6
NONE: Final = -1.0
"""Stands for an error that there is none of: arrays of a frame are finite."""


@dataclass(frozen=True, eq=False)
class TableFigures:
    """What was measured on cells that were held out.

    Attributes:
        errors: (1 + P, C), NaN where a column had none; see `evaluation.errors_of`.
        within: the share of held-out numbers within their range, NaN where there were none.
        width: how many times as wide ranges are as the networks say. n_checked: held-out cells.
        is_open: whether these cells are still held out.
    """

    errors: npt.NDArray[np.float64]
    within: float = float("nan")
    width: float = 1.0
    n_checked: int = 0
    is_open: bool = True

    def totals(self) -> dict[str, float]:
        """The normalised error of each way: the mean over its columns; none where nothing was measured."""
        found = {}
        for way, errors in zip(WAYS, self.errors, strict=True):
            known = errors[np.isfinite(errors)]
            if len(known):
                found[way] = float(known.mean())
        return found


@dataclass(frozen=True, eq=False)
class TableMoment:
    """A moment, checked.

    Attributes:
        data: the table's bytes. is_known: (N, A).
        index: the number of its frame. n_steps, n_all: steps taken, and in all. loss: of the last, in nats a row.
        filled: (G, 4). learner: what learning goes on from.
    """

    data: Bytes
    is_known: Flags
    index: int = 0
    n_steps: int = 0
    n_all: int = 0
    n_latent: int = 0
    loss: float = 0.0
    filled: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 4)))
    figures: TableFigures = field(default_factory=lambda: TableFigures(np.full((len(WAYS), 0), np.nan)))
    learner: Mapping[str, Floats] = field(default_factory=dict)

    @cached_property
    def table(self) -> MixedTable:
        """The table itself."""
        return table_in(self.data)

    @cached_property
    def gaps(self) -> Flags:
        """(N, A): the cells that are filled, gaps as well as hidden ones."""
        learnt = np.array([not column.is_kept for column in self.table.columns])
        return ~self.is_known & learnt

    def arrays(self) -> State:
        """The moment as arrays."""
        figures = self.figures
        told = [np.nan_to_num(figures.within, nan=NONE), figures.width, figures.n_checked, figures.is_open, self.loss]
        return {
            "table": self.data,
            "known": np.packbits(self.is_known),
            "counts": np.array([self.index, self.n_steps, self.n_all, self.n_latent], np.int64),
            "filled": self.filled,
            "errors": np.nan_to_num(figures.errors, nan=NONE).astype(np.float32),
            "told": np.array(told, np.float32),
            **self.learner,
        }


def started(data: Bytes) -> State:
    """The state that learning a table begins with."""
    return {"table": data}


def is_moment(state: Mapping[str, Any] | None) -> bool:
    """Whether a state is of a table that is being learnt."""
    return state is not None and {"table", "filled", "errors", "told"} <= state.keys()


def moment_of(state: Mapping[str, Any]) -> TableMoment:
    """Read what `arrays` or `started` gave; raises UserError where it is unsound."""
    data = np.asarray(state.get("table"))
    table = table_in(data)
    if not is_moment(state):
        return TableMoment(data, known_cells(table.columns, table.n_rows))
    counts, filled, errors, told = (np.asarray(state[name]) for name in ("counts", "filled", "errors", "told"))
    is_known = _known(state["known"], table)
    n_learnt = sum(not column.is_kept for column in table.columns)
    gaps = ~is_known & np.array([not column.is_kept for column in table.columns])
    is_sound = (
        counts.shape == (4,)
        and counts.dtype.kind in "iu"
        and counts.min() >= 0
        and counts[1] <= counts[2] <= MAX_STEPS
        and 1 <= counts[3] <= MAX_LATENT
        and counts[0] <= MAX_STEPS
        and filled.shape == (gaps.sum(), 4)
        and errors.shape == (len(WAYS), n_learnt)
        and told.shape == (5,)
        and filled.dtype == np.float64
        and all(np.isfinite(one).all() for one in (filled, errors, told))
    )
    if not is_sound:
        raise UserError(UNFIT_STATE)
    figures = TableFigures(
        np.where(errors == NONE, np.nan, errors).astype(np.float64),
        float("nan") if told[0] == NONE else float(told[0]),
        float(told[1]),
        int(told[2]),
        bool(told[3]),
    )
    learner = {name: state[name] for name in ("weights", "mean", "square") if name in state}
    index, n_steps, n_all, n_latent = (int(count) for count in counts)
    return TableMoment(data, is_known, index, n_steps, n_all, n_latent, float(told[4]), filled, figures, learner)


def _known(bits: Any, table: MixedTable) -> Flags:
    """Known cells; none of them where nothing stands."""
    packed, shape = np.asarray(bits), (table.n_rows, len(table.columns))
    n_cells = shape[0] * shape[1]
    if packed.dtype != np.uint8 or packed.shape != (-(-n_cells // 8),):
        raise UserError(UNFIT_STATE)
    found = np.unpackbits(packed)[:n_cells].astype(np.bool_).reshape(shape)
    if (found & ~known_cells(table.columns, table.n_rows)).any():
        raise UserError(UNFIT_STATE)
    return found
