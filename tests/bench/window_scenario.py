"""What somebody who has read nothing wants of the window itself, from Home: every click, drag and key is counted."""

import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from studio.shell.home.picture_row import PictureButton
from studio.shell.present.show import Preparation
from tests.bench.driver import Driver
from tests.bench.take_home_scenario import Hand

Result = dict[str, Any]


def reopen_workspace(driver: Driver) -> Result:
    """Save what is open as a workspace, close it, and open it again."""
    with tempfile.TemporaryDirectory() as folder:
        hand, path, window = Hand(driver, folder), Path(folder) / "mine.manifold", driver.window
        hand.open_family("autoregressive")
        driver.wait(lambda: driver.panel.is_settled, "the run")
        before = _kept(driver)
        hand.press_and_answer("Ctrl+S", path)
        driver.wait(lambda: "mine" in window.windowTitle(), "the file")
        hand.press("Ctrl+W")
        driver.wait(lambda: window.tabs.front is window.home, "Home")
        hand.click(_recent(driver, "mine"))
        driver.wait(driver.has_picture, "the picture")
        driver.wait(lambda: _kept(driver) == before, "all that was there")
        return {"n_actions": hand.n_actions, "is_as_before": _kept(driver) == before}


def _kept(driver: Driver) -> tuple[Any, ...]:
    """The model, its settings, and the runs on the timeline with what one sees of them."""
    panel = driver.panel
    tracks = panel.timeline.tracks
    runs = [(one.id, [frame.main_view.pixels.tobytes() for frame in one.recording]) for one in tracks]
    return panel.handle.source.id, panel.params(), runs


def _recent(driver: Driver, name: str) -> QWidget:
    """What Home shows of a thing that was open."""
    buttons = driver.window.home.recent.findChildren(PictureButton)
    return next(one for one in buttons if one.isVisible() and name in one.choice.short_name)


def take_tour(driver: Driver) -> Result:
    """Begin the grand tour, and do its first step."""
    with tempfile.TemporaryDirectory() as folder:
        hand = Hand(driver, folder)
        desk: Any = driver.window.tours
        hand.click(driver.window.home.grand_tour)
        driver.wait(lambda: desk.tour is not None and desk.tour.ring.isVisible(), "the first step")
        driver.wait(driver.has_picture, "the first picture")
        assert desk.tour.step.deed == "drag"
        hand.drag(desk.tour.control, 0.3)
        driver.wait(lambda: desk.tour.index == 1, "the second step")
        return {"n_actions": hand.n_actions, "step": desk.tour.index}


def present(driver: Driver) -> Result:
    """Present a model, play with it, and go away: it returns to its start by itself."""
    with tempfile.TemporaryDirectory() as folder:
        hand, now = Hand(driver, folder), [1000.0]
        desk: Any = driver.window.presenting
        desk.clock = lambda: now[0]
        hand.open_family("gan")
        panel, before = driver.panel, driver.panel.state()
        hand.press("F11")
        driver.wait(lambda: desk.presentation is not None and desk.presentation.side.isVisible(), "the presentation")
        hand.drag(panel.frame.canvas, 0.3)
        driver.wait_until_answered()
        has_moved = panel.state() != before
        now[0] += Preparation().idle_s + 1
        driver.wait(lambda: desk.presentation.pace.is_attracting, "the end of the patience")
        driver.wait(lambda: panel.state() == before, "the start")
        return {"n_actions": hand.n_actions, "has_moved_and_returned": has_moved}


ALL = (reopen_workspace, take_tour, present)
