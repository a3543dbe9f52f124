"""The two pictures of a comparison as a control: drag the wipe, turn from one to the other."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.translation import N_, _, translate
from studio.render.difference import Amount
from studio.widgets.compare.legend import legend_words
from studio.widgets.compare.scene import Mode, Scene
from studio.widgets.compare.side import Side
from studio.widgets.theme import theme, theme_source
from studio.widgets.views.sized import Sized

_STEP: Final = 0.01  # of the picture's width, for an arrow key
_FAST: Final = 10
_BY_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_WORDS: Final = {
    "side": N_("Left: {a}. Right: {b}."),
    "wipe": N_("Left of the divider at {percent} %: {a}. Right of it: {b}. The arrow keys move the divider."),
    "blink": N_("Now showing: {shown}. Press Enter to show the other one."),
    "difference": N_("Where {a} and {b} differ. {legend}"),
}


class CompareCanvas(Sized, QWidget):
    """In the wipe a drag or the arrow keys move the divider; in turns a click or Enter shows the other picture."""

    room_px, least_px = (560, 360), (200, 150)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_canvas")
        self._scene = Scene()
        self._is_dragging = False
        self._shows_focus = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Comparison of two runs"))
        theme_source().theme_changed.connect(self.update)

    def show_pictures(self, a: NDArray[np.uint8] | None, b: NDArray[np.uint8] | None, sides: tuple[Side, Side]) -> None:
        """Show two pictures, (H, W) or (H, W, 3) uint8 or None, and say which runs and frames they are."""
        self._scene.show_pictures(a, b)
        self._scene.sides = sides
        self._changed()

    @property
    def mode(self) -> Mode:
        """How the two are laid out."""
        return self._scene.mode

    def set_mode(self, mode: Mode) -> None:
        """Lay them out another way."""
        self._scene.mode = mode
        self._is_dragging = False
        self.setCursor(Qt.CursorShape.SplitHCursor if mode == "wipe" else Qt.CursorShape.ArrowCursor)
        self._changed()

    @property
    def divider(self) -> float:
        """Where the wipe stands, as a share of the picture's width."""
        return self._scene.divider

    def set_divider(self, share: float) -> None:
        """Move the wipe."""
        self._scene.divider = min(max(share, 0.0), 1.0)
        self._changed()

    @property
    def shows_b(self) -> bool:
        """Which one is on show when they take turns."""
        return self._scene.shows_b

    def set_shows_b(self, shows_b: bool) -> None:
        """Show A or B when they take turns."""
        self._scene.shows_b = shows_b
        self._changed()

    def set_signed(self, is_signed: bool) -> None:
        """Show which one is brighter instead of how far apart the colours are."""
        self._scene.set_signed(is_signed)
        self._changed()

    @property
    def amount(self) -> Amount | None:
        """How much the two differ in the chosen way; None while one of them is missing."""
        return self._scene.amount

    def picture_rect(self) -> QRectF:
        """Where the one picture lies that all modes but "side" have."""
        return self._scene.picture_rect(QRectF(self.rect()))

    def _changed(self) -> None:
        scene = self._scene
        a, b = (side.words for side in scene.sides)
        words = translate(_WORDS[scene.mode])
        percent, legend = round(scene.divider * 100), legend_words(scene.is_signed)
        self.setAccessibleDescription(
            words.format(a=a, b=b, shown=b if scene.shows_b else a, percent=percent, legend=legend)
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, their names, and the ring that shows the keyboard's place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._scene.paint(painter, QRectF(self.rect()), self.devicePixelRatioF())
        if self._shows_focus:
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = theme().size.radius
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the divider, or show the other picture."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.mode == "wipe":
            self._is_dragging = True
            self._drag_to(event.position())
        elif self.mode == "blink":
            self.set_shows_b(not self.shows_b)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the divider."""
        if self._is_dragging:
            self._drag_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the divider."""
        self._is_dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Put the divider into the middle; two quick clicks on turns are two turns."""
        if self.mode == "wipe" and event.button() == Qt.MouseButton.LeftButton:
            self.set_divider(0.5)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the divider, with Shift ten times as far; Home and End go to the edges."""
        key = Qt.Key(event.key())
        along = _ALONG.get(key)
        step = _STEP * (_FAST if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        if self.mode == "wipe" and along is not None:
            self.set_divider(self.divider + along * step)
        elif self.mode == "wipe" and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.set_divider(float(key == Qt.Key.Key_End))
        elif self.mode == "blink" and along is not None:
            self.set_shows_b(along > 0)
        elif self.mode == "blink" and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_shows_b(not self.shows_b)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring to a person who came here by keyboard."""
        super().focusInEvent(event)
        self._shows_focus = event.reason() in _BY_KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring; a drag cannot go on without the pointer's window."""
        super().focusOutEvent(event)
        self._shows_focus = self._is_dragging = False
        self.update()

    def _drag_to(self, position: QPointF) -> None:
        rect = self.picture_rect()
        self.set_divider((position.x() - rect.x()) / rect.width())
