"""Shows what lies under the pointer: the frame of a run, or a keyframe."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from studio.core.frame import Frame
from studio.core.translation import N_, _, grouped, translate
from studio.widgets.theme import theme
from studio.widgets.throttle import Throttle
from studio.widgets.timeline.keyframe_line import KeyframeLine
from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.strip import Strip
from studio.widgets.timeline.surface import ScrubSurface

_EVERY_MS: Final = 30
_GAP_PX: Final = 4
_MARK_HINT: Final = N_("Drag to move, double-click to go there")
SIDE_PX: Final = 144
_MARGIN_PX: Final = 8
_FRAME_GAP_PX: Final = 6
_WIDEST_TEXT_PX: Final = 240


class PreviewPopup(QWidget):
    """A window of its own that takes neither focus nor mouse."""

    def __init__(self, parent: QWidget) -> None:
        flags = Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowTransparentForInput
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._image = QImage()
        self._title = ""
        self._detail = ""

    @property
    def text(self) -> str:
        """What it says."""
        return " ".join(part for part in (self._title, self._detail) if part)

    @property
    def image(self) -> QImage:
        """The picture on show, null where there is none."""
        return self._image

    def show_above(self, foot: QPoint, image: QImage | None, title: str, detail: str) -> None:
        """Stand with the middle of the lower edge at `foot`, in global pixels, inside the screen."""
        self._image, self._title, self._detail = image or QImage(), title, detail
        size = self._wanted_size()
        corner = foot - QPoint(size.width() // 2, size.height())
        room = self.screen().availableGeometry()
        x = min(max(corner.x(), room.left() + 4), room.right() - size.width() - 4)
        self.setGeometry(x, max(corner.y(), room.top()), size.width(), size.height())
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the picture and one or two lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour, size = theme().colour, theme().size
        painter.setPen(QPen(QColor(colour.control_border), 1))
        painter.setBrush(QColor(colour.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.radius, size.radius)
        top_px = _MARGIN_PX
        if not self._image.isNull():
            self._paint_image(painter, QRectF((self.width() - SIDE_PX) / 2, top_px, SIDE_PX, SIDE_PX))
            top_px += SIDE_PX + _FRAME_GAP_PX
        for text, weight, ink in self._lines():
            painter.setFont(theme().font("small", weight))
            painter.setPen(QColor(ink))
            metrics = painter.fontMetrics()
            room_px = self.width() - 2 * _MARGIN_PX
            line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px)
            painter.drawText(_MARGIN_PX, top_px, room_px, metrics.height(), Qt.AlignmentFlag.AlignHCenter, line)
            top_px += metrics.height()

    def _lines(self) -> list[tuple[str, QFont.Weight, str]]:
        colour = theme().colour
        lines = [
            (self._title, QFont.Weight.DemiBold, colour.text_strong),
            (self._detail, QFont.Weight.Normal, colour.text_muted),
        ]
        return [line for line in lines if line[0]]

    def _paint_image(self, painter: QPainter, rect: QRectF) -> None:
        brush = QBrush(self._image)
        scale = rect.width() / max(self._image.width(), self._image.height())
        brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(rect.x(), rect.y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        painter.drawRoundedRect(rect, theme().size.radius_small, theme().size.radius_small)

    def _wanted_size(self) -> QSize:
        width_px, height_px = 0, 2 * _MARGIN_PX
        for text, weight, _colour in self._lines():
            metrics = QFontMetrics(theme().font("small", weight))
            width_px = max(width_px, min(metrics.horizontalAdvance(text), _WIDEST_TEXT_PX))
            height_px += metrics.height()
        if not self._image.isNull():
            width_px, height_px = max(width_px, SIDE_PX), height_px + SIDE_PX + _FRAME_GAP_PX
        return QSize(width_px + 2 * _MARGIN_PX, height_px)


def _said_by(frame: Frame | None) -> str:
    """The label of a frame, else its first figure."""
    if frame is None or frame.label:
        return "" if frame is None else frame.label
    return next((f"{name} {value:.4g}" for name, value in frame.scalars.items()), "")


class Hover(QObject):
    """Stands a popup over `bar`; its pictures come from the recording, never from a model."""

    def __init__(self, bar: QWidget, playback: Playback, strip: Strip) -> None:
        super().__init__(bar)
        self._bar = bar
        self._playback = playback
        self._strip = strip
        self._index = -1
        self._surface: ScrubSurface | None = None
        self.popup = PreviewPopup(bar)
        self._throttle = Throttle(_EVERY_MS, self._show_frame, self)

    def watch(self, surface: ScrubSurface) -> None:
        """Show the frame under the pointer on this surface."""
        surface.hovered.connect(partial(self._on_hovered, surface))

    def watch_marks(self, line: KeyframeLine) -> None:
        """Show the keyframe under the pointer, and its time while it is dragged."""
        self._line = line
        line.mark_hovered.connect(self._on_mark_hovered)
        line.keyframe_moved.connect(self._on_keyframe_moved)
        line.keyframe_move_finished.connect(self.hide)

    def hide(self) -> None:
        """Nothing is under the pointer."""
        self._index = -1
        self.popup.hide()

    def _on_hovered(self, surface: ScrubSurface, index: int) -> None:
        self._surface = surface
        self._index = index
        if index < 0:
            self.popup.hide()
        else:
            self._throttle.request()

    def _show_frame(self) -> None:
        if self._index < 0 or self._surface is None or not self._bar.isVisible():
            return
        size_px = round(SIDE_PX * self._bar.devicePixelRatioF())
        image = self._strip.picture_at(self._index, size_px)
        title = _("Frame {n}").format(n=grouped(self._playback.first_number + self._index))
        x_px = self._surface.axis().x_of(self._index)
        self._stand(self._surface, x_px, image, title, _said_by(self._strip.frame_at(self._index)))

    def _on_mark_hovered(self, index: int) -> None:
        self.hide()
        if index >= 0:
            self._show_mark(index, translate(_MARK_HINT))

    def _on_keyframe_moved(self, index: int, fraction: float) -> None:
        seconds = fraction * max(self._playback.n_frames - 1, 0) / self._playback.fps
        self._show_mark(index, _("at {seconds:.2f} s").format(seconds=seconds))

    def _show_mark(self, index: int, detail: str) -> None:
        marks = self._line.marks
        if index < len(marks):
            title = _("Keyframe {n} of {count}").format(n=index + 1, count=len(marks))
            self._stand(self._line, self._line.x_of_keyframe(index), self._picture_of(marks[index]), title, detail)

    def _picture_of(self, mark: KeyframeMark) -> QImage:
        """That of the frame at its time."""
        index = round(mark.fraction * max(self._playback.n_frames - 1, 0))
        return self._strip.picture_at(index, round(SIDE_PX * self._bar.devicePixelRatioF()))

    def _stand(self, surface: QWidget, x_px: float, image: QImage | None, title: str, detail: str) -> None:
        x_px = surface.mapTo(self._bar, QPoint(round(x_px), 0)).x()
        self.popup.show_above(self._bar.mapToGlobal(QPoint(x_px, -_GAP_PX)), image, title, detail)
