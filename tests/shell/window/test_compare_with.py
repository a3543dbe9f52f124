"""Another model of the family does the same, and both runs stand side by side."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from studio.api.engine import Engine
from studio.core.error import UserError
from studio.widgets.compare.canvas import CompareCanvas
from studio.widgets.compare.view import CompareView
from studio.widgets.gallery.gallery import Gallery
from tests.shell.conftest import FAMILIES, MODEL

CTRL = Qt.KeyboardModifier.ControlModifier
OTHER = "good/ripples"


@pytest.fixture
def other_model(catalog) -> str:
    """A second model of the family: the same waves upside down."""
    shipped, own = FAMILIES / "good" / "models", Path(catalog.models_folder) / "good"
    own.mkdir(parents=True)
    with np.load(shipped / "waves.npz") as arrays:
        np.savez(own / "ripples.npz", waves=-arrays["waves"])
    card = json.loads((shipped / "waves.json").read_text(encoding="utf-8"))
    (own / "ripples.json").write_text(json.dumps(card | {"id": OTHER, "title": "Ripples"}), encoding="utf-8")
    catalog.refresh()
    return OTHER


@pytest.fixture
def timeline(other_model, tab):
    return tab.panel.timeline


def offered(window) -> list[str]:
    view = gallery_of(window).view
    return [view.choice_at(row).short_name for row in range(view.count())]


def gallery_of(window) -> Gallery:
    return window.findChildren(Gallery)[-1]


def compare(window, qtbot, title: str) -> None:
    """Ask for a comparison by keyboard."""
    qtbot.keyClick(window, Qt.Key.Key_M, CTRL)
    qtbot.keyClicks(gallery_of(window).field, title)
    qtbot.keyClick(gallery_of(window).field, Qt.Key.Key_Return)


def change_engines(catalog, monkeypatch, **methods) -> None:
    """Let the engines that are opened from now on have other methods."""
    real = catalog.open_engine

    def open_changed(source, device) -> Engine:
        engine = real(source, device)
        for name, method in methods.items():
            monkeypatch.setattr(engine, name, method)
        return engine

    monkeypatch.setattr(catalog, "open_engine", open_changed)


def test_every_model_of_the_family_is_offered_the_present_one_last(window, timeline, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_M, CTRL)
    assert offered(window) == ["Ripples", "Waves"]


def test_nothing_is_offered_on_the_first_page(window):
    window.tabs.show_home()
    assert not window.comparer.can_offer()
    window.comparer.offer()
    assert window.findChild(Gallery) is None


def test_both_models_run_with_the_same_settings_and_are_pinned(window, tab, timeline, qtbot):
    compare(window, qtbot, "Ripples")
    own, other = timeline.tracks.pinned
    assert (own.recording.info.model_id, other.recording.info.model_id) == (MODEL, OTHER)
    assert other.name == "Ripples"
    assert own.recording.info.params == other.recording.info.params
    assert own.recording.info.seed == other.recording.info.seed
    assert len(own.recording) == len(other.recording) == tab.panel.params().n_steps
    assert other.recording.is_finished
    assert not timeline.recorder.is_running(other.id)
    a, b = own.recording[-1].main_view, other.recording[-1].main_view
    assert abs(a.pixels.astype(int) + b.pixels - 255).max() <= 1  # the logistic curve is odd about grey


def test_the_comparison_takes_the_place_of_the_picture(window, tab, timeline, qtbot):
    compare(window, qtbot, "Ripples")
    view = tab.panel.findChild(CompareView)
    assert view.isVisible()
    assert not tab.panel.canvas.isVisible()
    assert view.n_frames == timeline.playback.n_frames == tab.panel.params().n_steps
    timeline.playback.seek(2)
    assert "Step 3" in view.findChild(CompareCanvas).accessibleDescription()
    qtbot.mouseClick(view.findChild(QPushButton, "compare_back"), Qt.MouseButton.LeftButton)
    assert not view.isVisible()
    assert tab.panel.canvas.isVisible()
    assert timeline.tracks.pinned == ()
    window.steps.undo()
    assert view.isVisible()


def test_the_panels_own_run_stays_in_front_and_the_other_moves_no_control(window, tab, timeline, qtbot):
    compare(window, qtbot, "Ripples")
    own, other = timeline.tracks.pinned
    assert timeline.track.id == own.id
    timeline.tracks.unpin_all()
    assert tab.panel.position()["z"].tolist() == own.recording[0].state["z"].tolist()
    timeline.show_track(timeline.tracks.find(other.id))
    timeline.playback.seek(2)
    assert tab.panel.position() == {}  # only the picture of the other model's frame reaches the panel


def test_a_run_with_these_settings_is_used_again(window, timeline, qtbot):
    compare(window, qtbot, "Ripples")
    compare(window, qtbot, "Waves")
    assert [track.recording.info.model_id for track in timeline.tracks] == [MODEL, OTHER, MODEL]
    assert [track.number for track in timeline.tracks.pinned] == [1, 3]
    window.steps.undo()
    assert [track.number for track in timeline.tracks.pinned] == [1, 2]


def test_the_other_model_is_freed_afterwards(window, timeline, catalog, qtbot, monkeypatch):
    closed = []
    change_engines(catalog, monkeypatch, close=lambda: closed.append(OTHER))
    compare(window, qtbot, "Ripples")
    assert closed == [OTHER]


def test_settings_that_the_other_model_does_not_take_are_a_sentence(window, tab, timeline, catalog, qtbot, monkeypatch):
    def refuse(*_):
        raise UserError("This model draws no letters.", "Leave the word empty.")

    change_engines(catalog, monkeypatch, generate=refuse)
    compare(window, qtbot, "Ripples")
    words = " ".join(label.text() for label in tab.panel.messages.findChildren(QLabel))
    assert "This model draws no letters." in words
    assert "Leave the word empty." in words
    assert len(timeline.tracks) == 0


def test_a_model_that_cannot_be_opened_is_a_sentence(window, tab, timeline, other_model, catalog, qtbot):
    (Path(catalog.models_folder) / "good" / "ripples.npz").write_bytes(b"no waves")
    compare(window, qtbot, "Ripples")
    assert tab.panel.messages.keys()
    assert len(timeline.tracks) == 0


def test_a_run_that_is_stopped_keeps_its_frames(window, timeline, qtbot, stepped_worker, monkeypatch):
    monkeypatch.setattr(window.tabs.front_tab.panel.tasks, "_worker", stepped_worker)
    compare(window, qtbot, "Ripples")
    while len(timeline.tracks) < 2:
        stepped_worker.step()
    other = timeline.tracks.pinned[1]
    assert timeline.recorder.is_running(other.id)
    timeline.recorder.stop(other.id)
    assert not timeline.recorder.is_running(other.id)
    n = len(other.recording)
    while stepped_worker.step():
        pass
    assert len(other.recording) == n
    assert other.recording.is_finished
