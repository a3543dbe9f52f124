"""Brings a person's own table to the panel of series, saves a forecast as one, and keeps the newest run."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.panel import EngineTasks, Snapshot
from studio.api.table import SUFFIXES, SeriesLine, is_table, reading_table
from studio.api.timeline.controller import TimelineController
from studio.core.atomic import atomic_write
from studio.core.container.json_metadata import beside
from studio.core.container.metadata import KEYWORD, metadata_text
from studio.core.error import UserError
from studio.core.text.csv_text import csv_text
from studio.core.translation import N_, _

from ...shared.panel.runs import NewestRun
from ..frames import NAMES
from ..params import SeriesParams
from ..quantile_fan import Fan
from ..scene import SeriesScene
from ..view_model import SeriesView

if TYPE_CHECKING:
    from ..engine import FanEngine

N_TEST_ORIGINS: Final = 8
_TABLE_KEY: Final = "table"
FORECAST_FPS: Final = 16.0


@dataclass(frozen=True)
class BacktestRow:
    """How one way of forecasting did: its name, and both figures in units of the mean seasonal difference."""

    way: str
    mase: float
    crps: float


@dataclass(frozen=True, eq=False)
class Backtest:
    """How all ways did on the past of a series."""

    rows: tuple[BacktestRow, ...]


def open_pack(engine: "FanEngine") -> list[SeriesLine]:
    """Open the model, and return the series that came along."""
    return engine.pack()


def read_table(engine: "FanEngine", path: Path) -> Generator[None, None, list[SeriesLine]]:
    """The series in a person's own table."""
    return (yield from reading_table(path))


def draft_fan(engine: "FanEngine", line: SeriesLine, params: SeriesParams, pins: Mapping[int, float]) -> Fan:
    """A fan of few paths, at once."""
    return engine.draft(line, params, pins)


def back_tested(engine: "FanEngine", line: SeriesLine, params: SeriesParams) -> Generator[None, None, Backtest]:
    """How the model and others did on the past of a series."""
    rows = yield from engine.back_test(line, params, N_TEST_ORIGINS)
    return Backtest(tuple(BacktestRow(row.way, row.score.mase, row.score.crps) for row in rows))


class TablePresenter(QObject):
    """Signals: read() when series of a table are there; failed(error).

    Attributes:
        lines: the series of the newest table.
    """

    read = Signal()
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, window: QWidget) -> None:
        super().__init__(window)
        self._tasks, self._window = tasks, window
        self.lines: list[SeriesLine] = []

    @property
    def is_busy(self) -> bool:
        """Whether a table is being read."""
        return self._tasks.is_running(_TABLE_KEY)

    def choose(self) -> None:
        """Let the person choose a file."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        words = _("Tables ({patterns})").format(patterns=patterns)
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a table"), "", words)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> bool:
        """Read a table; returns whether the file is called like one."""
        if not is_table(path):
            return False
        call = partial(read_table, path=path)
        self._tasks.ask(_TABLE_KEY, call, done=self._on_read, failed=self.failed.emit, title=_("Reading a table"))
        return True

    def _on_read(self, lines: Any) -> None:
        self.lines = lines
        self.read.emit()


def choose_and_save(window: QWidget, view: SeriesView, snapshot: Snapshot) -> None:
    """Ask where to, and write; raises UserError where that is not possible."""
    title, filters = _("Save the forecast"), _("Tables (*.csv)")
    chosen, _filter = QFileDialog.getSaveFileName(window, title, "forecast.csv", filters)
    if chosen:
        save_table(Path(chosen).with_suffix(".csv"), view, snapshot)


def save_table(path: Path, view: SeriesView, snapshot: Snapshot) -> None:
    """Write the fan, and beside it, as "NAME.csv.json", what made it; raises UserError where that is not possible."""
    made_from = {
        "model": snapshot.model_id,
        "seed": snapshot.seed,
        "params": dict(snapshot.params),
        "state": dict(snapshot.state),
    }
    try:
        atomic_write(path, forecast_rows(view).encode())
        atomic_write(beside(path), f'{{"{KEYWORD}":{metadata_text(made_from)}}}\n'.encode())
    except OSError as error:
        raise UserError(
            N_("“{name}” could not be saved.").format(name=path.name), N_("Choose another folder.")
        ) from error


def forecast_rows(view: SeriesView) -> str:
    """One row for each step: its time, the quantiles of the paths, and what came where that is known."""
    fan, rows = view.fan, [["time", *NAMES, "actual"]]
    for step in range(0 if fan is None else fan.n_steps):
        assert fan is not None
        came = f"{view.truth[step]:.8g}" if step < len(view.truth) else ""
        when = view.clock.iso(view.n_known + step)
        rows.append([when, *(f"{value:.8g}" for value in fan.quantiles[:, step]), came])
    return csv_text(rows)


class SeriesRuns(NewestRun):
    """Signals: see NewestRun.

    Attributes:
        pack: the series that came with the model, once it is open; a scene names one of them.
    """

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self.pack: Sequence[SeriesLine] = ()
        timeline.playback.set_fps(FORECAST_FPS)

    @property
    def is_awaited(self) -> bool:
        """Whether the newest run is shown when it is whole, and is not yet."""
        return self._waits_for_end

    def renew(self, scene: SeriesScene, is_instant: bool) -> None:
        """Forecast anew, in place of the newest run where nothing hangs on that; let it grow or show it whole."""
        timeline = self._timeline
        self._put(scene.source(self.pack))
        if self.has_stayed:
            return
        self._waits_for_end = is_instant and self.is_running
        if not is_instant:
            timeline.playback.seek(0)
            timeline.playback.play()
        else:
            timeline.pause()
            if not self._waits_for_end:
                timeline.playback.to_end()
        self.changed.emit()
