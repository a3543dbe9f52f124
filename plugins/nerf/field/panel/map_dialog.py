"""A map of the scene on one page: what stands where, seen from above, with a scale, marks and notes."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout, QWidget

from studio.api.panel import (
    AMOUNT_COLOURS,
    Command,
    EngineTasks,
    ImageView,
    array_from_image,
    at_the_left,
    hue_of,
    named_button,
)
from studio.core.atomic import atomic_write
from studio.core.picture import encode_png
from studio.core.translation import N_, _

from ...shared.marks import Marks, length_words
from ...shared.panel.commands import MENU
from ...shared.panel.editor import ViewEditor
from ...shared.panel.marks_painting import MarksPainter, marks_painter
from ..scene import FieldScene

if TYPE_CHECKING:
    from ..take.plan import FloorPlan

ByteArray: TypeAlias = npt.NDArray[np.uint8]
PAGE_PX: Final = (1400, 1000)
_SCALE: Final = 2
"""Pixels of the page for one of what is drawn on it."""
_WIDE, _HIGH = (side // _SCALE for side in PAGE_PX)
_EDGE_PX: Final = 30
_FOOT_PX: Final = 60
_PAPER, _INK, _LINE = "#ffffff", "#222222", "#d4d4d4"
_LARGEST_PX: Final = 160
"""The longest that the scale may be."""
_STEPS: Final = (1.0, 2.0, 5.0)


class MapPresenter(QObject):
    """Asks the engine for the plan, and shows it."""

    def __init__(self, editor: ViewEditor[FieldScene], tasks: EngineTasks, window: QWidget) -> None:
        super().__init__(window)
        self._editor, self._tasks, self._window = editor, tasks, window
        self.dialog: MapDialog | None = None

    def commands(self) -> tuple[Command, ...]:
        """What the palette can do."""
        return (Command("nerf.map", N_("Map of the scene"), self.ask, (), MENU),)

    def ask(self) -> None:
        """Show the map of what the box leaves of the scene."""
        scene = self._editor.scene
        self._tasks.ask("map", lambda engine: engine.plan(scene.box, scene.up), done=self._show)

    def _show(self, plan: "FloorPlan") -> None:
        marks = marks_painter(self._editor.scene.marks, hue_of(self._window).fill)
        self.dialog = MapDialog(map_picture(plan, marks), self._window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.destroyed.connect(self._on_gone)
        self.dialog.open()

    def _on_gone(self) -> None:
        self.dialog = None


class MapDialog(QDialog):
    """The page, and a button that saves it."""

    def __init__(self, pixels: ByteArray, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Map of the scene"))
        self.setObjectName("map_dialog")
        self.pixels = pixels
        self.view = ImageView()
        self.view.setMinimumSize(PAGE_PX[0] // 2, PAGE_PX[1] // 2)
        self.view.show_array(self.pixels)
        self.save = named_button("map_save", N_("Save…"), N_("Save the map as a PNG picture"), "export")
        self.save.clicked.connect(self._choose_name)
        layout = QVBoxLayout(self)
        layout.addWidget(self.view, 1)
        layout.addLayout(at_the_left(self.save))

    def _choose_name(self) -> None:
        chosen, _filter = QFileDialog.getSaveFileName(self, _("Save the map as a PNG picture"), "map.png", "*.png")
        if chosen:
            atomic_write(Path(chosen).with_suffix(".png"), encode_png(self.pixels))


def map_picture(plan: "FloorPlan", marks: MarksPainter) -> ByteArray:
    """Draw the page, uint8 (1000, 1400, 3): dark cells are low, bright ones high."""
    page = QImage(*PAGE_PX, QImage.Format.Format_RGB32)
    page.fill(QColor(_PAPER))
    room = QRectF(_EDGE_PX, _EDGE_PX, _WIDE - 2 * _EDGE_PX, _HIGH - 2 * _EDGE_PX - _FOOT_PX)
    wide, deep = abs(plan.right - plan.left), abs(plan.near - plan.far)
    px = min(room.width() / wide, room.height() / deep)  # of the page, for a unit of the world
    place = QRectF(0, 0, px * wide, px * deep)
    place.moveCenter(room.center())
    painter = QPainter(page)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_SCALE, _SCALE)
    painter.drawImage(place, _cells(plan))
    step = round_length(_LARGEST_PX / px, marks.marks.metres)
    _paint_lines(painter, place, step * px)
    _paint_marks(painter, plan, place, marks)
    _paint_scale(painter, step * px, length_words(step, marks.marks.metres), marks)
    painter.end()
    return array_from_image(page, max(PAGE_PX))


def round_length(most: float, metres: float) -> float:
    """The longest of 1, 2, 5, 10 … metres, or units where nobody knows a unit's length, that is no longer than `most`.

    Both are world units.
    """
    real = most * (metres or 1.0)
    power = 10.0 ** math.floor(math.log10(real))
    return max(step * power for step in _STEPS if step * power <= real * (1 + 1e-9)) / (metres or 1.0)


def _cells(plan: "FloorPlan") -> QImage:
    heights = plan.heights
    is_full = np.isfinite(heights)
    low, high = (
        (float(one) for one in (np.min(heights[is_full]), np.max(heights[is_full]))) if is_full.any() else (0, 1)
    )
    share = np.where(is_full, (heights - low) / max(high - low, 1e-9), 0)
    colours = AMOUNT_COLOURS[np.rint(share * (len(AMOUNT_COLOURS) - 1)).astype(np.intp)]
    rgba = np.concatenate([colours, np.where(is_full, 255, 0)[..., None]], axis=-1).astype(np.uint8)
    return QImage(rgba.tobytes(), rgba.shape[1], rgba.shape[0], 4 * rgba.shape[1], QImage.Format.Format_RGBA8888).copy()


def _paint_lines(painter: QPainter, place: QRectF, step_px: float) -> None:
    """Lines as far apart as the scale is long, from the lower left corner."""
    painter.setPen(QPen(QColor(_LINE), 1))
    for number in range(int(place.width() / step_px) + 1):
        x = place.left() + number * step_px
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
    for number in range(int(place.height() / step_px) + 1):
        y = place.bottom() - number * step_px
        painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))


def _paint_marks(painter: QPainter, plan: "FloorPlan", place: QRectF, marks: MarksPainter) -> None:
    shown: Marks = marks.marks
    points = [(*shown.ruler[:2],), tuple(note.point for note in shown.notes)]
    ends, notes = (
        [QPointF(place.left() + x * place.width(), place.top() + y * place.height()) for x, y in map(plan.place, some)]
        for some in points
    )
    painter.setFont(marks.font)
    if len(ends) == 2:
        painter.setPen(QPen(QColor(marks.hue), 2))
        painter.drawLine(*ends)
    words = ["", length_words(shown.length, shown.metres)][: len(ends)]
    for at, text in zip([*ends, *notes], [*words, *(note.words for note in shown.notes)], strict=True):
        marks.paint_mark(painter, at, text, _WIDE)


def _paint_scale(painter: QPainter, length_px: float, words: str, marks: MarksPainter) -> None:
    left, y = float(_EDGE_PX), float(_HIGH - _FOOT_PX)
    painter.setPen(QPen(QColor(_INK), 2))
    painter.drawLine(QPointF(left, y), QPointF(left + length_px, y))
    for x in (left, left + length_px):
        painter.drawLine(QPointF(x, y - 3), QPointF(x, y + 3))
    painter.setFont(marks.font)
    line_px = 1.5 * painter.fontMetrics().height()
    for row, text in enumerate((words, _("Seen from above: dark is low, bright is high"))):
        room = QRectF(left, y + 4 + row * line_px, _WIDE - 2 * _EDGE_PX, line_px)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
