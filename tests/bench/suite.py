"""Collects the benchmarks of this folder and turns what they measure into rows."""

import importlib
import itertools
import logging
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

N_JUDGED = 5  # runs in turn; another program's load makes one run worse, and luck makes one better


class UnmeasuredError(Exception):
    """There is no figure, for the reason that the text gives."""


@dataclass(frozen=True)
class Figure:
    """What one benchmark measured.

    Attributes:
        peer, peer_value: what it was measured against in the same run, and how that did, in the same unit.
        reaches: the value that is held against the budget where `value` is not all that is asked, as with pictures a
            second that are smaller than wanted. What was repeated is held against it by its median, which is `value`.
        note: circumstances in a few words.
    """

    value: float
    peer: str | None = None
    peer_value: float | None = None
    reaches: float | None = None
    note: str = ""


Measure = Callable[[], Figure]


@dataclass(frozen=True)
class Bench:
    """One row: its budget is a ceiling, or a floor where `is_floor`."""

    name: str
    unit: str
    budget: float | None
    is_floor: bool
    measure: Callable[[], Figure]

    def row(self) -> dict[str, Any]:
        """Measure, and return the row of `bench --json`."""
        try:
            figure = self.measure()
        except UnmeasuredError as reason:
            return self._row(None, None, None, None, str(reason))
        reached = figure.value if figure.reaches is None else figure.reaches
        return self._row(figure.value, reached, figure.peer, figure.peer_value, figure.note)

    def _row(
        self, value: float | None, reached: float | None, peer: str | None, peer_value: float | None, note: str
    ) -> dict[str, Any]:
        row = {
            "name": self.name,
            "value": value,
            "reached": reached,
            "unit": self.unit,
            "budget": self.budget,
            "is_floor": self.is_floor,
            "peer": peer,
            "peer_value": peer_value,
            "note": note,
        }
        return {**row, "within": is_within(row)}


def is_within(row: dict[str, Any]) -> bool | None:
    """Whether what a row reached is within its budget; None without a figure or a budget."""
    reached, budget = row["reached"], row["budget"]
    if reached is None or budget is None:
        return None
    return bool(reached >= budget if row["is_floor"] else reached <= budget)


def median_rows(runs: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row of each name for several runs in turn: the median of all its figures is held against its budget.

    Fewer figures than N_JUDGED give no verdict.
    """
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in itertools.chain.from_iterable(runs):
        by_name.setdefault(row["name"], []).append(row)
    return [_median_row(rows) for rows in by_name.values()]


def _median_row(rows: list[dict[str, Any]]) -> dict[str, Any]:
    measured = [row for row in rows if row["value"] is not None]
    if not measured:
        return rows[-1]
    keys = [key for key in ("value", "reached", "peer_value") if measured[-1][key] is not None]
    medians = {key: statistics.median(row[key] for row in measured) for key in keys}
    row = {**measured[-1], **medians, "note": f"median of {len(measured)} runs; {measured[-1]['note']}".rstrip("; ")}
    return {**row, "within": is_within(row) if len(measured) >= N_JUDGED else None}


_benches: dict[str, Bench] = {}


def bench(
    name: str, unit: str, *, at_most: float | None = None, at_least: float | None = None
) -> Callable[[Measure], Measure]:
    """Register the decorated function as the measurement of row `name`; without a limit it has no budget."""

    def register(measure: Measure) -> Measure:
        budget = at_most if at_least is None else at_least
        _benches[name] = Bench(name, unit, budget, at_least is not None, measure)
        return measure

    return register


def all_benches() -> dict[str, Bench]:
    """Return every benchmark of this folder by name."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        importlib.import_module(f"{__package__}.{path.stem}")
    return _benches


def rows(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Measure the named rows, or all; a name that ends in a dot stands for all that begin so.

    Raises KeyError for a name that no row has, before anything is measured.
    """
    benches = all_benches()
    chosen: dict[str, Bench] = {}
    for name in names:
        matching = [one for one in benches if one == name or (name.endswith(".") and one.startswith(name))]
        if not matching:
            raise KeyError(name)
        chosen |= {one: benches[one] for one in matching}
    for one in (chosen if names else benches).values():
        yield one.row()
