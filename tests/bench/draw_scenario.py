"""What a person does in front of the sheet that icons are painted into."""

import math
import time
from typing import Any

from PySide6.QtCore import QPoint

from studio.api.panel import Timing
from tests.bench.driver import Driver
from tests.bench.statistic import percentile

MODEL = "gan/outline-to-icon"
N_STROKES = 24
STROKE_S = 0.4
REST_S = 0.35

Result = dict[str, Any]


def draw(driver: Driver) -> Result:
    """Draw circles with the mouse: how old the icon is meanwhile, and how soon it is there after each."""
    driver.wait_for_device()
    driver.window.opener.open_model(MODEL)
    driver.wait(driver.has_picture, "the first picture")
    panel = driver.panel
    driver.wait(lambda: panel.is_settled, "the end of all work")
    panel.editor.clear()
    driver.pause(1.0)
    ages_ms: list[float] = []
    panel.timed.connect(lambda timing: _note(ages_ms, timing))
    waits_ms = [_stroke(driver, panel, number) for number in range(N_STROKES)]
    return {
        "end_p95_ms": percentile(waits_ms, 95),
        "end_median_ms": percentile(waits_ms, 50),
        "follow_p95_ms": percentile(ages_ms, 95),
        "n_strokes": len(panel.editor.scene.strokes),
        "n_ages": len(ages_ms),
    }


def _note(ages_ms: list[float], timing: Timing) -> None:
    if timing.screen_ms is not None:
        ages_ms.append(timing.screen_ms)


def _shows_all(panel: Any) -> bool:
    """Whether the icon is painted into the drawing as it is now."""
    frame = panel.snapshot().frame
    n_points = sum(len(stroke.points) for stroke in panel.editor.scene.strokes)
    return frame.state is not None and len(frame.state["points"]) == n_points


def _stroke(driver: Driver, panel: Any, number: int) -> float:
    """Draw one circle; returns how long after its end the icon with it is painted, in milliseconds."""
    canvas, icon = panel.stage.canvas, panel.stage.icon
    middle_x, middle_y, radius = 16 + 8 * (number % 5), 16 + 7 * (number // 5), 4 + number % 4

    def point_at(passed_s: float) -> QPoint:
        angle = 2 * math.pi * passed_s / STROKE_S
        place = canvas.point_of(middle_x + radius * math.cos(angle), middle_y + radius * math.sin(angle))
        point: QPoint = canvas.mapTo(driver.window, place.toPoint())
        return point

    painted: list[float] = []

    def note(one: object) -> None:
        if one is icon and _shows_all(panel):
            painted.append(time.perf_counter())

    driver.paints.on_paint = note
    driver.drag(point_at, STROKE_S)
    released = time.perf_counter()
    painted.clear()
    driver.wait(lambda: painted, "the icon of a stroke")
    driver.pause(REST_S)
    return 1000 * (painted[0] - released)


ALL = (draw,)
