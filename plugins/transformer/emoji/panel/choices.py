"""What a token might have been, as small pictures with their probabilities; a click takes one."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from studio.api.panel import DrawnItems, clipped, hue_of, image_from_array, rounded, theme
from studio.core.text.token import percent
from studio.core.translation import _

from ..state import TokenChoices

N_COLUMNS: Final = 4
N_SHOWN: Final = 8
GAP_PX: Final = 8
LEAST_PX: Final = 36
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -N_COLUMNS, Qt.Key.Key_Down: N_COLUMNS}
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ChoicePictures(DrawnItems):
    """Two rows of four. Signals: forced(number): the person wants this token."""

    forced = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("emoji_choices")
        self.setAccessibleName(_("What else it might have been"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._found: TokenChoices | None = None
        self._images: list[QImage] = []
        self._around, self._at = (0.0, 0.0, 1.0), 0

    def show_choices(self, found: TokenChoices | None, around: tuple[float, float, float] = (0.0, 0.0, 1.0)) -> None:
        """Show the likeliest tokens of a place, with what lies around it (left, top, side); none for None."""
        self._found, self._around, self._at = found, around, 0
        self._images = [] if found is None else [image_from_array(one) for one in found.pictures[:N_SHOWN]]
        shares = [] if found is None else [percent(float(one)) for one in found.shares[:N_SHOWN]]
        self.setAccessibleDescription(", ".join(shares))
        self.setVisible(found is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """Small pictures; their height follows from how wide it is."""
        return QSize(N_COLUMNS * (LEAST_PX + GAP_PX), self.height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two rows with a line of words under each."""
        side = (self.width() - (N_COLUMNS - 1) * GAP_PX) / N_COLUMNS
        self.setFixedHeight(round(2 * (side + self._line_px() + GAP_PX)))

    def rect_of(self, index: int) -> QRectF:
        """Where a picture lies."""
        side = (self.width() - (N_COLUMNS - 1) * GAP_PX) / N_COLUMNS
        row, column = divmod(index, N_COLUMNS)
        return QRectF(column * (side + GAP_PX) + 1, row * (side + self._line_px() + GAP_PX) + 1, side - 2, side - 2)

    def item_at(self, at: QPointF) -> int:
        """The picture at a place."""
        return next((index for index in range(len(self._images)) if self.rect_of(index).contains(at)), -1)

    def hint_of(self, index: int) -> str:
        """How likely a token was."""
        if self._found is None or index < 0:
            return _("Click one to put it there: what follows is drawn again, as a branch.")
        return _("Token {n}: {share}").format(
            n=int(self._found.ids[index]), share=percent(float(self._found.shares[index]))
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._take(self.item_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go from one to the next, Enter takes it."""
        key = Qt.Key(event.key())
        if key in _ALONG and 0 <= self._at + _ALONG[key] < len(self._images):
            self._at += _ALONG[key]
            self.update()
        elif key in _ENTER:
            self._take(self._at)
        elif key not in _ALONG:
            super().keyPressEvent(event)

    def _take(self, index: int) -> None:
        if self._found is not None and 0 <= index < len(self._images):
            self.forced.emit(int(self._found.ids[index]))

    def _line_px(self) -> float:
        return 1.5 * theme().text_px("small")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures with their shares, the present one framed."""
        if self._found is None:
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(theme().font("small"))
        for index, image in enumerate(self._images):
            rect, colour = self.rect_of(index), theme().colour
            outline = rounded(rect, theme().size.radius_small)
            with clipped(painter, outline):
                left, top, side = (image.width() * one for one in self._around)
                painter.drawImage(rect, image, QRectF(left, top, side, side))
            is_taken = int(self._found.ids[index]) == self._found.chosen
            is_lit = index == self._hovered or (self.hasFocus() and index == self._at)
            pen = QColor(hue_of(self).fill if is_taken else colour.focus if is_lit else colour.border)
            painter.setPen(QPen(pen, 3 if is_taken else 2 if is_lit else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(outline)
            painter.setPen(QColor(colour.text_strong if is_taken else colour.text_muted))
            room = QRectF(rect.x(), rect.bottom() + 2, rect.width(), self._line_px())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, percent(float(self._found.shares[index])))
