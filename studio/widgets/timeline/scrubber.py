"""The line with the playhead, its ticks, and the marks of branches."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.core.translation import N_, _, grouped, translate
from studio.widgets.spoken_role import SLIDER
from studio.widgets.theme import hue_of, theme
from studio.widgets.timeline.mark import paint_fork
from studio.widgets.timeline.surface import ScrubSurface, tick_interval
from studio.widgets.timeline.track_row import track_colour

LINE_PX: Final = 5.0
HANDLE_PX: Final = 8.0  # radius
ROOM_PX: Final = 24  # height without labels
KEYS_HINT: Final = N_("Arrow keys step, with Shift ten frames; Home and End go to the ends, F2 lets you type a number.")
_TICK_PX: Final = 3.0
_LABEL_GAP_PX: Final = 48.0


class Scrubber(ScrubSurface):
    """A line with a filled part in the family's hue and a round handle; takes the keyboard for the whole bar."""

    spoken_role = SLIDER

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._branches: Sequence[tuple[int, int]] = ()
        self._has_labels = False
        self._first_number = 1
        self._fps = 0.0  # labels are seconds at this rate, or frame numbers at 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription(translate(KEYS_HINT))

    def show_branches(self, branches: Sequence[tuple[int, int]]) -> None:
        """Mark the frames from which other runs leave this one, each in the colour of a track (0 to 5)."""
        if tuple(branches) != self._branches:
            self._branches = tuple(branches)
            self.update()

    def set_index(self, index: int) -> None:
        """The frame on show."""
        super().set_index(index)
        words = _("Playhead: frame {n} of {count}")
        first = self._first_number
        self.setAccessibleName(words.format(n=grouped(first + index), count=grouped(first + self.n_frames - 1)))

    def set_first_number(self, number: int) -> None:
        """What the first frame is called."""
        if number != self._first_number:
            self._first_number = number
            self.set_index(self.index)
            self.update()

    def show_labels(self, has_labels: bool, fps: float = 0.0) -> None:
        """Write numbers of frames under the line, or seconds where `fps` is not 0."""
        if (has_labels, fps) != (self._has_labels, self._fps):
            self._has_labels, self._fps = has_labels, fps
            self.updateGeometry()
            self.update()

    def inset_px(self) -> float:
        """The handle stays inside."""
        return HANDLE_PX + 2

    def sizeHint(self) -> QSize:
        """A comfortable target, and a line of labels below."""
        labels_px = theme().text_px("caption") + 2 if self._has_labels else 0
        return QSize(600, round(self.line_y_px() + ROOM_PX / 2) + labels_px)

    def minimumSizeHint(self) -> QSize:
        """Still long enough to aim."""
        return QSize(120, self.sizeHint().height())

    def line_y_px(self) -> float:
        """The middle of the line."""
        return ROOM_PX / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line, ticks, forks, what subclasses mark, handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_line(painter)
        if self._has_labels and self.n_total > 1:
            self._paint_labels(painter)
        for index, colour in self._branches:
            foot = QPointF(self.axis().x_of(index), self.line_y_px() - LINE_PX / 2)
            paint_fork(painter, foot, track_colour(colour))
        if self.n_frames:
            self._paint_handle(painter)
        self.paint_marks(painter)

    def paint_marks(self, painter: QPainter) -> None:
        """Draw what else lies on the line."""

    def _paint_line(self, painter: QPainter) -> None:
        axis, colour, middle_px = self.axis(), theme().colour, self.line_y_px()
        ends = [(self.width() + 0.0, colour.groove)]
        if self.n_frames:
            if self.n_frames < self.n_total:
                ends.append((axis.x_of(self.n_frames - 1), colour.groove_trained))
            ends.append((axis.x_of(self.index), hue_of(self).fill))
        painter.setPen(Qt.PenStyle.NoPen)
        for end_px, fill in ends:
            painter.setBrush(QColor(fill))
            line = QRectF(0, middle_px - LINE_PX / 2, end_px, LINE_PX)
            painter.drawRoundedRect(line, LINE_PX / 2, LINE_PX / 2)
        if 0 < self.n_frames < self.n_total:
            head_px = axis.x_of(self.n_frames - 1)
            painter.setBrush(QColor(hue_of(self).fill))
            painter.drawRoundedRect(QRectF(head_px - 1, middle_px - 6, 2, 12), 1, 1)

    def _paint_handle(self, painter: QPainter) -> None:
        colour = theme().colour
        centre = QPointF(self.axis().x_of(self.index), self.line_y_px())
        painter.setPen(QPen(QColor(colour.focus), 2) if self.hasFocus() else QPen(QColor(colour.knob_edge), 1))
        painter.setBrush(QColor(colour.knob))
        is_held = self.is_scrubbing()
        painter.drawEllipse(centre, HANDLE_PX + is_held * 0.5, HANDLE_PX + is_held * 0.5)

    def _paint_labels(self, painter: QPainter) -> None:
        font = theme().font("caption")
        painter.setFont(font)
        metrics, axis = QFontMetricsF(font), self.axis()
        rate = self._fps or 1.0
        length, first = (self.n_total - 1) / rate, 0 if self._fps else self._first_number
        room_px = axis.right_px - axis.left_px
        interval = tick_interval(length, room_px, metrics.horizontalAdvance("0,000 s") + _LABEL_GAP_PX)
        interval = interval if self._fps else max(1.0, interval)
        painter.setPen(QPen(QColor(theme().colour.text_muted), 1))
        for place in range(int((length + first) / interval + 1e-6) + 1):
            value = max(place * interval, first)  # the first frame stands at the very left
            x_px = axis.x_of((value - first) * rate)
            if place == 0 or x_px - axis.left_px >= _LABEL_GAP_PX:
                self._paint_label(painter, x_px, self._label(value, interval), metrics)

    def _label(self, value: float, interval: float) -> str:
        if not self._fps:
            return grouped(round(value))
        n_decimals = 0 if interval >= 1 else 1 if interval >= 0.1 else 2
        return _("{seconds} s").format(seconds=f"{value:.{n_decimals}f}")

    def _paint_label(self, painter: QPainter, x_px: float, text: str, metrics: QFontMetricsF) -> None:
        top_px = self.line_y_px() + LINE_PX / 2 + 2
        painter.drawLine(QPointF(x_px, top_px), QPointF(x_px, top_px + _TICK_PX))
        width_px = metrics.horizontalAdvance(text)
        left_px = min(max(x_px - width_px / 2, 0.0), self.width() - width_px)
        painter.drawText(QPointF(left_px, self.sizeHint().height() - metrics.descent()), text)
