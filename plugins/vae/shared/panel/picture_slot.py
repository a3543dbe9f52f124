"""A small field that holds a picture: drop one on it, or click it and choose where the picture comes from."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTransform,
)
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy

from studio.api.panel import Place, icon_pixmap, set_tip, theme
from studio.core.picture import is_picture
from studio.core.translation import _, translate

from .own_picture import dropped

SLOT_PX: Final = 56
MOST_PLACES: Final = 8


class PictureSlot(QAbstractButton):
    """Shows a picture or that there is none.

    `visited` gives the places that are offered, the oldest first.

    Signals: shown_wanted() for what is on show; file_wanted(); file_given(Path); visited_wanted(index) of `visited`.
    """

    shown_wanted = Signal()
    file_wanted = Signal()
    file_given = Signal(object)
    visited_wanted = Signal(int)

    def __init__(self, name: str, title: str, visited: Callable[[], Sequence[Place]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(translate(title))
        set_tip(self, _("{title}. Drop a picture here, or click.").format(title=translate(title)))
        self.setAcceptDrops(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._visited, self._image = visited, QImage()
        self.clicked.connect(self.open_menu)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(SLOT_PX, SLOT_PX)

    def show_picture(self, image: QImage) -> None:
        """Hold another picture; a null one for none."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture with rounded corners, or a sign for one."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        colour, rect = theme().colour, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._image.isNull():
            painter.setBrush(QColor(colour.field))
        else:
            scale = rect.width() / max(self._image.width(), self._image.height())
            brush = QBrush(self._image)
            brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(rect.x(), rect.y()))
            painter.setBrush(brush)
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.border), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(rect, theme().size.radius_small, theme().size.radius_small)
        if self._image.isNull():
            sign = icon_pixmap("picture", colour.text_muted, 20)
            painter.drawPixmap(QPoint((self.width() - 20) // 2, (self.height() - 20) // 2), sign)

    def open_menu(self) -> None:
        """Offer what the slot can hold."""
        menu = QMenu(self)
        menu.setObjectName(f"{self.objectName()}_menu")
        menu.addAction(_("The picture on show"), self.shown_wanted.emit)
        menu.addAction(_("Open a picture…"), self.file_wanted.emit)
        places = list(self._visited())
        first = max(0, len(places) - MOST_PLACES)
        menu.addSeparator()
        for index in reversed(range(first, len(places))):
            place = places[index]
            action = menu.addAction(QIcon(QPixmap.fromImage(place.image)), place.label)
            action.triggered.connect(lambda *_, index=index: self.visited_wanted.emit(index))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one picture file."""
        if dropped(event, is_picture) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hold it."""
        path = dropped(event, is_picture)
        if path is not None:
            event.acceptProposedAction()
            self.file_given.emit(path)
