"""The memory as a strip: a text’s segments as blocks, how far back the marked token sees, and where that is cut."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import SLIDER, hue_of, paint_title, show_tip, theme, theme_source
from studio.core.translation import N_, _, translate

TITLE: Final = N_("Memory")
HINT: Final = N_(
    "Drag the handle to remember more or less; click between two segments to cut the memory there. Each segment "
    "shows how much attention the marked token pays to it (segment recurrence)."
)
_TITLE_PX: Final = 18
_LANE_PX: Final = 16
_BLOCK_PX: Final = 30
_FOOT_PX: Final = 18
_SIDE_PX: Final = 8
_NEAR_PX: Final = 6.0
_KNOB_PX: Final = 5.0
_TEXT_FROM_PX: Final = 40
_LEAST_ALPHA: Final = 0.12
_BRIGHT: Final = 0.6
"""The share from which on a block is so bright that its text is dark."""


@dataclass(frozen=True, eq=False)
class StripScene:
    """What the strip shows.

    Attributes:
        n_segment: tokens of a segment. n_tokens: of the text. place: the marked one.
        memory: how many tokens before its segment are remembered. cut: where that is cut, 0 for nowhere.
        looked: (G,) the share of its attention for each segment. bits: (G,) what a token of each costs.
    """

    n_segment: int
    n_tokens: int
    place: int
    memory: int
    cut: int
    looked: npt.NDArray[np.float32]
    bits: npt.NDArray[np.float32]

    @property
    def n_blocks(self) -> int:
        """How many segments the text has."""
        return -(-self.n_tokens // self.n_segment)

    @property
    def own(self) -> int:
        """The segment of the marked token."""
        return self.place // self.n_segment

    @property
    def first_seen(self) -> int:
        """The first token that the marked one can look at."""
        begin = self.own * self.n_segment
        return max(begin - self.memory, self.cut if self.place >= self.cut else 0, 0)


def strip_words(scene: StripScene) -> str:
    """The strip in words."""
    n_seen = scene.place + 1 - scene.first_seen
    past = float(scene.looked[: scene.own].sum())
    text = N_("The marked token sees {n:,} tokens; {share:.0f} % of its attention goes to those before its segment.")
    return translate(text).format(n=n_seen, share=100 * past)


class MemoryStrip(QWidget):
    """Signals:
    memory_dragged(n_tokens): remember so many; drag_started(), drag_finished() around one step of undo.
    cut_chosen(token): cut the memory before this token, 0 to heal it.
    segment_chosen(token): go to this token, the first one of a segment.
    """

    spoken_role = SLIDER

    memory_dragged = Signal(int)
    drag_started = Signal()
    drag_finished = Signal()
    cut_chosen = Signal(int)
    segment_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory_strip")
        self.setAccessibleName(translate(TITLE))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._scene: StripScene | None = None
        self._most_memory = 0
        self._is_dragging = False
        theme_source().theme_changed.connect(self._on_theme_changed)

    def show_scene(self, scene: StripScene | None, most_memory: int) -> None:
        """Show the memory of a text; nothing for None. Emits nothing."""
        self._scene, self._most_memory = scene, most_memory
        self.setAccessibleDescription("" if scene is None else strip_words(scene))
        self.update()

    def set_memory(self, n_tokens: int, cut: int) -> None:
        """Show another memory of the same text at once; what it changes follows. Emits nothing."""
        if self._scene is not None:
            self.show_scene(replace(self._scene, memory=min(n_tokens, self._most_memory), cut=cut), self._most_memory)

    def sizeHint(self) -> QSize:
        """A title, a lane for the handle, the blocks and their costs."""
        return QSize(300, sum(theme().scaled(px) for px in (_TITLE_PX, _LANE_PX, _BLOCK_PX, _FOOT_PX)))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    # Where everything is

    def x_of(self, token: float) -> float:
        """Where a token begins."""
        n_tokens = 1 if self._scene is None else max(self._scene.n_blocks * self._scene.n_segment, 1)
        return _SIDE_PX + (self.width() - 2 * _SIDE_PX) * token / n_tokens

    def block_rect(self, number: int) -> QRectF:
        """Where a segment is drawn; the last one is as wide as it is long."""
        assert self._scene is not None
        first = number * self._scene.n_segment
        last = min(first + self._scene.n_segment, self._scene.n_tokens)
        top = theme().scaled(_TITLE_PX) + theme().scaled(_LANE_PX)
        return QRectF(self.x_of(first), top, self.x_of(last) - self.x_of(first) - 2, theme().scaled(_BLOCK_PX))

    def handle_at(self) -> QPointF:
        """The middle of the handle that is dragged."""
        first = 0 if self._scene is None else self._scene.first_seen
        return QPointF(self.x_of(first), theme().scaled(_TITLE_PX) + theme().scaled(_LANE_PX) / 2)

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle, cut between two segments, or go to one."""
        if self._scene is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        if at.y() < self.block_rect(0).top():
            self._is_dragging = True
            self.drag_started.emit()
            self._drag_to(at.x())
            return
        border = self._border_at(at.x())
        if border:
            self.cut_chosen.emit(0 if border == self._scene.cut else border)
            return
        number = next((one for one in range(self._scene.n_blocks) if self.block_rect(one).contains(at)), -1)
        if number >= 0:
            self.segment_chosen.emit(number * self._scene.n_segment)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, else show what a press would do."""
        if self._is_dragging:
            self._drag_to(event.position().x())
        elif self._scene is not None:
            is_lane = event.position().y() < self.block_rect(0).top()
            is_border = bool(self._border_at(event.position().x()))
            self.setCursor(
                Qt.CursorShape.SizeHorCursor
                if is_lane
                else Qt.CursorShape.SplitHCursor
                if is_border
                else Qt.CursorShape.PointingHandCursor
            )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the handle."""
        if self._is_dragging:
            self._is_dragging = False
            self.drag_finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right remember more and less, Enter cuts before the own segment, Delete heals the cut."""
        scene, key = self._scene, Qt.Key(event.key())
        ways = {Qt.Key.Key_Left: 1, Qt.Key.Key_Right: -1}
        if scene is not None and key in ways:
            self._remember(scene.memory + ways[key] * scene.n_segment)
        elif scene is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.cut_chosen.emit(scene.own * scene.n_segment)
        elif scene is not None and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cut_chosen.emit(0)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what is seen and what can be done."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            said = "" if self._scene is None else f"{strip_words(self._scene)}\n{translate(HINT)}"
            show_tip(event.globalPos(), said, self)
            return True
        return super().event(event)

    def _border_at(self, x: float) -> int:
        """The first token of the segment whose left border is there, 0 for none."""
        assert self._scene is not None
        firsts = (number * self._scene.n_segment for number in range(1, self._scene.n_blocks))
        return next((first for first in firsts if abs(self.x_of(first) - 1 - x) <= _NEAR_PX), 0)

    def _drag_to(self, x: float) -> None:
        assert self._scene is not None
        room = max(self.width() - 2 * _SIDE_PX, 1)
        token = (x - _SIDE_PX) / room * self._scene.n_blocks * self._scene.n_segment
        n_before = self._scene.own - round(token / self._scene.n_segment)
        is_all = n_before >= self._scene.own
        self._remember(self._most_memory if is_all else n_before * self._scene.n_segment)

    def _remember(self, n_tokens: int) -> None:
        assert self._scene is not None
        wanted = min(max(n_tokens, 0), self._most_memory)
        if wanted != self._scene.memory:
            self.memory_dragged.emit(wanted)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the blocks, the reach with its handle, and the cut."""
        painter = QPainter(self)
        paint_title(painter, self.width(), TITLE)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme().colour.focus), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self._scene is None:
            return
        painter.setFont(theme().font("small"))
        for number in range(self._scene.n_blocks):
            self._paint_block(painter, number, self._scene)
        self._paint_reach(painter, self._scene)
        self._paint_cut(painter, self._scene)

    def _paint_block(self, painter: QPainter, number: int, scene: StripScene) -> None:
        rect, colour = self.block_rect(number), theme().colour
        is_seen = scene.first_seen < (number + 1) * scene.n_segment and number <= scene.own
        fill = QColor(hue_of(self).fill if is_seen else colour.groove)
        if is_seen:
            fill.setAlphaF(_LEAST_ALPHA + (1 - _LEAST_ALPHA) * min(float(scene.looked[number]), 1.0))
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(colour.text_strong), 1.5) if number == scene.own else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, 4, 4)
        if rect.width() < _TEXT_FROM_PX:
            return
        ink = hue_of(self).on_fill if is_seen and scene.looked[number] > _BRIGHT else colour.text_strong
        painter.setPen(QColor(ink if is_seen else colour.text_muted))
        share = f"{100 * float(scene.looked[number]):.0f} %" if is_seen else "–"
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, share)
        painter.setPen(QColor(colour.text_muted))
        room = QRectF(rect.x(), rect.bottom() + 1, rect.width(), theme().scaled(_FOOT_PX))
        cost = _("{n:.1f} bits").format(n=float(scene.bits[number]))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, cost)

    def _paint_reach(self, painter: QPainter, scene: StripScene) -> None:
        handle, end = self.handle_at(), self.x_of(scene.place + 1)
        painter.setPen(QPen(QColor(hue_of(self).text), 2))
        painter.drawLine(handle, QPointF(end, handle.y()))
        painter.drawLine(QPointF(end, handle.y()), QPointF(end, self.block_rect(0).top()))
        painter.setBrush(QColor(theme().colour.knob))
        painter.setPen(QPen(QColor(theme().colour.knob_edge), 1))
        painter.drawEllipse(handle, _KNOB_PX, _KNOB_PX)

    def _paint_cut(self, painter: QPainter, scene: StripScene) -> None:
        if not 0 < scene.cut < scene.n_blocks * scene.n_segment:
            return
        x, block = self.x_of(scene.cut) - 1, self.block_rect(0)
        painter.setPen(QPen(QColor(theme().colour.text_strong), 2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, block.top() - 4), QPointF(x, block.bottom() + 6))

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
