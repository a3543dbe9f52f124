"""The line over a picture that says which run it shows: letter, colour, name, frame."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.theme import theme
from studio.widgets.timeline.track_row import track_colour

LINE_PX: Final = 26
_DOT_PX: Final = 9.0
_GAP_PX: Final = 7.0


@dataclass(frozen=True)
class Side:
    """One of the two runs: its letter A or B, its track's name and colour, and a few words about the frame on show."""

    letter: str
    name: str = ""
    colour: int = 0
    detail: str = ""

    @property
    def words(self) -> str:
        """The same for a screen reader."""
        return f"{self.letter}, {self.name}" + (f", {self.detail}" if self.detail else "")


class SideLine(QWidget):
    """The line as a widget of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = Side("")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_side(self, side: Side) -> None:
        """Say which run and frame this is."""
        if side != self._side:
            self._side = side
            self.setAccessibleName(side.words)
            self.update()

    def sizeHint(self) -> QSize:
        """One line, as wide as there is room."""
        return QSize(120, theme().scaled(LINE_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it at the left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_side(painter, QRectF(self.rect()), self._side, Qt.AlignmentFlag.AlignLeft)


def paint_side(painter: QPainter, rect: QRectF, side: Side, alignment: Qt.AlignmentFlag) -> None:
    """Draw the line into `rect`, at its left, right or centre; the frame's words go first where room is short."""
    strong, plain = theme().font("small", QFont.Weight.DemiBold), theme().font("small")
    title = f"{side.letter}  {side.name}"
    fixed_px = _DOT_PX + _GAP_PX
    room_px = max(0.0, rect.width() - fixed_px)
    title = QFontMetricsF(strong).elidedText(title, Qt.TextElideMode.ElideRight, room_px)
    title_px = QFontMetricsF(strong).horizontalAdvance(title)
    detail_room_px = max(0.0, room_px - title_px - _GAP_PX)
    detail = QFontMetricsF(plain).elidedText(side.detail, Qt.TextElideMode.ElideRight, detail_room_px)
    width_px = fixed_px + title_px + (QFontMetricsF(plain).horizontalAdvance(detail) + _GAP_PX if detail else 0.0)
    left = _left_of(rect, width_px, alignment)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(track_colour(side.colour)))
    painter.drawEllipse(QPointF(left + _DOT_PX / 2, rect.center().y()), _DOT_PX / 2, _DOT_PX / 2)
    vertical = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
    _write(painter, QRectF(left + fixed_px, rect.y(), title_px + 2, rect.height()), vertical, strong, title, True)
    _write(
        painter,
        QRectF(left + fixed_px + title_px + _GAP_PX, rect.y(), detail_room_px + 2, rect.height()),
        vertical,
        plain,
        detail,
        False,
    )


def _left_of(rect: QRectF, width_px: float, alignment: Qt.AlignmentFlag) -> float:
    free_px = rect.width() - width_px
    shares = {Qt.AlignmentFlag.AlignRight: 1.0, Qt.AlignmentFlag.AlignHCenter: 0.5}
    return rect.x() + free_px * shares.get(alignment, 0.0)


def _write(painter: QPainter, rect: QRectF, flags: int, font: QFont, text: str, is_strong: bool) -> None:
    colour = theme().colour
    painter.setFont(font)
    painter.setPen(QColor(colour.text_strong if is_strong else colour.text_muted))
    painter.drawText(rect, flags, text)
