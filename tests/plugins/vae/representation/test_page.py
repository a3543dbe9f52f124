"""The map of everything in the panel, with a real hand: laid out, walked through, selected, saved."""

import csv
import json

import numpy as np
import pytest
from PIL import Image as Pictures
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QPushButton

from plugins.vae.shared.panel.representation.kept_map import kept_selection, selected_in
from plugins.vae.shared.panel.representation.legend import Legend
from plugins.vae.shared.representation import layout as layout_module
from plugins.vae.shared.representation.encoded import kept_file
from studio.core.error import UserError
from tests.plugins.vae.model_made import make_handle
from tests.widgets.hand import part, turn_wheel

SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, action = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    widget.dropEvent(QDropEvent(QPointF(5, 5), action, data, buttons, NONE))


def drag(canvas, points, modifiers=NONE, button=Qt.MouseButton.LeftButton):
    QTest.mousePress(canvas, button, modifiers, points[0])
    for point in points[1:]:
        at = QPointF(point)
        move = QEvent.Type.MouseMove
        event = QMouseEvent(move, at, QPointF(canvas.mapToGlobal(point)), Qt.MouseButton.NoButton, button, modifiers)
        QApplication.sendEvent(canvas, event)
    QTest.mouseRelease(canvas, button, modifiers, points[-1])


def pixel_of(canvas, index):
    positions = canvas.mosaic.positions
    x, y = canvas.view.to_pixel(*positions[index], canvas.width(), canvas.height())
    return QPoint(round(x), round(y))


def said(panel):
    return " ".join(label.text() for label in panel.messages.findChildren(QLabel))


@pytest.fixture
def shown(qtbot, reader_panel, discs):
    """The panel with the discs on the map."""
    QTest.mouseClick(part(reader_panel, QPushButton, "everything"), Qt.MouseButton.LeftButton)
    drop(reader_panel.everything.page, discs)
    canvas = reader_panel.everything.page.canvas
    with qtbot.waitSignal(canvas.painted, check_params_cb=bool):
        canvas.update()
    return reader_panel


def test_one_click_opens_it_and_what_is_missing_is_said(reader_panel):
    page = reader_panel.everything.page
    QTest.mouseClick(part(reader_panel, QPushButton, "everything"), Qt.MouseButton.LeftButton)
    assert page.isVisible()
    assert reader_panel.frame.picture is page
    assert "do not come along" in said(reader_panel)
    needs_a_map = (page.save_picture, page.save_table, page.colour, page.by)
    assert not any(widget.isEnabled() for widget in needs_a_map)
    assert page.canvas.waiting[0].startswith("No map yet.")
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert reader_panel.frame.picture is reader_panel.canvas


def test_a_click_goes_to_a_picture_and_a_drag_is_one_step_of_undo(shown):
    canvas, editor, undo = shown.everything.page.canvas, shown.editor, shown.host.undo
    assert shown.everything.page.save_picture.isEnabled()
    encoded = shown.everything._encoded
    index = canvas.under(QPointF(pixel_of(canvas, 3)))
    assert index >= 0
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=pixel_of(canvas, 3))
    assert np.array_equal(editor.scene.z, encoded.z[index])
    before = editor.scene.z
    n_steps = len(undo.titles) if hasattr(undo, "titles") else None
    start = pixel_of(canvas, 3)
    drag(canvas, [start, start + QPoint(20, 0), start + QPoint(40, 9), start + QPoint(70, 20)])
    assert not np.array_equal(editor.scene.z, before)
    assert (encoded.z.min(0) <= editor.scene.z).all()
    assert (editor.scene.z <= encoded.z.max(0)).all()
    undo.undo()
    assert np.array_equal(editor.scene.z, before)
    assert n_steps is None or len(undo.titles) == n_steps + 1


def test_the_picture_beside_the_map_is_that_of_the_place(shown):
    canvas, preview = shown.everything.page.canvas, shown.everything.page.preview
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=pixel_of(canvas, 0))
    assert np.array_equal(preview.pixels, shown.canvas.pixels)
    first = preview.pixels.copy()
    QTest.mouseClick(
        canvas,
        Qt.MouseButton.LeftButton,
        pos=pixel_of(canvas, int(np.abs(canvas.mosaic.positions - canvas.mosaic.positions[0]).sum(1).argmax())),
    )
    assert not np.array_equal(preview.pixels, first)


