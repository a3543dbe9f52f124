"""A scene of splats in a window: real events on the canvas, the tools, the inspector."""

import json
from operator import methodcaller
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from plugins.nerf.foreign.splats.reader import read_splats, write_splats
from plugins.nerf.splats.engine import SplatsEngine
from plugins.nerf.splats.model.edits import edited
from plugins.nerf.splats.model.files import save_splats
from plugins.nerf.splats.panel.panel import SplatsPanel
from studio.api.engine import ModelSource
from tests.plugins.nerf.splats.made_splats import random_splats

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SPLATS = random_splats(400, 1, opacity_logits=np.full(400, 2.0))


@pytest.fixture
def panel(make_panel, sync_worker, kernels_are_ready, tmp_path, qtbot) -> SplatsPanel:
    save_splats(tmp_path / "cloud.safetensors", SPLATS)
    source = ModelSource("nerf/cloud", tmp_path / "cloud.safetensors", {"kind": "splats"})
    panel = make_panel(sync_worker, source, SplatsEngine, SplatsPanel)
    qtbot.waitUntil(lambda: panel.is_settled)
    return panel


def drag(panel, way=(80, 30), start=None):
    canvas = panel.canvas
    begin = canvas.rect().center() if start is None else start
    QTest.mousePress(canvas, LEFT, PLAIN, begin)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(canvas, begin + QPoint(round(way[0] * share), round(way[1] * share)))
    QTest.mouseRelease(canvas, LEFT, PLAIN, begin + QPoint(*way))


def hold(panel, tool):
    segment = next(one for one in panel.editing.tool.children() if getattr(one, "text", str)() == tool)
    QTest.mouseClick(segment, LEFT)


def click(panel, name):
    QTest.mouseClick(panel.editing.buttons[name], LEFT)


def shown(panel, qtbot):
    qtbot.waitUntil(lambda: panel.is_answer_due and panel.is_settled)
    return panel._view.pixels


def test_the_caption_says_how_many_there_are(panel) -> None:
    assert "400 soft coloured spots" in panel.frame.caption.text()


def test_no_photos_are_offered_where_there_are_none(panel) -> None:
    words = [one.text() for one in panel.camera_section.mode.children() if isinstance(one, QAbstractButton)]
    shown = [one.text() for one in panel.camera_section.mode.findChildren(QAbstractButton) if not one.isHidden()]
    assert set(words) - set(shown) == {"Training views"}


@pytest.mark.long("opens a panel and draws with its model")
def test_a_drag_turns_the_scene_and_undo_turns_it_back(panel, qtbot) -> None:
    before, eye = json.dumps(panel.state()), panel.editor.scene.camera.eye
    with qtbot.waitSignal(panel.hand.stopped):
        drag(panel)
    assert not np.allclose(panel.editor.scene.camera.eye, eye, atol=1e-3)
    panel.host.undo.undo()
    assert json.dumps(panel.state()) == before


def test_a_ball_is_selected_kept_and_taken_back(panel, qtbot) -> None:
    whole = shown(panel, qtbot)
    hold(panel, "Ball")
    marked = shown(panel, qtbot)
    assert (marked != whole).any()
    click(panel, "keep")
    kept = shown(panel, qtbot)
    assert ((kept < 250).any(-1)).sum() < ((whole < 250).any(-1)).sum()
    assert panel.editor.scene.selection is None
    assert panel.host.undo.undo_title == "Crop the scene"
    while panel.host.undo.undo():
        pass
    assert panel.editor.scene.edits == ()
    assert np.array_equal(shown(panel, qtbot), whole)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_brush_selects_and_does_not_turn_the_scene(panel, qtbot) -> None:
    eye = panel.editor.scene.camera.eye
    hold(panel, "Brush")
    drag(panel)
    selection = panel.editor.scene.selection
    assert (selection.shape, len(selection.numbers)) == ("stroke", 11 + 2 * 4)
    assert np.array_equal(panel.editor.scene.camera.eye, eye)
    click(panel, "remove")
    assert [edit.action for edit in panel.editor.scene.edits] == ["remove"]
    hold(panel, "None")
    with qtbot.waitSignal(panel.hand.stopped):
        drag(panel)
    assert not np.allclose(panel.editor.scene.camera.eye, eye, atol=1e-3)


