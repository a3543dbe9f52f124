"""The canvas alone on another screen, while the presenter keeps the window with everything around it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from studio.core.translation import _
from studio.widgets.theme import theme
from studio.widgets.throttle import Throttle

if TYPE_CHECKING:
    from studio.api.panel import Panel

INTERVAL_MS: Final = 33
MARGIN_SHARE: Final = 0.03


class OtherScreen(QWidget):
    """Paints what the canvas of the panel in front shows, as large as it fits, whenever the window is painted.

    Signals: closed() when it has gone, be it by Escape, by a double click or with its screen.
    """

    closed = Signal()

    def __init__(self, screen: QScreen, window: QWidget, panel: "Callable[[], Panel | None]") -> None:
        """`panel` says whose canvas is shown, None for none."""
        super().__init__(None, Qt.WindowType.Window)
        self._window, self._panel, self._screen = window, panel, screen
        self._follow = Throttle(INTERVAL_MS, self.update, self)
        self.setObjectName("other_screen")
        self.setWindowTitle(_("Manifold Studio"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        window.installEventFilter(self)
        cast(QGuiApplication, QGuiApplication.instance()).screenRemoved.connect(self._on_screen_removed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is about to be painted: so is this, a moment later; nothing is held back."""
        if event.type() is QEvent.Type.UpdateRequest:
            self._follow.request()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the canvas again, at the size of this screen."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().colour.canvas))
        panel = self._panel()
        picture = None if panel is None else panel.frame.picture
        if picture is None or not picture.isVisible() or picture.size().isEmpty():
            return
        room = self.size() * (1 - 2 * MARGIN_SHARE)
        factor = min(room.width() / picture.width(), room.height() / picture.height())
        painter.translate(
            (self.width() - factor * picture.width()) / 2, (self.height() - factor * picture.height()) / 2
        )
        painter.scale(factor, factor)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        picture.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """So does a double click."""
        self.close()

    def _on_screen_removed(self, screen: QScreen) -> None:
        """It was pulled out: Qt would put this before the window."""
        if screen == self._screen:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the window."""
        self._window.removeEventFilter(self)
        super().closeEvent(event)
        self.closed.emit()