def test_a_lasso_selects_counts_and_leads_to_the_mean(shown):
    page, canvas = shown.everything.page, shown.everything.page.canvas
    wide, high = canvas.width(), canvas.height()
    drag(canvas, [QPoint(1, 1), QPoint(wide, 0), QPoint(wide, high), QPoint(0, high)], SHIFT)
    assert "12 of 12" in page.shares.text()
    assert "small:\u00a050\u00a0%" in page.shares.text()
    QTest.mouseClick(page.to_mean, Qt.MouseButton.LeftButton)
    assert np.allclose(shown.editor.scene.z, shown.everything._encoded.z.mean(0))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not page.selection.isVisible()
    assert page.isVisible()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_the_map_is_zoomed_moved_and_shown_whole_again(shown):
    canvas = shown.everything.page.canvas
    whole = canvas.view
    assert turn_wheel(canvas, 4)
    assert canvas.view.zoom == pytest.approx(1.25**4)
    before = canvas.view.to_pixel(0.0, 0.0, canvas.width(), canvas.height())
    drag(canvas, [QPoint(200, 200), QPoint(230, 190)], button=Qt.MouseButton.RightButton)
    after = canvas.view.to_pixel(0.0, 0.0, canvas.width(), canvas.height())
    assert np.allclose(np.subtract(after, before), (30, -10))
    canvas.grab()
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.view == whole
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.centre_x > 0


def test_colours_and_legend_follow_the_choice_which_is_remembered(shown, discs):
    page = shown.everything.page
    legend, box = part(page, Legend), part(page, QComboBox, "everything_colour")
    assert legend.accessibleName() == "large, small"
    for index in range(box.count()):
        box.setCurrentIndex(index)
        box.activated.emit(index)
    assert box.currentText() == "Shape 2"
    assert len(legend.accessibleName().split(",")) == 3
    drop(page, discs)
    assert box.currentText() == "Shape 2"
    assert shown.host.recall("everything", {})["vae/dots"]["colour"] == "figure:Shape 2"


def test_hovering_says_what_it_is_and_files_left_out_are_counted(shown):
    page, canvas = shown.everything.page, shown.everything.page.canvas
    at = pixel_of(canvas, 5)
    QTest.mouseMove(canvas, at)
    assert shown.everything._encoded.names[canvas.under(QPointF(at))] in page.about.text()
    assert "5 files" in page.progress.text()
    assert "huge.png" in page.progress.accessibleDescription()


def test_the_selection_leaves_as_a_table_and_the_map_as_a_picture(shown, tmp_path, monkeypatch):
    page, canvas = shown.everything.page, shown.everything.page.canvas
    table, picture = tmp_path / "map.csv", tmp_path / "map.png"
    mask = np.zeros(12, bool)
    mask[[2, 5]] = True
    shown.everything.select(mask)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(table), ""))
    QTest.mouseClick(page.save_table, Qt.MouseButton.LeftButton)
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    encoded = shown.everything._encoded
    assert [row["name"] for row in rows] == [encoded.names[2], encoded.names[5]]
    assert float(rows[1]["z1"]) == pytest.approx(float(encoded.z[5, 0]), abs=1e-3)
    assert rows[0]["Folder"] == encoded.names[2].split("/")[0]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(picture), ""))
    QTest.mouseClick(page.save_picture, Qt.MouseButton.LeftButton)
    with Pictures.open(picture) as saved:
        assert saved.size == (2 * canvas.width(), 2 * canvas.height())
        assert len(saved.convert("RGB").getcolors(1 << 20) or ()) > 10


def test_neighbours_that_cannot_be_had_are_said_and_the_flat_map_stays(shown, monkeypatch):
    def missing(*_):
        yield None
        raise UserError("It needs umap-learn.", "Install it.")

    monkeypatch.setattr(layout_module, "neighbour_map", missing)
    page, before = shown.everything.page, shown.everything.page.canvas.mosaic
    QTest.mouseClick(page.way._segments["neighbours"], Qt.MouseButton.LeftButton)
    assert "umap-learn" in said(shown)
    assert page.canvas.mosaic is before
    assert page.way.value() == "flat"


