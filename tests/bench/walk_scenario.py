"""Four gestures of a hand in the real window, each once to warm up and once watched until the panel is settled."""

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.registry.catalog import Catalog
from studio.registry.target import Opening
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.bench.driver import Driver
from tests.bench.walk import Walk

STEP: Final = 8
"""Of a run of pictures: from here a branch goes on."""
REST_S: Final = 0.3
"""A gesture is over when nothing has happened for so long."""

Result = dict[str, Any]
Gesture = Callable[[], None]


def walk_slider(driver: Driver) -> Result:
    """Drag the slider of the strongest direction of the letterforms a little."""
    panel = _open(driver, "vae/letterforms")
    row = panel.findChild(SliderRow, "direction_0")
    track = row.findChild(SliderTrack)
    driver.show_in_inspector(row)

    def drag() -> None:
        driver.press(driver.place(track, 0.5))
        driver.move(driver.place(track, 0.6))
        driver.release(driver.place(track, 0.6))

    return _watched(driver, lambda: None, drag)


def walk_erased_pixel(driver: Driver) -> Result:
    """Erase a pixel in the middle of a digit, which is finished again."""
    canvas = _open(driver, "autoregressive/digits").findChild(QWidget, "pixel_canvas")

    def erase() -> None:
        handle, plain = driver.window.windowHandle(), Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(handle, Qt.MouseButton.RightButton, plain, driver.place(canvas))

    return _watched(driver, lambda: None, erase)


def walk_forced_word(driver: Driver) -> Result:
    """Let a text go on with another word in the middle of it."""
    panel = _open(driver, "transformer/shakespeare")
    bars = panel.findChild(QWidget, "next_bars")
    driver.show_in_inspector(bars)

    def go_back() -> None:
        panel.timeline.playback.seek(panel.timeline.playback.n_frames // 2)

    def force() -> None:
        point = bars.mapTo(driver.window, bars.row_rect(1).center().toPoint())
        driver.press(point)
        driver.release(point)

    return _watched(driver, go_back, force)


def walk_branch(driver: Driver) -> Result:
    """Go on from a step of a run of pictures."""
    panel = _open(driver, "diffusion/emoji")

    def go_back() -> None:
        panel.timeline.playback.seek(STEP)

    def branch() -> None:
        buttons = panel.timeline.bar.findChildren(QAbstractButton)
        driver.click(next(one for one in buttons if one.accessibleName().startswith("Branch")))

    return _watched(driver, go_back, branch)


ALL = (walk_slider, walk_erased_pixel, walk_forced_word, walk_branch)


def _open(driver: Driver, model_id: str) -> Any:
    """Open a model in a window that saves no session meanwhile, as it does every half minute."""
    driver.wait_for_device()
    if driver.studio.keeper is not None:
        driver.studio.keeper.close()
    driver.window.resize(1600, 1000)
    driver.window.opener.open_opening(Opening(Catalog().find_model(model_id).source, model_id))
    driver.wait(driver.has_picture, "the first picture")
    _rest(driver)
    return driver.panel


def _rest(driver: Driver, unseen: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
    """Wait until the panel is settled and stays so for a while: some parts follow once a hand rests."""
    settled_since_s = math.inf

    def is_at_rest() -> bool:
        nonlocal settled_since_s
        with unseen():
            is_settled = driver.panel.is_settled and not driver.studio.worker.jobs()
            now_s = time.monotonic()
            settled_since_s = min(settled_since_s, now_s) if is_settled else math.inf
            return now_s - settled_since_s > REST_S

    driver.wait(is_at_rest, "the end of all work")


def _watched(driver: Driver, prepare: Gesture, gesture: Gesture) -> Result:
    """Make a gesture twice; what the second one ran through."""
    prepare()
    _rest(driver)
    gesture()
    _rest(driver)
    walk = Walk(driver.studio.worker)
    prepare()
    _rest(driver)
    walk.start()
    gesture()
    _rest(driver, walk.unseen)
    walk.stop()
    files, family = walk.files(), f"plugins/{driver.panel.handle.source.id.partition('/')[0]}/"
    timeline = type(driver.panel.timeline.bar)
    return {
        "n_files": len(files),
        "n_family_files": sum(name.startswith(family) for name in files),
        "n_functions": walk.n_functions(),
        "n_sources_shown": walk.most_in_a_turn(timeline.show_recording),
        "n_sources_in_all": walk.n_calls(timeline.show_recording),
        "n_lists_shown": walk.most_in_a_turn(timeline.show_tracks),
        "n_lists_in_all": walk.n_calls(timeline.show_tracks),
        "files": files,
    }
