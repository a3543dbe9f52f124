"""Saves a forecast as a table with its times; beside it stands what made it."""

import csv
import io
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.panel import Snapshot
from studio.core.atomic import atomic_write
from studio.core.container.json_metadata import beside
from studio.core.container.metadata import KEYWORD, metadata_text
from studio.core.error import UserError
from studio.core.text import N_, translate

from .series_frame import NAMES
from .series_view import SeriesView


def choose_and_save(window: QWidget, view: SeriesView, snapshot: Snapshot) -> None:
    """Ask where to, and write; raises UserError where that is not possible."""
    title, filters = translate(N_("Save the forecast")), translate(N_("Tables (*.csv)"))
    chosen, _ = QFileDialog.getSaveFileName(window, title, "forecast.csv", filters)
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
    text, fan = io.StringIO(), view.fan
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["time", *NAMES, "what came"])
    for step in range(0 if fan is None else fan.n_steps):
        assert fan is not None
        came = f"{view.truth[step]:.8g}" if step < len(view.truth) else ""
        when = view.clock.iso(view.n_known + step)
        rows.writerow([when, *(f"{value:.8g}" for value in fan.quantiles[:, step]), came])
    return text.getvalue()
