"""A scene that is learnt has a tab of its own in the window, which is that scene from its first step to the model."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from plugins.nerf.field.bake.bake import STAGES
from plugins.nerf.field.panel.panel import FieldPanel
from plugins.nerf.shared.state import View
from studio.commands.command import CommandRegistry
from studio.core.setting import Settings
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import builtin_places
from studio.shell.session.service import Services
from studio.shell.training.desk import TrainPlan
from studio.shell.window.look import Look
from studio.shell.window.window import MainWindow
from studio.widgets.plots.learning_card import LearningCard
from tests.plugins.nerf.field.made_scene import photos_of_ball, write_scene
from tests.shell.answering import answer
from tests.shell.conftest import ReadyDevice, shown_window

N_STEPS = 60
PATIENCE_S = 240.0
"""Real time: where others work, a training gives way for some of it."""
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_scene(tmp_path / "ball", photos_of_ball(10))


@pytest.fixture
def window(qtbot, qapp, tmp_path, dispatcher, stepped_worker, kernels_are_ready, monkeypatch) -> Iterator[MainWindow]:
    """A window with this family only, over an empty home; its pictures are small."""
    monkeypatch.setattr("studio.api.panel.SceneView.size_px", lambda self: (96, 64))
    monkeypatch.setattr(
        "plugins.nerf.field.bake.bake.STAGES", STAGES[:1]
    )  # what is baked is as coarse as its beginning
    monkeypatch.setattr("plugins.nerf.field.training.scene_recipe.BAKED_STAGES", STAGES[0])
    reports: list[BaseException] = []
    catalog = Catalog(tmp_path / "none", tmp_path / "models")
    catalog.families = find_families([place for place in builtin_places() if place.name == "nerf"])
    settings = Settings()
    parts = settings, catalog, stepped_worker, dispatcher, CommandRegistry(), ReadyDevice(settings), reports.append
    window = shown_window(qtbot, Services(*parts), Look(qapp, settings), 1100, 720)
    yield window
    for tab in window.tabs.model_tabs():
        window.tabs.close_page(tab)
    stepped_worker.cancel(lambda job: True)  # what closing the worker does
    stepped_worker.run_all()
    assert reports == []


def seen(panel: FieldPanel) -> View:
    """The picture on the canvas."""
    assert panel._view is not None
    return panel._view


def begin(window: MainWindow, folder: Path) -> FieldPanel:
    settings = {"data": str(folder), "size_px": "32", "n_samples": "2048"}
    window.trainings.start(TrainPlan("nerf/photos", "My ball", settings, N_STEPS))
    return panel_of(window)


def panel_of(window: MainWindow) -> FieldPanel:
    """The panel in front."""
    tab = window.tabs.front_tab
    assert tab is not None
    assert isinstance(tab.panel, FieldPanel)
    return tab.panel


def until(window: MainWindow, worker, wanted) -> None:
    """Let the worker work until something holds."""
    end = monotonic() + PATIENCE_S
    while monotonic() < end:
        worker.step()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        if wanted():
            return
    raise AssertionError("it never came to that")


def is_offered(window: MainWindow, name: str) -> bool:
    return any(one.isVisible() for one in window.tabs.front.findChildren(QPushButton, name))


def press(window: MainWindow, name: str) -> None:
    button = next(one for one in window.tabs.front.findChildren(QPushButton, name) if one.isVisible())
    QTest.mouseClick(button, LEFT)


def step_of(window: MainWindow) -> int:
    return window.trainings.desk.live[0].learning.step


@pytest.mark.long("walks through a whole window")
def test_a_tab_that_learns_is_the_new_scene_from_the_beginning(window, stepped_worker, folder):
    panel = begin(window, folder)
    (tab,) = window.tabs.model_tabs()
    assert (tab.title, panel.picker.button.text()) == ("My ball", "My ball")
    awaited = panel.awaited
    assert awaited.is_due
    until(window, stepped_worker, lambda: "photos" in panel.awaited.doing)
    assert "as soon as training starts" in panel.frame.caption.text()
    until(window, stepped_worker, lambda: panel._view is not None and panel._view.stage == "learning")
    assert (awaited.is_due, awaited.doing) == (False, awaited.doing)
    until(window, stepped_worker, lambda: panel.photo_desk.views is not None)
    views = panel.photo_desk.views
    assert views is not None
    assert sorted(views.names) == [f"images/{n:03d}.png" for n in range(10)]
    eyes = views.camera_to_world[:, :3, 3]
    assert np.abs(eyes - panel.editor.scene.camera.eye).sum(-1).min() < 1e-3


@pytest.mark.long("walks through a whole window")
def test_a_pause_shows_what_was_learnt_and_not_another_scene(window, stepped_worker, folder):
    panel = begin(window, folder)
    until(window, stepped_worker, lambda: step_of(window) > 40)
    press(window, "learning_pause")
    until(window, stepped_worker, lambda: window.trainings.desk.live[0].phase == "paused")
    until(window, stepped_worker, lambda: seen(panel).stage == "network" and seen(panel).fraction == 1)
    assert panel.learn_desk.training_id == ""
    facts = seen(panel).facts
    assert facts is not None
    assert panel.editor.facts is facts
    height, width = seen(panel).pixels.shape[:2]
    middle = seen(panel).pixels[height // 2, width // 2]
    assert middle.min() < 245  # the ball, on white
    press(window, "learning_continue")
    until(window, stepped_worker, lambda: seen(panel).stage == "learning")


@pytest.mark.long("walks through a whole window")
def test_the_tab_becomes_the_model_and_is_seen_from_the_same_place(window, stepped_worker, folder):
    panel = begin(window, folder)
    until(window, stepped_worker, lambda: panel._view is not None and panel._view.stage == "learning")
    panel.editor.set_field_of_view(0.9)
    until(window, stepped_worker, lambda: not window.trainings.desk.live)
    eye = panel.editor.scene.camera.eye
    bar = window.tabs.front.panel.messages
    QTest.mouseClick(next(one for one in bar.findChildren(QPushButton) if one.text() == "Open"), LEFT)
    until(window, stepped_worker, lambda: window.tabs.front_tab.panel is not panel)
    (tab,) = window.tabs.model_tabs()
    assert tab.title == "My ball"
    assert tab.source.id == "nerf/my-ball"
    assert tab.panel.editor.scene.camera.fov_y_rad == pytest.approx(0.9)
    assert tab.panel.editor.scene.camera.eye == pytest.approx(eye)
    until(window, stepped_worker, lambda: tab.panel.photo_desk.views is not None)
    assert len(tab.panel.photo_desk.views) == 10
    assert str(folder) not in tab.source.path.with_suffix(".json").read_text()


@pytest.mark.long("walks through a whole window")
def test_measuring_counts_down_and_the_model_can_be_kept_at_once(window, stepped_worker, folder):
    panel = begin(window, folder)
    until(window, stepped_worker, lambda: " s left" in window.trainings.desk.live[0].learning.label)
    until(window, stepped_worker, lambda: seen(panel).stage == "network" and seen(panel).fraction == 1)
    assert seen(panel).n_samples > 0.5  # of what was learnt, and not of the emptiness before it
    card = window.tabs.front.findChild(LearningCard)
    until(window, stepped_worker, lambda: card.finish_button.text() == "Keep it now")
    press(window, "learning_finish")
    until(window, stepped_worker, lambda: not window.trainings.desk.live)
    (model,) = [one for one in window.trainings._services.catalog.list_models() if one.is_own]
    assert (model.title, model.card.figures, model.card.trained["n_steps"]) == ("My ball", {}, N_STEPS)
    assert "It was kept without being measured." in model.card.more["notes"]


@pytest.mark.long("walks through a whole window")
def test_discarding_what_was_learnt_closes_its_tab(window, stepped_worker, folder):
    begin(window, folder)
    until(window, stepped_worker, lambda: step_of(window) > 2)
    press(window, "learning_pause")
    until(window, stepped_worker, lambda: is_offered(window, "learning_discard"))
    press(window, "learning_discard")
    answer(window, "ask_discard", "Discard")
    until(window, stepped_worker, lambda: not window.tabs.model_tabs())
