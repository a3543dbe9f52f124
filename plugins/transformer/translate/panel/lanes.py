"""The lanes of the beam, one below the other: what each says so far, and how good it is; a click keeps one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from studio.api.panel import CHART, DrawnItems, hue_of, theme, theme_source
from studio.core.translation import N_, _, translate

ROW_PX: Final = 24
_BAR_PX: Final = 64
_FIGURE_PX: Final = 48
_RANK_PX: Final = 20
ENDED: Final = N_("This one is finished.")
KEEP: Final = N_("Click to keep this beginning and search on from it, as a branch.")


@dataclass(frozen=True)
class LaneRow:
    """A lane as it is shown: `score` is 0 at best, `joins` the place of the lane that it came from."""

    text: str
    score: float
    is_over: bool
    joins: int


class LanesView(DrawnItems):
    """Signals: chosen(lane): a person wants to go on from this one."""

    spoken_role = CHART
    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("translate_lanes")
        self.setAccessibleName(_("Translations side by side (the lanes of the beam)"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows: tuple[LaneRow, ...] = ()
        self._n_rows = 1
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_lanes(self, rows: Sequence[LaneRow], n_rows: int) -> None:
        """Show lanes, with room for so many. Emits nothing."""
        self._rows = tuple(rows)
        self._hovered = min(self._hovered, len(rows) - 1)
        self.setAccessibleDescription("; ".join(f"{row.text} ({row.score:.2f})" for row in rows))
        if n_rows != self._n_rows:
            self._n_rows = n_rows
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each."""
        return QSize(240, theme().scaled(ROW_PX) * self._n_rows)

    def row_rect(self, lane: int) -> QRectF:
        """Where a lane's line is."""
        height = theme().scaled(ROW_PX)
        return QRectF(0, height * lane, self.width(), height)

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the lane under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self.item_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go through the lanes, Enter keeps one."""
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in ways and self._rows:
            self._hover(min(max(self._hovered + ways[key], 0), len(self._rows) - 1))
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._choose(self._hovered)
        else:
            super().keyPressEvent(event)

    def hint_of(self, lane: int) -> str:
        """What is said of a lane."""
        if not 0 <= lane < len(self._rows):
            return ""
        row = self._rows[lane]
        score = _("Score {score:.2f}: the closer to 0, the better.").format(score=row.score)
        return "\n".join((row.text, score, translate(ENDED if row.is_over else KEEP)))

    def _choose(self, lane: int) -> None:
        if 0 <= lane < len(self._rows) and self._rows[lane].text:
            self.chosen.emit(lane)

    def item_at(self, at: QPointF) -> int:
        """The lane at a place."""
        return next((lane for lane in range(len(self._rows)) if self.row_rect(lane).contains(at)), -1)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all lanes; the longest bar is that of the best."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for lane, row in enumerate(self._rows):
            self._paint_lane(painter, lane, row)

    def _paint_lane(self, painter: QPainter, lane: int, row: LaneRow) -> None:
        place, colour, scaled = self.row_rect(lane), theme().colour, theme().scaled
        if lane == self._hovered:
            painter.setPen(QPen(QColor(colour.focus), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour.selected))
            painter.drawRoundedRect(place.adjusted(0.5, 1, -0.5, -1), 4, 4)
        painter.setFont(theme().font("small", QFont.Weight.DemiBold))
        painter.setPen(QColor(hue_of(self).text))
        mark = QRectF(place.x() + 4, place.y(), scaled(_RANK_PX), place.height())
        painter.drawText(mark, Qt.AlignmentFlag.AlignVCenter, "✓" if row.is_over else str(lane + 1))
        bar = QRectF(mark.right(), place.center().y() - 4, scaled(_BAR_PX), 8)
        self._paint_bar(painter, bar, 2.0 ** (row.score - self._rows[0].score))
        figure = QRectF(bar.right() + 6, place.y(), scaled(_FIGURE_PX), place.height())
        painter.setPen(QColor(colour.text_muted))
        painter.setFont(theme().font("small"))
        painter.drawText(figure, Qt.AlignmentFlag.AlignVCenter, f"{row.score:.2f}")
        left = figure.right()
        room = QRectF(left, place.y(), place.right() - left - 6, place.height())
        painter.setFont(theme().font("body", QFont.Weight.DemiBold if lane == 0 else QFont.Weight.Normal))
        painter.setPen(QColor(colour.text_strong))
        text = painter.fontMetrics().elidedText(row.text or "…", Qt.TextElideMode.ElideLeft, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter, bar: QRectF, share: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.groove))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(QColor(hue_of(self).fill))
        painter.drawRoundedRect(QRectF(bar.x(), bar.y(), max(bar.width() * share, 3.0), bar.height()), 3, 3)
