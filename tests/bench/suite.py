"""Collects the benchmarks of this folder and turns what they measure into rows."""

import functools
import importlib
import itertools
import logging
import math
import statistics
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from studio.core.error import UserError

log = logging.getLogger(__name__)

EXTRAS: Final = {
    "diffusers": "diffusers",
    "transformers": "diffusers",
    "sklearn": "forest",
    "rdkit": "molecules",
    "skimage": "mesh",
    "scipy": "mesh",
    "fontTools": "fonts",
    "imageio": "test",
}
"""Which extra of pyproject.toml brings what a benchmark may import."""
MORE_IS_BETTER: Final = ("/s", "fps", "x", "dB")
"""What units end with whose rows need no budget to say which way is the better one."""
N_SPREAD: Final = 3

Work = TypeVar("Work", bound=Callable[..., Any])


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
        samples: what `value` is the median of, or the same of parts of the run; its noise is their spread.
    """

    value: float
    peer: str | None = None
    peer_value: float | None = None
    reaches: float | None = None
    note: str = ""
    samples: Sequence[float] = ()


Measure = Callable[[], Figure]


@dataclass(frozen=True)
class Bench:
    """One row: its budget is a ceiling, or a floor where `is_floor`, which says that more is better."""

    name: str
    unit: str
    budget: float | None
    is_floor: bool
    measure: Measure

    def row(self, until: float = math.inf) -> dict[str, Any]:
        """Measure, and return the row of `bench --json`; what fails is a row without a value that says why.

        Nothing is measured after the moment `until` of `time.monotonic`.
        """
        try:
            if time.monotonic() > until:
                raise UnmeasuredError("there was no time left for it; name it to have it measured")
            figure = self.measure()
        except Exception as error:  # the other rows are measured nevertheless
            if not isinstance(error, UnmeasuredError | UserError | ImportError):
                log.exception("%s was not measured", self.name)
            return self._row(Figure(0.0, note=why_not(error)), None)
        return self._row(figure, figure.value)

    def _row(self, figure: Figure, value: float | None) -> dict[str, Any]:
        row = {
            "name": self.name,
            "value": value,
            "reached": value if figure.reaches is None else figure.reaches,
            "unit": self.unit,
            "budget": self.budget,
            "is_floor": self.is_floor,
            "peer": figure.peer,
            "peer_value": figure.peer_value,
            "noise": spread(figure.samples),
            "note": figure.note,
        }
        return {**row, "within": is_within(row)}


def why_not(error: Exception) -> str:
    """One sentence: what to install, what the program says itself, or where it failed."""
    if isinstance(error, UnmeasuredError | UserError):
        return str(error)
    module = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if module in EXTRAS:
        return f"{module} is not installed: python -m pip install 'manifold-studio[{EXTRAS[module]}]'"
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}: {said}".rstrip(": ")


def spread(samples: Sequence[float]) -> float | None:
    """The distance between the quartiles; None of fewer than three."""
    if len(samples) < N_SPREAD:
        return None
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return high - low


def is_within(row: dict[str, Any]) -> bool | None:
    """Whether what a row reached is within its budget; None without a figure or a budget."""
    reached, budget = row["reached"], row["budget"]
    if reached is None or budget is None:
        return None
    return bool(reached >= budget if row["is_floor"] else reached <= budget)


def median_rows(runs: Sequence[Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row of each name for several runs in turn: the median of its figures is held against its budget."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in itertools.chain.from_iterable(runs):
        by_name.setdefault(row["name"], []).append(row)
    return [_median_row(rows) for rows in by_name.values()]


def _median_row(rows: list[dict[str, Any]]) -> dict[str, Any]:
    measured = [row for row in rows if row["value"] is not None]
    if len(measured) < 2:
        return (measured or rows)[-1]
    keys = [key for key in ("value", "reached", "peer_value") if measured[-1][key] is not None]
    medians = {key: statistics.median(row[key] for row in measured) for key in keys}
    noise = spread([row["value"] for row in measured])
    row = {**measured[-1], **medians, "noise": measured[-1]["noise"] if noise is None else noise}
    return {**row, "note": f"median of {len(measured)} runs; {row['note']}".rstrip("; "), "within": is_within(row)}


_benches: dict[str, Bench] = {}
_kept: list[Any] = []


def once(work: Work) -> Work:
    """Keep what the decorated function returned until the next run in turn begins: several rows read one visit."""
    _kept.append(kept := functools.cache(work))
    return kept  # type: ignore[return-value]  # it is called alike


def begin_run() -> None:
    """Forget what was measured."""
    for kept in _kept:
        kept.cache_clear()


def bench(
    name: str, unit: str, *, at_most: float | None = None, at_least: float | None = None
) -> Callable[[Measure], Measure]:
    """Register the decorated function as the measurement of row `name`; without a limit it has no budget."""

    def register(measure: Measure) -> Measure:
        budget = at_most if at_least is None else at_least
        is_floor = at_least is not None or (budget is None and unit.endswith(MORE_IS_BETTER))
        _benches[name] = Bench(name, unit, budget, is_floor, measure)
        return measure

    return register


def all_benches() -> dict[str, Bench]:
    """Return every benchmark of this folder by name."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        importlib.import_module(f"{__package__}.{path.stem}")
    return _benches


def chosen(names: Sequence[str]) -> list[Bench]:
    """The named benchmarks, or all; a name that ends in a dot stands for all that begin so.

    Raises KeyError for a name that no row has.
    """
    benches = all_benches()
    found: dict[str, Bench] = {}
    for name in names:
        matching = [one for one in benches if one == name or (name.endswith(".") and one.startswith(name))]
        if not matching:
            raise KeyError(name)
        found |= {one: benches[one] for one in matching}
    return list((found if names else benches).values())
