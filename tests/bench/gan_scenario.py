"""What a person does in front of the people of the GANs: drag over the carpet, drag a slider."""

import itertools
import math
import time
from typing import Any

from PySide6.QtCore import QPoint

from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.bench.driver import Driver
from tests.bench.statistic import percentile

FAMILY = "gan"
DRAG_S = 5.0
TURN_S = 1.2
RADIUS_PX = 120

Result = dict[str, Any]


def gan_steer(driver: Driver) -> Result:
    """Draw circles on the picture, then drag the strongest direction's slider to and fro."""
    driver.wait_for_device()
    driver.open_family(FAMILY)
    driver.wait(driver.has_picture, "the first picture")
    driver.wait_until_idle()
    driver.wait(lambda: driver.panel.timeline.path_run.is_complete, "the walk that plays as an example")
    driver.wait_until_idle()
    driver.pause(1.0)
    return _drag_on_canvas(driver) | _drag_slider(driver)


def _drag_on_canvas(driver: Driver) -> Result:
    middle = driver.place(driver.panel.picture)

    def point_at(passed_s: float) -> QPoint:
        angle = math.tau * passed_s / TURN_S
        return middle + QPoint(round(RADIUS_PX * math.cos(angle)), round(RADIUS_PX * math.sin(angle)))

    n_before = len(driver.paints.times)
    driver.heartbeat.start()
    driver.drag(point_at, DRAG_S)
    late_ms = driver.heartbeat.stop()
    gaps_ms = [1000 * (b - a) for a, b in itertools.pairwise(driver.paints.times[n_before:])]
    return {
        "gap_p99_ms": percentile(late_ms, 99),
        "gap_worst_ms": max(late_ms),
        "frame_gap_p95_ms": percentile(gaps_ms, 95),
    }


def _drag_slider(driver: Driver) -> Result:
    panel = driver.panel
    row = next(iter(panel.controls.directions.sliders.values()))
    assert isinstance(row, SliderRow)
    track = row.findChild(SliderTrack)
    assert track is not None
    driver.show_in_inspector(row)
    driver.pause(0.2)
    ages = SceneAges(panel)
    row.value_changed.connect(ages.note_value)
    driver.paints.on_paint = ages.note_paint
    driver.drag(lambda s: driver.place(track, 0.5 + 0.35 * math.sin(math.tau * s / TURN_S)), DRAG_S)
    driver.wait(lambda: not ages.waiting, "the last picture")
    driver.paints.on_paint = lambda canvas: None
    ages.end()
    return {
        "slider_p95_ms": 1000 * percentile(ages.ages_s, 95),
        "slider_paints_per_s": ages.n_paints / DRAG_S,
        "slider_n_values": len(ages.ages_s),
    }


class SceneAges:
    """How old each value of a slider was when a picture of it, or of a newer one, had been painted."""

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self._show = panel._on_frame_arrived
        self._numbers: dict[int, int] = {}
        self._scenes: list[Any] = []  # kept, so that no other one gets the same id
        self._shown = -1
        self.waiting: list[tuple[int, float]] = []
        self.ages_s: list[float] = []
        self.n_paints = 0
        panel._on_frame_arrived = self.note_frame

    def end(self) -> None:
        """Leave the panel as it was."""
        del self._panel._on_frame_arrived

    def note_value(self, value: float) -> None:
        """The slider has a new value; by now the panel has the scene that belongs to it."""
        scene = self._panel.editor.scene
        self._numbers[id(scene)] = len(self._scenes)
        self.waiting.append((len(self._scenes), time.perf_counter()))
        self._scenes.append(scene)

    def note_frame(self, scene: Any, frame: Any) -> None:
        """A picture goes to the canvas; it belongs to the value that led to its scene."""
        self._shown = self._numbers.get(id(scene), self._shown)
        self._show(scene, frame)

    def note_paint(self, canvas: Any) -> None:
        """The canvas was painted: that answers the value it shows, and all older ones."""
        if canvas is not self._panel.picture or self._shown < 0:
            return
        now = time.perf_counter()
        self.n_paints += 1
        self.ages_s += [now - set_at for number, set_at in self.waiting if number <= self._shown]
        self.waiting = [(number, set_at) for number, set_at in self.waiting if number > self._shown]


ALL = (gan_steer,)
