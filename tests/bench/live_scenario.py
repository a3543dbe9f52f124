"""Faces drawn in one step under a real mouse: guidance on its slider, words and noise along a path on the timeline."""

import math
import time
from typing import Any, Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.panel.morph_section import morph_path
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.timeline.scrubber import Scrubber
from tests.bench.driver import Driver

FACES: Final = "diffusion/avatars"
OTHER: Final = "a person with a full beard and a red shirt, smiling"
DRAG_S, WARM_UP_S, TURN_S = 6.0, 1.0, 1.6
N_PICTURES, FPS = 600, 30.0
"""More pictures than can be drawn ahead meanwhile."""
LOW, HIGH = 0.1, 0.25
"""The part of the slider of guidance that few steps have learnt."""

Result = dict[str, Any]


def live_guidance(driver: Driver) -> Result:
    """Drag guidance between 1.5 and 3.7."""
    panel = _open(driver)
    track = panel.controls.sampler.rows["guidance"].findChild(SliderTrack)
    return _dragged(driver, track, LOW, HIGH)


def live_prompt(driver: Driver) -> Result:
    """Scrub along a morph between two prompts."""
    panel = _open(driver)
    return _scrubbed(driver, [panel.params(), _other(panel, prompt=OTHER)])


def live_noise(driver: Driver) -> Result:
    """Scrub along a path between the noise of two seeds."""
    panel = _open(driver)
    return _scrubbed(driver, [panel.params(), _other(panel, seed=7)])


ALL = (live_guidance, live_prompt, live_noise)


def _scrubbed(driver: Driver, ends: list[Any]) -> Result:
    """Put a path between two settings on the timeline, and scrub along it."""
    panel = driver.panel
    places: list[Any] = []
    panel.tasks.ask("ends", lambda engine: [engine.place_of(end) for end in ends], done=places.extend)
    driver.wait(lambda: places, "both ends")
    panel.timeline.paths.edit("Path", morph_path(places, panel.timeline.paths.path, N_PICTURES, FPS))
    panel.timeline.show_path()
    driver.pause(0.5)
    return _dragged(driver, panel.timeline.bar.findChild(Scrubber), 0.05, 0.95)


def _other(panel: Any, **changes: Any) -> Any:
    return type(panel.params())(**{**vars(panel.params()), **changes})


def _open(driver: Driver) -> Any:
    """Open the faces and let them be drawn in one step."""
    driver.wait_for_device()
    driver.window.resize(1600, 1000)
    driver.window.opener.open_model(FACES)
    driver.wait(driver.has_picture, "the first picture")
    driver.wait_until_idle()
    one = driver.panel.findChild(QWidget, "drawn_in").findChild(Segment, "1")
    driver.show_in_inspector(one)
    driver.pause(0.5)
    driver.click(one)
    driver.pause(1.0)
    driver.wait_until_idle()
    return driver.panel


def _dragged(driver: Driver, widget: QWidget, low: float, high: float) -> Result:
    """Drag to and fro on a widget; how many different pictures were painted in a second."""
    driver.show_in_inspector(widget)
    driver.pause(0.5)
    middle, reach = (low + high) / 2, (high - low) / 2

    def point_at(passed_s: float) -> QPoint:
        return driver.place(widget, middle + reach * math.sin(math.tau * passed_s / TURN_S))

    driver.drag(point_at, WARM_UP_S)
    panel, painted = driver.panel, [0]
    drawn: list[Any] = [None, None]
    draw = panel.draw_frame

    def note_frame(frame: Any) -> None:
        drawn[0] = frame
        draw(frame)

    def note_paint(canvas: object) -> None:
        if canvas is panel.canvas and drawn[0] is not drawn[1]:
            drawn[1] = drawn[0]
            painted[0] += 1

    panel.draw_frame = note_frame
    driver.paints.on_paint = note_paint
    window_s, all_s = time.thread_time(), time.process_time()
    driver.drag(point_at, DRAG_S)
    window_s, all_s = time.thread_time() - window_s, time.process_time() - all_s
    return {
        "per_s": painted[0] / DRAG_S,
        "window_ms": 1000 * window_s / DRAG_S,
        "picture_ms": 1000 * (all_s - window_s) / max(painted[0], 1),
    }
