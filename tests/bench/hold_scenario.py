"""What a person does in front of each shipped model, while every step of the worker is timed."""

import math
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.registry.catalog import Catalog
from studio.registry.target import Opening
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.views.canvas import InteractiveCanvas
from tests.bench.driver import Driver
from tests.bench.statistic import percentile
from tests.soak.person import example_files
from tests.soak.reading import HoldWatch

DRAG_S: Final = 2.0
LOOK_S: Final = 3.0
"""Long enough for what follows once a hand rests, and for the first steps of a run."""
RUNS: Final = ("Ctrl+Return", "N", "R", "Space")
"""Keys that begin a run of some panel: generate or write, again, another one, play."""
BUTTONS: Final = ("walk", "pull_start", "study_guidance", "order_compare", "series_test")

Result = dict[str, Any]


def scenario(model_id: str) -> Callable[[Driver], Result]:
    """The visit to one model."""

    def hold(driver: Driver) -> Result:
        driver.wait_for_device()
        watch = HoldWatch()
        driver.window.opener.open_opening(Opening(Catalog().find_model(model_id).source, model_id))
        driver.wait(lambda: driver.panel is not None and driver.panel.handle.is_open, "the model")
        driver.wait_until_idle()
        driver.pause(LOOK_S)
        for kind in (SliderTrack, InteractiveCanvas):
            _drag_first(driver, kind)
            driver.pause(LOOK_S / 3)
        _run(driver)
        _take_own(driver)
        return _figures(watch)

    hold.__name__ = f"hold {model_id}"
    return hold


def _drag_first(driver: Driver, kind: type[QWidget]) -> None:
    """Drag the first slider or canvas that can be reached, to and fro."""
    shown = (one for one in driver.panel.findChildren(kind) if one.isVisible() and one.isEnabled())
    widget = next(shown, None)
    if widget is None:
        return
    driver.show_in_inspector(widget)
    driver.drag(lambda passed_s: driver.place(widget, 0.5 + 0.35 * math.sin(math.tau * passed_s), 0.5), DRAG_S)


def _run(driver: Driver) -> None:
    """Begin whatever can be begun by a key or a button, and look on for a while."""
    keys = {key for command in driver.panel.all_commands() for key in command.keys}
    for key in (key for key in RUNS if key in keys):
        QTest.keySequence(driver.window, QKeySequence(key))
        driver.pause(LOOK_S)
    for name in BUTTONS:
        button = driver.panel.findChild(QAbstractButton, name)
        if button is not None and button.isVisible() and button.isEnabled():
            driver.show_in_inspector(button)
            driver.click(button)
            driver.pause(LOOK_S)
            QTest.keyClick(driver.window, Qt.Key.Key_Escape)


def _take_own(driver: Driver) -> None:
    """Drop a photo, a drawing, a sound, a table and a text on the panel; it takes those that it has a use for."""
    with tempfile.TemporaryDirectory() as folder:
        for path in example_files(Path(folder) / "own"):
            if path.is_file() and path.stat().st_size and path.suffix != ".pt" and driver.panel.open_path(path):
                driver.pause(LOOK_S)


def _figures(watch: HoldWatch) -> Result:
    """Median, 99th percentile and longest in milliseconds, and the same of every kind of job, the longest first."""
    holds = [hold for times in watch.holds_ms.values() for hold in times]
    by_job: dict[str, list[float]] = defaultdict(list)
    for key, times in watch.holds_ms.items():
        by_job["run" if key.startswith(": run ") else key.removeprefix(": ")] += times
    jobs = sorted(by_job.items(), key=lambda item: -max(item[1]))
    return {**_of(holds), "holds_ms": holds, "jobs": {key: _of(times) for key, times in jobs}}


def _of(holds_ms: list[float]) -> Result:
    return {
        "median_ms": percentile(holds_ms, 50),
        "p99_ms": percentile(holds_ms, 99),
        "longest_ms": max(holds_ms),
        "n_steps": len(holds_ms),
    }


ALL = tuple(scenario(model.id) for model in Catalog().list_models())
