"""Collects the benchmarks of this folder and turns what they measure into rows."""

import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class UnmeasuredError(Exception):
    """There is no figure, for the reason that the text gives."""


@dataclass(frozen=True)
class Figure:
    """What one benchmark measured.

    Attributes:
        peer, peer_value: what it was measured against in the same run, and how that did, in the same unit.
        reaches: the value that is held against the budget where it is not `value`: of repeated ratios the
            better quartile, since another program's load can only make a ratio worse.
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
        return self._row(figure.value, self._is_within(reached), figure.peer, figure.peer_value, figure.note)

    def _is_within(self, value: float) -> bool | None:
        if self.budget is None:
            return None
        return value >= self.budget if self.is_floor else value <= self.budget

    def _row(
        self, value: float | None, within: bool | None, peer: str | None, peer_value: float | None, note: str
    ) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": value,
            "unit": self.unit,
            "budget": self.budget,
            "within": within,
            "peer": peer,
            "peer_value": peer_value,
            "note": note,
        }


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
