"""What lies over the picture on a canvas."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import theme_source


class PictureOverlay(QWidget):
    """Asks where the picture lies whenever it draws or a hand moves, so nobody has to tell it. Begins hidden."""

    def __init__(self, canvas: QWidget, picture_rect: Callable[[], QRectF]) -> None:
        """`picture_rect` is where the picture lies on the canvas, in device-independent pixels."""
        super().__init__(canvas)
        self.picture_rect = picture_rect
        self._canvas = canvas
        self.hide()
        theme_source().theme_changed.connect(self.on_theme_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Lie over the whole canvas from now on."""
        super().showEvent(event)
        self.setGeometry(self._canvas.rect())
        self._canvas.installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """The canvas may do as it likes."""
        super().hideEvent(event)
        self._canvas.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the canvas."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def on_theme_changed(self) -> None:
        """Draw again in other colours."""
        self.update()

    def share_of(self, at: QPointF) -> tuple[float, float]:
        """Where a point of the canvas lies on the picture: 0 to 1 from left to right and from top to bottom."""
        rect = self.picture_rect()
        return (at.x() - rect.x()) / max(rect.width(), 1e-9), (at.y() - rect.y()) / max(rect.height(), 1e-9)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a share of the picture lies on the canvas."""
        rect = self.picture_rect()
        return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height())
