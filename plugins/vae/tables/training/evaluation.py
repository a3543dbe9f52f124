"""How far filled cells are from what stood there, and how often it lies within the range that was told.

Shape letters: N rows, C columns that are learnt, D numbers of a row, K columns of numbers.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..model.imputation import Filled
from ..model.layout import Flags, Floats, Layout
from .peers import PEERS
from .task import TableTask

RANGE: Final = (0.05, 0.95)
"""Nine in ten values lie between these shares."""
LEAST_WIDTH, MOST_WIDTH = 0.92, 3.0
"""Few cells are held out: ranges get hardly narrower than the networks themselves say."""
MOST_PEER_ROWS: Final = 2000
"""Other ways are tried on so many rows at most: the nearest of all rows take a time that grows with their square."""
Errors = npt.NDArray[np.float64]


def errors_of(layout: Layout, truth: npt.NDArray[Any], asked: Flags, means: npt.NDArray[Any]) -> Errors:
    """(C,): of the asked cells (N, C) of each column the root mean square error in standard deviations of its known
    cells, or the share of wrong words; NaN where none is asked. `truth` and `means` are (N, D).
    """
    found = np.full(len(layout.spans), np.nan)
    for at, span in enumerate(layout.spans):
        rows = asked[:, at]
        if not rows.any():
            continue
        real, said = truth[rows, span.start : span.stop], means[rows, span.start : span.stop]
        wrong = real.argmax(1) != said.argmax(1)
        found[at] = np.sqrt(((real - said) ** 2).mean()) if span.is_number else wrong.mean()
    return found


def total_of(errors: Errors) -> float:
    """The normalised error of a table: the mean over its columns; NaN where nothing was asked."""
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if len(known) else float("nan")


def bounds_of(filled: Filled, width: float) -> tuple[Floats, Floats]:
    """(N, K) twice: the range in which nine in ten values lie, `width` times as wide as the networks say."""
    low, middle, high = (filled.quantile(share) for share in (RANGE[0], 0.5, RANGE[1]))
    wide = np.float32(width)
    return middle - wide * (middle - low), middle + wide * (high - middle)


def _asked_numbers(layout: Layout, truth: npt.NDArray[Any], asked: Flags) -> tuple[npt.NDArray[Any], Flags]:
    starts = [layout.spans[at].start for at in layout.numbers]
    return truth[:, starts], asked[:, list(layout.numbers)]


def share_within(layout: Layout, truth: npt.NDArray[Any], asked: Flags, filled: Filled, width: float) -> float:
    """The share of the asked numbers that lie within their range; NaN where none is asked."""
    values, cells = _asked_numbers(layout, truth, asked)
    low, high = bounds_of(filled, width)
    return float(((values >= low) & (values <= high))[cells].mean()) if cells.any() else float("nan")


def width_for(layout: Layout, truth: npt.NDArray[Any], asked: Flags, filled: Filled) -> float:
    """How many times as wide ranges have to be so that nine in ten of the asked numbers lie within (conformal)."""
    values, cells = _asked_numbers(layout, truth, asked)
    if not cells.any():
        return 1.0
    low, middle, high = (filled.quantile(share) for share in (RANGE[0], 0.5, RANGE[1]))
    reach = np.where(values < middle, middle - low, high - middle)
    needed = np.sort((np.abs(values - middle) / np.maximum(reach, 1e-9))[cells])
    rank = min(int(np.ceil((len(needed) + 1) * (RANGE[1] - RANGE[0]))), len(needed)) - 1
    return float(np.clip(needed[rank], LEAST_WIDTH, MOST_WIDTH))


@dataclass(frozen=True, eq=False)
class PeerErrors:
    """Attributes: columns: errors (C,) by the name of the way. rows: (N,) those on which they were measured."""

    columns: dict[str, Errors]
    rows: Flags


def measuring_peers(task: TableTask, truth: npt.NDArray[Any], asked: Flags) -> Generator[None, None, PeerErrors]:
    """How other ways fill the asked cells (N, C), given what is learnt; yields often."""
    rows = np.zeros(len(asked), np.bool_)
    rows[:MOST_PEER_ROWS] = True
    cells = np.where((task.learnt[rows].astype(np.float32) @ task.layout.owners) > 0, task.cells[rows], np.nan)
    found = {}
    for name, fill in PEERS.items():
        whole = yield from fill(cells.astype(np.float64))
        found[name] = errors_of(task.layout, truth[rows], asked[rows], whole)
    return PeerErrors(found, rows)