def test_without_any_map_yet_the_flat_one_takes_the_place_of_neighbours(reader_panel, discs, monkeypatch):
    def missing(*_):
        yield None
        raise UserError("It needs umap-learn.", "Install it.")

    monkeypatch.setattr(layout_module, "neighbour_map", missing)
    page = reader_panel.everything.page
    page.way.set_value("neighbours")
    QTest.mouseClick(part(reader_panel, QPushButton, "everything"), Qt.MouseButton.LeftButton)
    drop(page, discs)
    assert "umap-learn" in said(reader_panel)
    assert page.way.value() == "flat"
    assert page.canvas.mosaic is not None


def test_what_was_laid_out_by_neighbours_is_shown(shown, monkeypatch):
    def turned(_space, flat, _seed):
        yield None
        return flat[:, ::-1]

    monkeypatch.setattr(layout_module, "neighbour_map", turned)
    page, before = shown.everything.page, shown.everything.page.canvas.mosaic.positions
    QTest.mouseClick(page.way._segments["neighbours"], Qt.MouseButton.LeftButton)
    assert np.allclose(page.canvas.mosaic.positions, before[:, ::-1], atol=1e-5)
    assert list(kept_file("", "").parent.glob("*.npz"))


def test_letters_are_read_from_a_folder_too(panel):
    assert not panel.everything.page.folder.isHidden()
    assert panel.everything.page.acceptDrops()


def test_an_open_map_is_kept_with_the_panel(shown, make_panel, source, qtbot):
    page = shown.everything.page
    page.colour.setCurrentIndex(page.colour.findText("Redrawing error"))
    page.colour.activated.emit(page.colour.currentIndex())
    turn_wheel(page.canvas, 4)
    mask = np.arange(12) % 5 == 1
    shown.everything.select(mask)
    kept = json.loads(json.dumps(shown.state()))
    assert "Bilder" not in json.dumps(kept)  # a folder is nobody else's business
    view, colours = page.canvas.view, page.legend.accessibleName()
    assert view.zoom > 1
    again = make_panel(make_handle(source))
    again.host.memory.update(shown.host.memory)
    again.set_state(kept)
    assert again.frame.picture is again.everything.page
    canvas = again.everything.page.canvas
    assert np.array_equal(canvas.mosaic.positions, page.canvas.mosaic.positions)
    assert (canvas.view.centre_x, canvas.view.centre_y, canvas.view.zoom) == pytest.approx(
        (view.centre_x, view.centre_y, view.zoom)
    )
    assert again.everything.page.legend.accessibleName() == colours
    assert np.array_equal(again.everything._selected, mask)
    assert "3 of 12" in again.everything.page.shares.text()
    assert again.state() == kept
    again.everything.set_shown(False)
    assert "map" not in again.state()
    again.set_state(kept)  # it is there already, and stands as it did
    assert again.state() == kept


@pytest.mark.parametrize("wrong", ["", "no key", "KEY", "KEY ÿ", "KEY AAAAAAAA", "KEY A\n=="])
def test_a_selection_of_other_pictures_is_none(shown, wrong):
    encoded = shown.everything._encoded
    assert selected_in(wrong.replace("KEY", encoded.key), encoded) is None
    everything = np.ones(12, bool)
    found = selected_in(kept_selection(encoded, everything), encoded)
    assert found is not None
    assert found.all()


def test_a_map_kept_before_there_were_selections_opens(shown):
    state = shown.state()
    state["map"] = {name: value for name, value in state["map"].items() if name != "selected"}
    shown.everything.select(np.ones(12, bool))
    shown.set_state(state)
    assert shown.everything._selected is None


def test_the_folder_of_another_computer_is_a_sentence(shown, make_panel, source):
    kept = shown.state()
    again = make_panel(make_handle(source))
    again.set_state(kept)
    assert "not known on this computer" in said(again)
    assert again.frame.picture is again.canvas


@pytest.mark.parametrize("wrong", [{"way": "round"}, {"zoom": 0}, {"x": "nan"}, {"folder": 3}, {"more": 1}])
def test_an_unsound_map_is_refused(shown, wrong):
    state = shown.state()
    with pytest.raises(UserError):
        shown.set_state({**state, "map": {**state["map"], **wrong}})
