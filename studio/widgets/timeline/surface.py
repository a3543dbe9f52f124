"""A place over which a hand scrubs: press, drag, hover, wheel."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.theme import theme_source
from studio.widgets.timeline.axis import Axis

_WHEEL_STEP: Final = 120.0  # Qt counts eighths of a degree, a notch of a wheel is 15 degrees


class ScrubSurface(QWidget):
    """Frames from left to right; subclasses paint them.

    Signals:
        scrub_started(), scrubbed(index), scrub_finished(): around and during one drag.
        hovered(index): the pointer rests over this frame; -1 when it left.
        stepped(n_frames): the wheel was turned.
    """

    scrub_started = Signal()
    scrubbed = Signal(int)
    scrub_finished = Signal()
    hovered = Signal(int)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.n_frames = 0
        self.n_total = 0
        self.index = 0
        self._is_scrubbing = False
        self._turned = 0.0
        self._hovered = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_range(self, n_frames: int, n_total: int) -> None:
        """`n_frames` can be gone to, `n_total` are expected in the end."""
        if (n_frames, n_total) != (self.n_frames, self.n_total):
            self.n_frames, self.n_total = n_frames, n_total
            if self.isVisible():
                self.refresh()

    def set_index(self, index: int) -> None:
        """The frame on show."""
        if index != self.index:
            self.index = index
            self.update()

    def refresh(self) -> None:
        """Length, size or theme changed."""
        self.update()

    def inset_px(self) -> float:
        """How far the first frame lies from the left edge, and the last from the right one."""
        return 0.0

    def axis(self) -> Axis:
        """Where the frames lie now."""
        inset_px = self.inset_px()
        return Axis(self.n_total, inset_px, self.width() - inset_px)

    def is_scrubbing(self) -> bool:
        """Whether a hand holds the playhead."""
        return self._is_scrubbing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the playhead under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self.n_frames:
            self.begin_scrub(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead, or look at what lies under the pointer."""
        if self._is_scrubbing:
            self._scrub_to(event.position())
        elif event.buttons() == Qt.MouseButton.NoButton:
            self._hover_at(self._index_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the playhead go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end_scrub()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step, a frame a notch, forwards when turned away."""
        delta = event.angleDelta()
        self._turned += (delta.y() or -delta.x()) / _WHEEL_STEP
        whole = int(self._turned)
        self._turned -= whole
        if whole:
            self.stepped.emit(whole)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered any more."""
        self._hover_at(-1)

    def hideEvent(self, event: QEvent) -> None:
        """No drag outlives the sight of it."""
        self._end_scrub()
        self._hover_at(-1)

    def begin_scrub(self, position: QPointF) -> None:
        """Take the playhead."""
        self._is_scrubbing = True
        self._hover_at(-1)
        self.scrub_started.emit()
        self._scrub_to(position)

    def _end_scrub(self) -> None:
        if self._is_scrubbing:
            self._is_scrubbing = False
            self.scrub_finished.emit()

    def _scrub_to(self, position: QPointF) -> None:
        self.scrubbed.emit(min(self.axis().index_at(position.x()), self.n_frames - 1))

    def _index_at(self, position: QPointF) -> int:
        index = self.axis().index_at(position.x())
        return index if index < self.n_frames else -1

    def _hover_at(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.hovered.emit(index)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.refresh()
