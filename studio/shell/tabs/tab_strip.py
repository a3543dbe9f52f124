"""The row of open tabs: a dot in the family's colour, a title, a close button; tabs can be dragged."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QTabBar, QWidget

from studio.core.translation import N_
from studio.widgets.controls.button import Button
from studio.widgets.theme import theme, theme_source

DOT_PX = 8
DOT_DROP_PX = 2  # lowers the dot to the middle of the small letters
MAX_TITLE_PX = 220


class TabStrip(QTabBar):
    """Shows one tab for each page; a tab's data is its page. One that cannot be closed stays at the left.

    Signals: close_requested(QWidget) with the page of the tab.
    """

    close_requested = Signal(QWidget)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setUsesScrollButtons(True)
        self.setIconSize(QSize(DOT_PX, DOT_PX + DOT_DROP_PX))
        self.setAccessibleName(N_("Open tabs"))
        self._hues: dict[QWidget, str] = {}
        theme_source().theme_changed.connect(self._paint_dots)
        self.tabMoved.connect(self._keep_pinned)

    def add_page(self, page: QWidget, title: str, hue: str, is_closable: bool = True) -> None:
        """Append the tab of `page`; `hue` names a family's colour, anything else gives a grey dot."""
        index = self.addTab("")
        self.setTabData(index, page)
        self.set_page(page, title, hue)
        if is_closable:
            button = Button(kind="quiet", icon_name="close", hint=N_("Close this tab (Ctrl+W)"))
            button.setObjectName("close_tab")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(self._on_close_clicked)
            self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)

    def set_page(self, page: QWidget, title: str, hue: str) -> None:
        """Give the tab of `page` another title and colour."""
        index = self.index_of(page)
        if self._hues.get(page) == hue and self.tabToolTip(index) == title:
            return  # asked at every move of a drag; Qt would lay out the whole window again
        self._hues[page] = hue
        self.setTabText(index, title.replace("&", "&&"))
        self.setTabToolTip(index, title)
        self._paint_dots()

    def remove_page(self, page: QWidget) -> None:
        """Take the tab of `page` away."""
        del self._hues[page]
        self.removeTab(self.index_of(page))

    def index_of(self, page: QWidget) -> int:
        """Where the tab of `page` stands now; raises ValueError where it has none."""
        return self.pages().index(page)

    def pages(self) -> list[QWidget]:
        """The pages from left to right."""
        return [self.tabData(index) for index in range(self.count())]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close the tab under a middle click."""
        index = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and index >= 0 and self._is_closable(index):
            self.close_requested.emit(self.tabData(index))
        super().mouseReleaseEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Qt wants room for its scroll buttons even where few tabs need less."""
        return super().minimumSizeHint().boundedTo(self.sizeHint())

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802 - Qt's name
        """Keep one long title from filling the whole bar."""
        hint = super().tabSizeHint(index)
        return QSize(min(hint.width(), theme().scaled(MAX_TITLE_PX)), hint.height())

    def _keep_pinned(self) -> None:
        place = next((index for index in range(self.count()) if not self._is_closable(index)), 0)
        if place:
            self.moveTab(place, 0)

    def _is_closable(self, index: int) -> bool:
        return self.tabButton(index, QTabBar.ButtonPosition.RightSide) is not None

    def _on_close_clicked(self) -> None:
        for index in range(self.count()):
            if self.tabButton(index, QTabBar.ButtonPosition.RightSide) is self.sender():
                self.close_requested.emit(self.tabData(index))
                return

    def _paint_dots(self) -> None:
        for index, page in enumerate(self.pages()):
            self.setTabIcon(index, hue_dot(self._hues[page], DOT_PX, DOT_DROP_PX))


def hue_dot(hue: str, size_px: int, drop_px: int = 0) -> QIcon:
    """A filled circle in the colour of a family, or in grey, with `drop_px` of nothing above it."""
    hues = theme().hues
    colour = hues[hue].fill if hue in hues else theme().colour.text_muted
    pixmap = QPixmap(size_px * 3, (size_px + drop_px) * 3)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(0, drop_px * 3, size_px * 3, size_px * 3)
    painter.end()
    pixmap.setDevicePixelRatio(3)
    return QIcon(pixmap)
