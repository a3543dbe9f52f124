"""Where things lie in the roll: sixteenths from left to right, pitches from bottom to top, bar numbers above."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF

HEAD_PX: Final = 24.0
KEYS_PX: Final = 46.0
MOST_STEPS: Final = 256
"""So many are shown at once; a longer piece is scrolled."""
LEAST_PITCHES: Final = 30


@dataclass(frozen=True)
class Layout:
    """The roll within a widget.

    Attributes:
        width, height: of the widget in pixels.
        first, n_steps: the sixteenths shown.
        low, high: the lowest and the highest pitch shown.
    """

    width: float
    height: float
    first: int
    n_steps: int
    low: int
    high: int

    @property
    def body(self) -> QRectF:
        """Where notes lie."""
        return QRectF(KEYS_PX, HEAD_PX, max(self.width - KEYS_PX, 1), max(self.height - HEAD_PX, 1))

    @property
    def step_px(self) -> float:
        """Width of a sixteenth."""
        return self.body.width() / max(self.n_steps, 1)

    @property
    def lane_px(self) -> float:
        """Height of a pitch."""
        return self.body.height() / (self.high - self.low + 1)

    def x_of(self, step: float) -> float:
        """Where a sixteenth begins."""
        return self.body.left() + (step - self.first) * self.step_px

    def y_of(self, pitch: float) -> float:
        """The upper edge of a pitch's lane."""
        return self.body.top() + (self.high - pitch) * self.lane_px

    def note_rect(self, start: float, length: float, pitch: float) -> QRectF:
        """Where a note lies."""
        return QRectF(self.x_of(start), self.y_of(pitch), length * self.step_px, self.lane_px)

    def step_at(self, x: float) -> int:
        """The sixteenth at a place, the first or last shown one beside them."""
        step = self.first + int((x - self.body.left()) // self.step_px)
        return min(max(step, self.first), self.first + self.n_steps - 1)

    def pitch_at(self, y: float) -> int:
        """The pitch at a height."""
        pitch = self.high - int((y - self.body.top()) // self.lane_px)
        return min(max(pitch, self.low), self.high)

    def is_head(self, point: QPointF) -> bool:
        """Whether a point is on the bar numbers."""
        return point.y() < HEAD_PX and point.x() >= KEYS_PX

    def is_body(self, point: QPointF) -> bool:
        """Whether a point is among the notes."""
        return self.body.contains(point)


def pitch_range(pitches: list[int], lowest: int, highest: int) -> tuple[int, int]:
    """Which pitches to show: those there are, with room around, at least two octaves and a half."""
    low, high = (min(pitches) - 3, max(pitches) + 3) if pitches else (45, 80)
    missing = max(LEAST_PITCHES - (high - low + 1), 0)
    low, high = low - missing // 2, high + (missing + 1) // 2
    return max(low, lowest), min(high, highest)
