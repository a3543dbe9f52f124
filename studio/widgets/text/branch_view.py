"""Draws the tree of branches under the text: a line for each run, a dot where one left another."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import show_tip
from studio.widgets.controls.section import paint_title
from studio.widgets.spoken_role import TREE
from studio.widgets.text.branch_tree import BranchLine, BranchRun, joint_words, lines_of
from studio.widgets.theme import hue_of, theme, theme_source

TITLE: Final = N_("Branches")
_TITLE_PX: Final = 22
_ROW_PX: Final = 28
_SIDE_PX: Final = 8
_MOST_ROWS: Final = 6
_SWING_PX: Final = 34
_DOT_PX: Final = 5.0
_TEXT_END: Final = 160


class BranchView(QWidget):
    """Signals:
    chosen(id): the person wants to see this run.
    delete_requested(id): the person wants it gone.
    """

    spoken_role = TREE

    chosen = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("branch_view")
        self.setAccessibleName(translate(TITLE))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._lines: tuple[BranchLine, ...] = ()
        self._current = self._pointed = ""
        self._place = 0
        self._is_offered = True
        theme_source().theme_changed.connect(self._on_theme_changed)
        self.hide()

    def show_runs(self, runs: Sequence[BranchRun], current: str, place: int) -> None:
        """Show these runs; `place` is the token at the playhead of the current one. Emits nothing."""
        n_before = len(self._lines)
        self._lines, self._current, self._place = tuple(lines_of(runs)), current, place
        self.setVisible(self._is_offered and len(runs) > 1)
        self.setAccessibleDescription("; ".join(map(_told, (line.run for line in self._lines))))
        if len(self._lines) != n_before:
            self.updateGeometry()
        self.update()

    def set_offered(self, is_offered: bool) -> None:
        """Whether there is room for it; it is shown where there are two runs or more. Emits nothing."""
        self._is_offered = is_offered
        self.setVisible(is_offered and len(self._lines) > 1)

    def sizeHint(self) -> QSize:
        """A line for each run, as far as there is room."""
        rows = min(len(self._lines), _MOST_ROWS)
        return QSize(300, theme().scaled(_TITLE_PX) + theme().scaled(_ROW_PX) * rows)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the run under the pointer."""
        line = self._line_at(event.position())
        if line is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(line.run.id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the run under the pointer."""
        self._point(self._line_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """None is."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go from run to run, Delete takes the current one away."""
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key, ids = Qt.Key(event.key()), [line.run.id for line in self._lines]
        if key in ways and self._current in ids:
            self.chosen.emit(ids[min(max(ids.index(self._current) + ways[key], 0), len(ids) - 1)])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._current in ids:
            self.delete_requested.emit(self._current)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to delete the run under the pointer."""
        line = self._line_at(QPointF(event.pos()))
        if line is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction(_("Delete this branch"))
        run_id = line.run.id
        action.triggered.connect(lambda: self.delete_requested.emit(run_id))
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """Tell the text of a run and how likely it is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self._line_at(QPointF(event.pos()))
            show_tip(event.globalPos(), "" if line is None else _told(line.run), self)
            return True
        return super().event(event)

    def _point(self, line: BranchLine | None) -> None:
        pointed = "" if line is None else line.run.id
        if pointed != self._pointed:
            self._pointed = pointed
            self.setCursor(Qt.CursorShape.PointingHandCursor if pointed else Qt.CursorShape.ArrowCursor)
            self.update()

    # Where everything is

    def _row_px(self) -> float:
        room = self.height() - theme().scaled(_TITLE_PX)
        return min(theme().scaled(_ROW_PX), room / max(len(self._lines), 1))

    def y_of(self, row: int) -> float:
        """The height of a run's line."""
        return theme().scaled(_TITLE_PX) + self._row_px() * (row + 0.7)

    def x_of(self, place: float) -> float:
        """Where a token stands along the lines."""
        most = max((line.last for line in self._lines), default=1)
        return _SIDE_PX + (self.width() - 2 * _SIDE_PX) * place / max(most, 1)

    def _line_at(self, at: QPointF) -> BranchLine | None:
        near = [line for line in self._lines if abs(self.y_of(line.row) - 4 - at.y()) <= self._row_px() / 2]
        return next((line for line in near if at.x() >= self.x_of(line.first) - _SWING_PX), None)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the lines, the dots and the words."""
        painter = QPainter(self)
        paint_title(painter, self.width(), TITLE)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme().colour.focus), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        for line in self._lines:
            self._paint_line(painter, line)
        for line in self._lines:
            self._paint_fork(painter, line)
        self._paint_playhead(painter)

    def _ink(self, line: BranchLine) -> QColor:
        if line.run.id == self._current:
            return QColor(hue_of(self).fill)
        return QColor(theme().colour.text_strong if line.run.id == self._pointed else theme().colour.text_muted)

    def _paint_line(self, painter: QPainter, line: BranchLine) -> None:
        painter.setPen(QPen(self._ink(line), 2.6 if line.run.id == self._current else 1.6))
        y = self.y_of(line.row)
        path = QPainterPath(QPointF(self.x_of(line.first), y))
        if line.from_row >= 0:
            start = QPointF(self.x_of(line.first), self.y_of(line.from_row))
            end = QPointF(min(start.x() + _SWING_PX, self.width() - _SIDE_PX), y)
            path = QPainterPath(start)
            middle = (start.x() + end.x()) / 2
            path.cubicTo(QPointF(middle, start.y()), QPointF(middle, y), end)
        path.lineTo(max(self.x_of(line.last), path.currentPosition().x()), y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_fork(self, painter: QPainter, line: BranchLine) -> None:
        if line.from_row < 0:
            return
        parent = next(one for one in self._lines if one.row == line.from_row)
        at = QPointF(self.x_of(line.first), self.y_of(line.from_row))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ink(parent))
        painter.drawEllipse(at, _DOT_PX - 1, _DOT_PX - 1)
        self._paint_word(painter, line.run.other, at + QPointF(_DOT_PX + 6, 0), parent)
        self._paint_word(painter, line.run.word, QPointF(at.x() + _SWING_PX, self.y_of(line.row)), line)

    def _paint_word(self, painter: QPainter, word: str, at: QPointF, line: BranchLine) -> None:
        painter.setFont(theme().font("small"))
        strong = line.run.id in (self._current, self._pointed)
        painter.setPen(QColor(theme().colour.text_strong if strong else theme().colour.text_muted))
        width = min(painter.fontMetrics().horizontalAdvance(word), _TEXT_END)
        left = min(at.x(), self.width() - width - _SIDE_PX)
        painter.drawText(QRectF(left, at.y() - 18, width + 2, 16), Qt.AlignmentFlag.AlignVCenter, word)

    def _paint_playhead(self, painter: QPainter) -> None:
        line = next((one for one in self._lines if one.run.id == self._current), None)
        if line is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.knob))
        y = self.y_of(line.row if self._place >= line.first or line.from_row < 0 else line.from_row)
        painter.setPen(QPen(QColor(theme().colour.knob_edge), 1))
        painter.drawEllipse(QPointF(self.x_of(min(self._place, line.last)), y), _DOT_PX, _DOT_PX)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _told(run: BranchRun) -> str:
    text = run.text if len(run.text) <= _TEXT_END else f"…{run.text[-_TEXT_END:]}"
    likely = _("Probability of the whole text: {share}").format(share=joint_words(run.bits))
    return f"{text.strip()}\n{likely}"
