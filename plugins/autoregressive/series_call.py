"""The calls that the panel of series sends to its engine; what computes stays behind it, where only the Lane goes."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .series_fan import Fan
from .series_params import SeriesParams
from .series_state import Line
from .series_table import reading_table

if TYPE_CHECKING:
    from .fan_engine import FanEngine

N_TEST_ORIGINS: Final = 8


@dataclass(frozen=True)
class TestedWay:
    """How one way of forecasting did: its name, and both figures in units of the mean seasonal difference."""

    way: str
    mase: float
    crps: float


@dataclass(frozen=True, eq=False)
class Tested:
    """How all ways did on the past of a series."""

    rows: tuple[TestedWay, ...]


def open_pack(engine: "FanEngine") -> list[Line]:
    """Open the model, and return the series that came along."""
    return engine.pack()


def read_table(engine: "FanEngine", path: Path) -> Generator[None, None, list[Line]]:
    """The series in a person's own table."""
    return (yield from reading_table(path))


def draft_fan(engine: "FanEngine", line: Line, params: SeriesParams, pins: Mapping[int, float]) -> Fan:
    """A fan of few paths, at once."""
    return engine.draft(line, params, pins)


def tested_past(engine: "FanEngine", line: Line, params: SeriesParams) -> Generator[None, None, Tested]:
    """How the model and others did on the past of a series."""
    rows = yield from engine.back_test(line, params, N_TEST_ORIGINS)
    return Tested(tuple(TestedWay(row.way, row.score.mase, row.score.crps) for row in rows))
