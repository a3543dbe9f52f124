"""What could have come: a bar for each candidate, before and after the sampler; a click forces it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.text.token import Candidate, named, percent, short_percent, visible
from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import show_tip
from studio.widgets.spoken_role import CHART
from studio.widgets.text.sheet import text_font
from studio.widgets.text.tint import chosen_hue
from studio.widgets.theme import hue_of, theme, theme_source

FORCE_HINT: Final = N_("Click to continue the text with “{word}” from here.")
BARS_LEGEND: Final = N_(
    "Thin line: the model’s own probability (before the sampler). Bar and figure: as it is drawn, with your settings."
)
RULED_OUT: Final = N_("ruled out by the settings")
_ROW_PX: Final = 20
_BAR_PX: Final = 12
_NAME_SHARE: Final = 0.31
_FIGURE_PX: Final = 54
_LEAST_PX: Final = 2.0


class BarsView(QWidget):
    """Rows of a name, a bar and a figure. The bar is the probability with the settings as they are, the thin line in
    it the one that the network gave.

    Signals: forced(token): the person wants this one. pointed(token): -1 for none.
    """

    spoken_role = CHART

    forced = Signal(int)
    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("next_bars")
        self.setAccessibleName(_("What could come here"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._rows: tuple[Candidate, ...] = ()
        self._at = -1
        theme_source().theme_changed.connect(self._on_theme_changed)

    def show_rows(self, rows: Sequence[Candidate]) -> None:
        """Show the candidates of a place. Emits nothing."""
        is_resized = len(rows) != len(self._rows)
        self._rows = tuple(rows)
        self._at = min(self._at, len(rows) - 1)
        self.setAccessibleDescription("; ".join(f"{named(row.text)} {percent(row.after)}" for row in rows))
        if is_resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each."""
        return QSize(200, theme().scaled(_ROW_PX) * len(self._rows))

    def row_rect(self, index: int) -> QRectF:
        """Where a candidate's line is."""
        height = theme().scaled(_ROW_PX)
        return QRectF(0, height * index, self.width(), height)

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Force the candidate under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._force(self._index_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the candidate under the pointer."""
        self._mark(self._index_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """None is."""
        self._mark(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go through the candidates, Enter forces one."""
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in ways and self._rows:
            self._mark(min(max(self._at + ways[key], 0), len(self._rows) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._force(self._at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what a bar means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()))
            show_tip(event.globalPos(), _told(self._rows[index]) if index >= 0 else "", self)
            return True
        return super().event(event)

    def _force(self, index: int) -> None:
        if 0 <= index < len(self._rows):
            self.forced.emit(self._rows[index].token)

    def _mark(self, index: int) -> None:
        if index != self._at:
            self._at = index
            self.setCursor(Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()
            self.pointed.emit(self._rows[index].token if index >= 0 else -1)

    def _index_at(self, at: QPointF) -> int:
        return next((i for i in range(len(self._rows)) if self.row_rect(i).contains(at)), -1)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all rows; the longest bar stands for the likeliest."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((max(row.raw, row.after) for row in self._rows), default=1.0)
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index, row, max(most, 1e-9))

    def _paint_row(self, painter: QPainter, index: int, row: Candidate, most: float) -> None:
        place, colour = self.row_rect(index), theme().colour
        if index == self._at:
            painter.setPen(QPen(QColor(colour.focus), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour.selected))
            painter.drawRoundedRect(place.adjusted(0, 0.5, 0, -0.5), 4, 4)
        is_out = row.after <= 0
        font = text_font(row.is_chosen)
        font.setPixelSize(theme().text_px("small"))
        font.setStrikeOut(is_out)
        painter.setFont(font)
        painter.setPen(QColor(colour.text_muted if is_out else colour.text_strong))
        name = QRectF(2, place.y(), place.width() * _NAME_SHARE - 6, place.height())
        text = painter.fontMetrics().elidedText(_shown(row.text), Qt.TextElideMode.ElideRight, int(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, text)
        figure_px = theme().scaled(_FIGURE_PX)
        figure = QRectF(place.right() - figure_px, place.y(), figure_px, place.height())
        painter.setFont(theme().font("small", QFont.Weight.DemiBold if row.is_chosen else QFont.Weight.Normal))
        painter.drawText(figure, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, short_percent(row.after))
        left = place.width() * _NAME_SHARE
        track = QRectF(left, place.center().y() - _BAR_PX / 2, figure.left() - left, _BAR_PX)
        self._paint_bar(painter, track, row, most)

    def _paint_bar(self, painter: QPainter, track: QRectF, row: Candidate, most: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.groove))
        painter.drawRoundedRect(track, 3, 3)
        if row.after > 0:
            hue = chosen_hue(self) if row.is_chosen else hue_of(self)
            painter.setBrush(QColor(hue.fill))
            width = max(track.width() * row.after / most, _LEAST_PX)
            painter.drawRoundedRect(QRectF(track.x(), track.y(), width, track.height()), 3, 3)
        x = track.x() + max(track.width() * row.raw / most, _LEAST_PX)
        painter.fillRect(QRectF(x - 1, track.y() - 2, 2, track.height() + 4), QColor(theme().colour.text_muted))

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _shown(text: str) -> str:
    """A candidate as it is listed: what has no letters by its signs."""
    return text.strip() or visible(text) or named(text)


def _told(row: Candidate) -> str:
    word = named(row.text)
    lines = [
        _("“{word}”: {raw} is the model’s own probability (before the sampler)").format(word=word, raw=percent(row.raw))
    ]
    after = translate(RULED_OUT) if row.after <= 0 else percent(row.after)
    lines.append(_("As it is drawn, with your settings: {after}").format(after=after))
    if not row.is_chosen:
        lines.append(translate(FORCE_HINT).format(word=word))
    return "\n".join(lines)
