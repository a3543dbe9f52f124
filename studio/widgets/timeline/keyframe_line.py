"""The scrubber with keyframes: select, drag, reorder, replace, delete, choose the easing."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from studio.core.path.easing import Easing
from studio.core.translation import N_, _, translate
from studio.widgets.theme import hue_of, theme
from studio.widgets.timeline.mark import DIAMOND_PX, KeyframeMark, paint_diamond
from studio.widgets.timeline.scrubber import HANDLE_PX, Scrubber

_REACH_PX: Final = 8.0
_LIFT_PX: Final = 13.0  # of the diamond on which the handle stands
_ROOM_ABOVE_PX: Final = 8.0
_DRAG_STARTS_AFTER_PX: Final = 3.0
EASING_TEXTS: Final[dict[Easing, str]] = {
    "linear": N_("Even speed"),
    "in": N_("Start slowly"),
    "out": N_("End slowly"),
    "in_out": N_("Start and end slowly"),
}


class KeyframeLine(Scrubber):
    """The scrubber of a path.

    Signals:
        keyframe_selected(index): clicked, or reached by key.
        keyframe_moved(index, fraction): while it is dragged; keyframe_move_finished() when it is let go.
        keyframe_reordered(index, to): dragged past a neighbour; from then on it is dragged as number `to`.
        keyframe_removed(index), keyframe_replaced(index), keyframe_easing_chosen(index, easing).
        keyframe_entered(index): double click, to go there.
        mark_hovered(index): the pointer rests over a keyframe; -1 when it left.
    """

    keyframe_selected = Signal(int)
    keyframe_moved = Signal(int, float)
    keyframe_move_finished = Signal()
    keyframe_reordered = Signal(int, int)
    keyframe_removed = Signal(int)
    keyframe_replaced = Signal(int)
    keyframe_easing_chosen = Signal(int, str)
    keyframe_entered = Signal(int)
    mark_hovered = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: list[KeyframeMark] = []
        self._current: int | None = None
        self._pressed_at: QPointF | None = None
        self._dragged: int | None = None
        self._is_moving = False
        self._hovered_mark = -1

    @property
    def marks(self) -> Sequence[KeyframeMark]:
        """The keyframes on show."""
        return self._marks

    @property
    def current(self) -> int | None:
        """The selected keyframe."""
        return self._current

    def show_keyframes(self, marks: Sequence[KeyframeMark], current: int | None) -> None:
        """Show these keyframes, in the order of their times, and mark one as selected."""
        changes_room = bool(marks) != bool(self._marks)
        self._marks = list(marks)
        if changes_room:
            self.updateGeometry()
        self._current = current if current is not None and current < len(marks) else None
        if self._dragged is not None and self._dragged >= len(self._marks):
            self._end_drag()
        self.update()

    def keyframe_at(self, position: QPointF) -> int | None:
        """The keyframe under the pointer."""
        ways = [position - self.centre_of(index) for index in range(len(self._marks))]
        away = [max(abs(way.x()), abs(way.y())) for way in ways]
        nearest = min(range(len(away)), key=away.__getitem__, default=None)
        return nearest if nearest is not None and away[nearest] <= _REACH_PX else None

    def centre_of(self, index: int) -> QPointF:
        """The middle of a diamond; the handle lifts the one that it stands on, so that both can be taken."""
        x_px = self.x_of_keyframe(index)
        is_under_handle = self.n_frames > 0 and abs(self.axis().x_of(self.index) - x_px) < HANDLE_PX + 2
        return QPointF(x_px, self.line_y_px() - _LIFT_PX * is_under_handle)

    def line_y_px(self) -> float:
        """A little lower where keyframes need the room above the handle."""
        return super().line_y_px() + (_ROOM_ABOVE_PX if self._marks else 0)

    def x_of_keyframe(self, index: int) -> float:
        """Where a keyframe lies, in pixels."""
        return self.axis().x_of_share(self._marks[index].fraction)

    def paint_marks(self, painter: QPainter) -> None:
        """A diamond each; the selected one is light."""
        colour, fill = theme().colour, hue_of(self).fill
        for index in range(len(self._marks)):
            is_current = index == self._current
            is_lifted = index in (self._dragged, self._hovered_mark)
            size_px = DIAMOND_PX + 1.0 * (is_current or is_lifted)
            ink, edge = (colour.knob, fill) if is_current else (fill, colour.bar)
            paint_diamond(painter, self.centre_of(index), ink, edge, size_px)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a keyframe, or the playhead."""
        index = self.keyframe_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or index is None:
            super().mousePressEvent(event)
            return
        self._hover_mark(None)
        self._pressed_at = event.position()
        self._dragged = index
        self._select(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the keyframe, or what Scrubber drags."""
        if self._dragged is None:
            is_free = event.buttons() == Qt.MouseButton.NoButton
            index = self.keyframe_at(event.position()) if is_free else None
            if index is not None:
                self._hover_at(-1)
            self._hover_mark(index)
            if index is None:
                super().mouseMoveEvent(event)
            return
        pressed_at = self._pressed_at or event.position()
        if self._is_moving or abs(event.position().x() - pressed_at.x()) >= _DRAG_STARTS_AFTER_PX:
            self._is_moving = True
            self._drag_to(self.axis().share_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._end_drag()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the keyframe."""
        index = self.keyframe_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self.keyframe_entered.emit(index)
        else:
            super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered any more."""
        super().leaveEvent(event)
        self._hover_mark(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes, Enter enters; Ctrl with arrows goes from keyframe to keyframe, with Shift it moves one."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        has_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key, 0)
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._current is not None:
            self.keyframe_removed.emit(self._current)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self.keyframe_entered.emit(self._current)
        elif has_control and step and self._marks:
            self._step_by_key(step, bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the keyframe under the pointer, or of the selected one by key."""
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self._current if is_by_key else self.keyframe_at(QPointF(event.pos()))
        if index is None:
            return
        self._select(index)
        self.keyframe_menu(index).popup(self.mapToGlobal(self.centre_of(index).toPoint()))

    def keyframe_menu(self, index: int) -> QMenu:
        """What can be done with a keyframe; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.triggered.connect(self._on_action_triggered)
        menu.addAction(_("Go there")).setData(("keyframe_entered", index))
        menu.addAction(_("Replace with what is on screen")).setData(("keyframe_replaced", index))
        easings = menu.addMenu(_("Move to the next"))
        easings.setEnabled(index < len(self._marks) - 1)
        group = QActionGroup(easings)
        for easing, text in EASING_TEXTS.items():
            action = easings.addAction(translate(text))
            action.setData(("keyframe_easing_chosen", index, easing))
            action.setCheckable(True)
            action.setChecked(self._marks[index].easing == easing)
            group.addAction(action)
        menu.addSeparator()
        menu.addAction(_("Delete")).setData(("keyframe_removed", index))
        return menu

    def _on_action_triggered(self, action: QAction) -> None:
        signal, *values = action.data()
        getattr(self, signal).emit(*values)

    def _select(self, index: int) -> None:
        self._current = index
        self.update()
        self.keyframe_selected.emit(index)

    def _step_by_key(self, step: int, is_move: bool) -> None:
        if is_move and self._current is not None:
            mark = self._marks[self._current]
            self._dragged = self._current
            self._drag_to(min(max(mark.fraction + step / max(self.n_total - 1, 1), 0.0), 1.0))
            self._is_moving = True
            self._end_drag()
            return
        index = min(max((-1 if self._current is None else self._current) + step, 0), len(self._marks) - 1)
        self._select(index)
        self.keyframe_entered.emit(index)

    def _drag_to(self, fraction: float) -> None:
        index = self._dragged
        if index is None:
            return
        others = [mark.fraction for place, mark in enumerate(self._marks) if place != index]
        to = sum(other < fraction for other in others)
        mark = self._marks.pop(index)
        self._marks.insert(to, KeyframeMark(fraction, mark.easing))
        self._dragged = self._current = to
        self.update()
        if to != index:
            self.keyframe_reordered.emit(index, to)
        self.keyframe_moved.emit(to, fraction)

    def _end_drag(self) -> None:
        was_moving = self._is_moving
        self._dragged, self._is_moving, self._pressed_at = None, False, None
        self.update()
        if was_moving:
            self.keyframe_move_finished.emit()

    def _hover_mark(self, index: int | None) -> None:
        place = -1 if index is None else index
        if place != self._hovered_mark:
            self._hovered_mark = place
            self.update()
            self.mark_hovered.emit(place)