def test_nothing_is_removed_where_nothing_is_selected(panel) -> None:
    assert not panel.editing.buttons["remove"].isEnabled()
    click(panel, "colour")
    assert [edit.region.shape for edit in panel.editor.scene.edits] == ["all"]


def test_a_changed_scene_is_saved_and_another_one_put_into_it(panel, qtbot, tmp_path) -> None:
    hold(panel, "Box")
    click(panel, "keep")
    panel.file_desk.save(tmp_path / "kept.ply")
    kept = edited(SPLATS, panel.editor.scene.edits)
    assert len(read_splats(tmp_path / "kept.ply").splats) == len(kept) < len(SPLATS)
    assert "“kept.ply”" in panel.editing.words.text()
    before = shown(panel, qtbot)
    write_splats(tmp_path / "more.splat", random_splats(100, opacity_logits=np.full(100, 3.0)))
    panel.file_desk.add(tmp_path / "more.splat")
    assert (shown(panel, qtbot) != before).any()
    QTest.mouseClick(panel.editing.original, LEFT)
    assert (panel.editor.scene.edits, panel.editor.scene.added) == ((), ())


def test_state_and_snapshot_hold_what_was_changed(panel, qtbot) -> None:
    hold(panel, "Ball")
    click(panel, "remove")
    state = json.loads(json.dumps(panel.state()))
    changed = shown(panel, qtbot)
    snapshot = panel.snapshot()
    assert snapshot.state["scene"]["edits"][0]["action"] == "remove"
    panel.host.undo.undo()
    panel.set_state(state)
    assert np.abs(shown(panel, qtbot).astype(int) - changed).mean() < 0.2  # a saved camera is rounded


def test_a_path_shows_the_changed_scene(panel, qtbot) -> None:
    whole = drawn(panel, qtbot)
    hold(panel, "Ball")
    click(panel, "keep")
    assert (drawn(panel, qtbot) < 250).any(-1).mean() < 0.7 * (whole < 250).any(-1).mean()


def drawn(panel, qtbot):
    shown(panel, qtbot)
    frames: list[Any] = []
    panel.tasks.ask("test", methodcaller("run_to_end", panel.params()), event=frames.append)
    return frames[-1].main_view.pixels


def test_a_file_that_is_gone_is_said(panel, tmp_path) -> None:
    panel.file_desk.add(tmp_path / "never.ply")
    assert panel.messages.isVisible()


def test_a_web_page_holds_the_changed_scene(panel, tmp_path, monkeypatch) -> None:
    hold(panel, "Box")
    click(panel, "keep")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "cloud"), ""))
    QTest.mouseClick(panel.take.page, LEFT)
    text = (tmp_path / "cloud.html").read_text("utf-8")
    n_kept = len(edited(SPLATS, panel.editor.scene.edits))
    assert f'"n": {n_kept},' in text
    assert "“cloud.html”" in panel.take.words.text()


def test_a_picture_of_everything_around_is_half_as_high_as_wide(panel, qtbot) -> None:
    panel.editor.set_picture_size(64, 64)
    segment = next(one for one in panel.picture_size.shape.children() if getattr(one, "text", str)().startswith("All"))
    QTest.mouseClick(segment, LEFT)
    assert panel.editor.scene.params.shape == "around"
    assert not panel.picture_size.height_px.isEnabled()
    panel.draw_run()
    qtbot.waitUntil(lambda: panel.snapshot().params["height"] == 32)
    assert panel.snapshot().frame.main_view.pixels.shape == (32, 64, 3)
    panel.host.undo.undo()
    assert panel.picture_size.height_px.isEnabled()
