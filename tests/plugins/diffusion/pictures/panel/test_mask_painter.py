"""The brush under a real mouse and keyboard, and the desk that writes its strokes into the scene."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.panel.mask_section import MaskPresenter, PictureMaskSection
from plugins.diffusion.shared.panel.editor import DiffusionEditor
from plugins.diffusion.shared.scene import DiffusionScene
from studio.api.panel import UndoStack
from studio.core.masked_picture import MaskStroke, StartPicture, feathered, with_stroke
from studio.widgets.views.mask_painter import RADIUS_STEP, MaskPainter
from studio.widgets.views.mask_tint import pixel_edges
from tests.plugins.diffusion.panel_hand import LEFT, RIGHT, SHIFT, drag, heard, move, picture_of, press, shown
from tests.widgets.hand import part, turn_wheel

RECT = QRectF(40, 20, 240, 160)  # a picture of 24 x 16 pixels, ten times as large
SIZE = (16, 24)


def at(x: float, y: float) -> QPointF:
    """A place of the picture on the canvas."""
    return QPointF(RECT.x() + 10 * x, RECT.y() + 10 * y)


@pytest.fixture
def painter(qtbot) -> Any:
    canvas = shown(qtbot, QWidget(), 320, 200)
    painter = MaskPainter(canvas, lambda: RECT)
    painter.set_mask(np.zeros(SIZE, bool), 0.0)
    painter.set_brush(2.0, False)
    painter.show()
    yield painter
    canvas.close()  # until then it lives


def test_a_drag_paints_what_it_passes_and_is_one_stroke(painter) -> None:
    said, changed = heard(painter.stroke_finished), heard(painter.mask_changed)
    drag(painter, [at(5, 5), at(9, 5), at(9, 11)])
    expected = with_stroke(np.zeros(SIZE, bool), MaskStroke(((5, 5), (9, 5), (9, 11)), 2.0))
    assert np.array_equal(painter.painted, expected)
    assert said == ["Paint the mask"]
    assert np.array_equal(changed[-1], expected.astype(np.float32))


@pytest.mark.parametrize("how", ["right", "shift", "eraser"])
def test_right_button_shift_and_eraser_take_away(painter, how) -> None:
    painter.set_mask(np.ones(SIZE, bool), 0.0)
    painter.set_brush(2.0, how == "eraser")
    said = heard(painter.stroke_finished)
    button = RIGHT if how == "right" else LEFT
    modifier = SHIFT if how == "shift" else Qt.KeyboardModifier.NoModifier
    drag(painter, [at(5, 5), at(12, 5)], button, modifier)
    assert np.array_equal(painter.painted, ~with_stroke(np.zeros(SIZE, bool), MaskStroke(((5, 5), (12, 5)), 2.0)))
    assert said == ["Erase from the mask"]


def test_a_second_button_neither_begins_nor_ends_a_stroke(painter) -> None:
    said = heard(painter.stroke_finished)
    QTest.mousePress(painter, LEFT, pos=at(3, 3).toPoint())
    QTest.mousePress(painter, RIGHT, pos=at(3, 3).toPoint())
    move(painter, at(6, 3), LEFT)
    assert painter.painted[3, 5]
    QTest.mouseRelease(painter, RIGHT, pos=at(6, 3).toPoint())
    assert said == []
    QTest.mouseRelease(painter, LEFT, pos=at(6, 3).toPoint())
    assert said == ["Paint the mask"]


def test_wheel_and_keys_change_the_brush_within_bounds(painter) -> None:
    said = heard(painter.radius_changed)
    assert turn_wheel(painter, 1)
    press(painter, "]")
    assert said == pytest.approx([2 * RADIUS_STEP, 2 * RADIUS_STEP**2])
    press(painter, "[")
    assert painter.radius_px == pytest.approx(2 * RADIUS_STEP)
    turn_wheel(painter, 100)
    assert painter.radius_px == painter.max_radius_px == 12
    turn_wheel(painter, -100)
    assert painter.radius_px == 0.75
    n_said = len(said)
    turn_wheel(painter, -1)
    assert len(said) == n_said


def test_the_keyboard_alone_paints_and_takes_away(painter) -> None:
    said = heard(painter.stroke_finished)
    painter.setFocus()
    move(painter, at(12, 8))
    press(painter, Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Return)
    dabs = with_stroke(np.zeros(SIZE, bool), MaskStroke(((12, 8),), 2.0))
    assert np.array_equal(painter.painted, with_stroke(dabs, MaskStroke(((11, 8),), 2.0)))
    press(painter, Qt.Key.Key_Return, modifier=SHIFT)
    assert np.array_equal(painter.painted, dabs & ~with_stroke(np.zeros(SIZE, bool), MaskStroke(((11, 8),), 2.0)))
    assert said == ["Paint the mask", "Paint the mask", "Erase from the mask"]
    cleared = heard(painter.clear_requested)
    press(painter, Qt.Key.Key_Delete)
    assert len(cleared) == 1


def test_escape_takes_back_the_stroke_under_way(painter) -> None:
    drag(painter, [at(5, 5), at(9, 5)])
    before, said, changed = painter.painted.copy(), heard(painter.stroke_finished), heard(painter.mask_changed)
    QTest.mousePress(painter, LEFT, pos=at(3, 12).toPoint())
    move(painter, at(12, 12), LEFT)
    assert not np.array_equal(painter.painted, before)
    press(painter, Qt.Key.Key_Escape)
    move(painter, at(20, 12), LEFT)
    QTest.mouseRelease(painter, LEFT, pos=at(20, 12).toPoint())
    assert np.array_equal(painter.painted, before)
    assert np.array_equal(changed[-1], before.astype(np.float32))
    assert said == []


def test_set_mask_emits_nothing_and_ends_a_stroke_unheard(painter) -> None:
    QTest.mousePress(painter, LEFT, pos=at(3, 3).toPoint())
    said, changed = heard(painter.stroke_finished), heard(painter.mask_changed)
    painter.set_mask(np.zeros(SIZE, bool), 3.0)
    move(painter, at(8, 8), LEFT)
    QTest.mouseRelease(painter, LEFT, pos=at(8, 8).toPoint())
    assert said == changed == []
    assert not painter.painted.any()


def test_what_is_painted_is_seen_in_more_than_colour(painter) -> None:
    painter.leaveEvent(None)  # wherever the pointer lay when it was shown
    bare = picture_of(painter)
    painter.set_mask(np.ones(SIZE, bool), 0.0)
    painter.leaveEvent(None)
    alone = picture_of(painter)
    assert np.array_equal(alone[60:160, 100:240], bare[60:160, 100:240])  # nothing of the picture is hidden
    assert not np.array_equal(alone[:60], bare[:60])  # but its outline is there
    move(painter, QPointF(5, 5))
    tinted = picture_of(painter)[60:160, 100:240].astype(int)
    assert (tinted != bare[60:160, 100:240]).any(-1).all()
    assert tinted.sum(-1).std() > 20  # hatching: brightness alone shows it
    assert painter.accessibleDescription().startswith("100 % of the picture")


def test_the_outline_runs_round_every_painted_pixel() -> None:
    painted = np.zeros((4, 5), bool)
    painted[1, 2] = True
    assert {tuple(map(int, edge)) for edge in pixel_edges(painted)} == {
        (2, 1, 2, 2),
        (3, 1, 3, 2),
        (2, 1, 3, 1),
        (2, 2, 3, 2),
    }
    assert len(pixel_edges(np.ones((4, 5), bool))) == 2 * (4 + 5)


def test_the_overlay_stays_as_large_as_the_canvas(painter) -> None:
    painter.parentWidget().resize(500, 400)
    assert painter.size() == painter.parentWidget().size()


# The desk


@dataclass
class Desk:
    painter: MaskPainter
    section: PictureMaskSection
    editor: DiffusionEditor
    undo: UndoStack
    desk: MaskPresenter

    @property
    def mask(self) -> Any:
        source = self.editor.scene.source
        assert source is not None
        return source.mask


@pytest.fixture
def desk(qtbot, painter) -> Desk:
    undo = UndoStack()
    scene = DiffusionScene(origin="masked", source=StartPicture(np.zeros((*SIZE, 3), np.uint8)))
    editor = DiffusionEditor(scene, undo, painter)
    section = shown(qtbot, PictureMaskSection(), 308)
    masks = MaskPresenter(painter, section, editor, painter)
    editor.changed.connect(lambda _: masks.show_scene(editor.scene))
    masks.show_scene(scene)
    return Desk(painter, section, editor, undo, masks)


def test_every_stroke_is_a_step_of_undo_and_an_undone_one_is_seen_undone(desk) -> None:
    desk.painter.set_brush(2.0, False)
    drag(desk.painter, [at(5, 5), at(9, 5)])
    first = desk.painter.painted.copy()
    drag(desk.painter, [at(5, 12), at(9, 12)])
    assert np.array_equal(desk.mask >= 128, desk.painter.painted)
    assert desk.undo.undo()
    assert np.array_equal(desk.painter.painted, first)
    assert desk.undo.undo()
    assert not desk.painter.painted.any()
    assert desk.undo.redo()
    assert desk.undo.redo_title == "Paint the mask"
    assert np.array_equal(desk.painter.painted, first)


def test_the_section_follows_a_stroke_that_goes_on(desk) -> None:
    assert desk.section.share.text() == "Paint on the picture"
    QTest.mousePress(desk.painter, LEFT, pos=at(5, 5).toPoint())
    share = desk.section.share.text()
    assert share.endswith("% redrawn")
    QTest.mouseRelease(desk.painter, LEFT, pos=at(5, 5).toPoint())
    assert desk.section.share.text() == share


def test_invert_and_clear_are_steps_too(desk) -> None:
    drag(desk.painter, [at(5, 5), at(9, 5)])
    painted = desk.painter.painted.copy()
    QTest.mouseClick(part(desk.section, QWidget, "mask_invert"), LEFT)
    assert np.array_equal(desk.painter.painted, ~painted)
    QTest.mouseClick(part(desk.section, QWidget, "mask_clear"), LEFT)
    assert not desk.painter.painted.any()
    assert desk.undo.undo_title == "Clear the mask"
    n_steps = len(desk.undo)
    desk.painter.setFocus()
    press(desk.painter, Qt.Key.Key_Delete)
    assert len(desk.undo) == n_steps  # there was nothing to clear


def test_the_soft_edge_of_the_section_is_that_of_the_brush(desk) -> None:
    drag(desk.painter, [at(5, 5), at(9, 5)])
    slider = part(desk.section, QWidget, "mask_feather").findChild(QWidget)
    assert slider is not None
    desk.section.feather_changed.emit(5.0)
    assert desk.editor.scene.feather_px == 5.0
    assert np.array_equal(desk.painter.values(), feathered(desk.painter.painted, 5.0))
    assert desk.undo.undo()
    assert desk.editor.scene.feather_px == 2.0


def test_the_sizes_of_brush_and_section_follow_each_other(desk) -> None:
    turn_wheel(desk.painter, 2)
    assert desk.section.radius.value() == pytest.approx(desk.painter.radius_px)
    desk.section.tool._segments["eraser"].click()
    desk.painter.set_mask(np.ones(SIZE, bool), 0.0)
    drag(desk.painter, [at(5, 5), at(9, 5)])
    assert not desk.painter.painted[5, 7]


def test_without_a_masked_picture_there_is_no_brush(desk) -> None:
    desk.editor.change("Start from", origin="noise")
    assert desk.painter.isHidden()
    assert desk.section.isHidden()
    desk.undo.undo()
    assert not desk.painter.isHidden()
    assert not desk.section.isHidden()
