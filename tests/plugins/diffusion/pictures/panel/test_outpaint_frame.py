"""The frame under a real mouse and keyboard, and the desk that makes a source of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.outpainting import Placing, placed
from plugins.diffusion.pictures.panel.mask_section import MaskPresenter, OutpaintPresenter, PictureMaskSection
from plugins.diffusion.pictures.panel.outpaint_frame import OutpaintFrame
from plugins.diffusion.shared.panel.editor import DiffusionEditor
from plugins.diffusion.shared.scene import DiffusionScene
from studio.api.panel import MaskPainter, UndoStack
from studio.core.masked_picture import StartPicture
from tests.plugins.diffusion.panel_hand import ALT, LEFT, NONE, SHIFT, drag, heard, move, picture_of, press, shown
from tests.widgets.hand import double_click, part, turn_wheel

RECT = QRectF(60, 20, 320, 320)
PICTURE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)


def at(x: float, y: float) -> QPointF:
    """A share of the frame on the canvas."""
    return QPointF(RECT.x() + x * RECT.width(), RECT.y() + y * RECT.height())


@pytest.fixture
def frame(qtbot) -> Any:
    canvas = shown(qtbot, QWidget(), 440, 360)
    frame = OutpaintFrame(canvas, lambda: RECT)
    frame.set_picture(PICTURE)
    frame.show()
    yield frame
    canvas.close()


def close_to(placing: Placing) -> Any:
    return pytest.approx((placing.x, placing.y, placing.scale), abs=0.004)


def values(placing: Placing) -> tuple[float, float, float]:
    return placing.x, placing.y, placing.scale


def test_a_corner_follows_the_hand_and_the_drag_is_one_step(frame) -> None:
    ends = heard(frame.finished)
    drag(frame, [at(1, 1), at(0.9, 0.9), at(0.6, 0.6)], modifier=ALT)
    assert values(frame.placing()) == close_to(Placing(0, 0, 0.6))
    assert ends == [frame.placing()]


def test_a_drag_snaps_unless_alt_is_held(frame) -> None:
    frame.set_placing(Placing(0.1, 0.1, 0.5))
    drag(frame, [at(0.3, 0.3), at(0.44, 0.46)])
    assert frame.placing() == Placing(0.25, 0.25, 0.5)
    drag(frame, [at(0.3, 0.3), at(0.31, 0.31)], modifier=ALT)
    assert values(frame.placing()) == close_to(Placing(0.26, 0.26, 0.5))


def test_edges_scale_and_the_inside_shifts(frame) -> None:
    frame.set_placing(Placing(0.25, 0.25, 0.5))
    drag(frame, [at(0.75, 0.5), at(0.87, 0.5)], modifier=ALT)
    assert values(frame.placing()) == close_to(Placing(0.25, 0.19, 0.62))
    move(frame, at(0.5, 0.5))
    assert frame.cursor().shape() is Qt.CursorShape.SizeAllCursor
    move(frame, at(0.02, 0.02))
    assert frame.cursor().shape() is Qt.CursorShape.ArrowCursor
    said = heard(frame.finished)
    drag(frame, [at(0.02, 0.02), at(0.4, 0.4)])  # beside the picture
    assert said == []


def test_keys_wheel_and_double_click(frame) -> None:
    frame.setFocus()
    ends = heard(frame.finished)
    frame.set_placing(Placing(0.25, 0.25, 0.5))
    press(frame, Qt.Key.Key_Right, Qt.Key.Key_Down)
    assert values(frame.placing()) == pytest.approx((0.25 + 1 / 32, 0.25 + 1 / 32, 0.5))
    press(frame, Qt.Key.Key_Left, modifier=SHIFT)
    assert frame.placing().x == pytest.approx(0.25 - 7 / 32)
    press(frame, "+")
    assert frame.placing().scale == pytest.approx(0.525)
    turn_wheel(frame, -1)
    assert frame.placing().scale == pytest.approx(0.5)
    press(frame, "0")
    assert frame.placing() == Placing()
    assert len(ends) == 6
    frame.set_placing(Placing(0.3, 0.3, 0.4))
    double_click(frame, at(0.5, 0.5).toPoint())
    assert frame.placing() == Placing()
    done, left = heard(frame.accepted), heard(frame.cancelled)
    press(frame, Qt.Key.Key_Return, Qt.Key.Key_Escape)
    assert (len(done), len(left)) == (1, 1)


def test_set_placing_emits_nothing(frame) -> None:
    ends = heard(frame.finished)
    QTest.mousePress(frame, LEFT, NONE, at(1, 1).toPoint())
    frame.set_placing(Placing(0.2, 0.2, 0.5))
    QTest.mouseRelease(frame, LEFT, NONE, at(0.5, 0.5).toPoint())
    assert ends == []


def test_it_says_and_shows_how_much_is_invented(frame) -> None:
    frame.set_placing(Placing(0.25, 0.25, 0.5))
    assert frame.accessibleDescription() == "50 % of its size; 75 % will be invented"
    outside = picture_of(frame)[25:95, 65:135].astype(int)
    assert outside.sum(-1).std() > 2  # hatched
    frame.set_placing(Placing(0.5, 0.0, 1.0))
    assert frame.accessibleDescription() == "100 % of its size; 50 % will be invented"


# The desk


@dataclass
class Desk:
    frame: OutpaintFrame
    painter: MaskPainter
    section: PictureMaskSection
    editor: DiffusionEditor
    undo: UndoStack
    desk: OutpaintPresenter


@pytest.fixture
def desk(qtbot, frame) -> Desk:
    undo, canvas = UndoStack(), frame.parentWidget()
    editor = DiffusionEditor(DiffusionScene(origin="masked", source=StartPicture(PICTURE)), undo, frame)
    section, painter = shown(qtbot, PictureMaskSection(), 308), MaskPainter(canvas, lambda: RECT)
    masks = MaskPresenter(painter, section, editor, frame)
    desk = OutpaintPresenter(frame, section, masks, editor, frame)
    frame.hide()
    QTest.mouseClick(part(section, QWidget, "mask_outpaint"), LEFT)
    return Desk(frame, painter, section, editor, undo, desk)


def test_the_button_swaps_brush_and_frame(desk) -> None:
    assert desk.desk.is_on
    assert desk.frame.isVisible()
    assert desk.painter.isHidden()
    desk.frame.setFocus()
    press(desk.frame, Qt.Key.Key_Escape)
    assert not desk.desk.is_on
    assert desk.frame.isHidden()
    assert desk.painter.isVisible()
    assert not desk.section.outpaint.isChecked()


def test_every_move_is_made_of_the_first_picture_and_can_be_undone(desk) -> None:
    drag(desk.frame, [at(1, 1), at(0.5, 0.5)])
    drag(desk.frame, [at(0.25, 0.25), at(0.5, 0.5)])
    source = desk.editor.scene.source
    assert source is not None
    frame, mask = placed(PICTURE, Placing(0.25, 0.25, 0.5))
    assert np.array_equal(source.picture, frame)
    assert np.array_equal(source.mask, mask)
    assert desk.undo.undo_title == "Place the picture"
    desk.undo.undo()
    assert desk.frame.placing() == Placing(0, 0, 0.5)
    desk.undo.undo()
    assert desk.frame.placing() == Placing()
    assert desk.editor.scene.source is not None
    assert desk.editor.scene.source.picture is PICTURE


def test_without_a_masked_picture_the_frame_goes(desk) -> None:
    desk.editor.change("Start from", origin="noise")
    assert not desk.desk.is_on
    assert desk.frame.isHidden()
