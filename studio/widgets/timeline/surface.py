"""A place over which a hand scrubs: press, drag, hover, wheel."""

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.theme import theme_source

_WHEEL_STEP: Final = 120.0  # Qt counts eighths of a degree, a notch of a wheel is 15 degrees
_NICE: Final = (1, 2, 5)


@dataclass(frozen=True)
class Axis:
    """Frames 0 to n_total - 1 spread evenly from `left_px` to `right_px`."""

    n_total: int
    left_px: float
    right_px: float

    def x_of(self, index: float) -> float:
        """The x of a frame, in pixels."""
        return self.left_px + self.share_of(index) * (self.right_px - self.left_px)

    def share_of(self, index: float) -> float:
        """How far along a frame lies, 0 to 1."""
        return min(max(index / (self.n_total - 1), 0.0), 1.0) if self.n_total > 1 else 0.0

    def share_at(self, x_px: float) -> float:
        """How far along `x_px` lies, 0 to 1."""
        length_px = self.right_px - self.left_px
        return min(max((x_px - self.left_px) / length_px, 0.0), 1.0) if length_px > 0 else 0.0

    def x_of_share(self, share: float) -> float:
        """The x that is `share` of the way along."""
        return self.left_px + share * (self.right_px - self.left_px)

    def index_at(self, x_px: float) -> int:
        """The frame nearest to `x_px`."""
        return round(self.share_at(x_px) * max(self.n_total - 1, 0))


def evenly_spread(n_total: int, n_places: int) -> list[int]:
    """At most `n_places` different frames out of `n_total`, the first and the last among them."""
    n = min(n_total, n_places)
    if n < 2:
        return [0] if n_total else []
    return [round(k * (n_total - 1) / (n - 1)) for k in range(n)]


def tick_interval(length: float, room_px: float, widest_px: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that keeps labels of `widest_px` apart on `room_px`."""
    least = max(length * widest_px / max(room_px, 1.0), 1e-9)
    power = 10.0 ** math.floor(math.log10(least))
    return next((nice * power for nice in _NICE if nice * power >= least * (1 - 1e-9)), 10 * power)


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
