"""The column of controls at the right of a panel."""

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from studio.core.translation import _
from studio.widgets.controls.section import Section
from studio.widgets.theme import theme, theme_source


class InspectorPage(QWidget):
    """What scrolls; asks for the height that its real width needs, not the one of its narrowest form."""

    def minimumSizeHint(self) -> QSize:
        """Any width, and all the height."""
        layout = self.layout()
        if layout is None:
            return QSize(0, 0)
        if layout.hasHeightForWidth():
            return QSize(0, layout.totalHeightForWidth(self.width()))
        return QSize(0, layout.totalMinimumSize().height())


class Inspector(QFrame):
    """A fixed-width column that scrolls up and down only; nothing in it may be wider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setProperty("role", "inspector")
        self.setAccessibleName(_("Controls"))
        self._page = InspectorPage()
        self._page.setProperty("role", "inspector_page")
        self._rows = QVBoxLayout(self._page)
        self._rows.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.addWidget(self._scroll)
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def add(self, widget: QWidget) -> None:
        """Put a section or another widget below the last one."""
        self._rows.insertWidget(self._rows.count() - 1, widget)

    def add_high(self, widget: QWidget) -> None:
        """Put a widget under the first one, where it is seen without scrolling."""
        self._rows.insertWidget(min(1, self._rows.count() - 1), widget)

    def add_section(self, object_name: str, title: str, term: str = "") -> Section:
        """Make a section below the last one; `term` says in two sentences what a term in its title means."""
        section = Section(object_name, title)
        section.explain(term)
        self.add(section)
        return section

    def reveal(self, widget: QWidget) -> None:
        """Scroll until `widget` can be seen."""
        self._scroll.ensureWidgetVisible(widget, 0, theme().size.inspector_margin)

    def showEvent(self, event: QShowEvent) -> None:
        """Let Tab go from above to below, however the parts were made."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._order_focus)

    def _order_focus(self) -> None:
        stops = [one for one in self._page.findChildren(QWidget) if one.window() is self.window() and _takes_tab(one)]
        for before, after in pairwise(sorted(stops, key=self._place)):
            QWidget.setTabOrder(before, after)

    def _place(self, widget: QWidget) -> tuple[int, int]:
        place = widget.mapTo(self._page, widget.rect().center())
        return place.y() // theme().size.grid, place.x()

    def _on_theme_changed(self) -> None:
        size = theme().size
        self.setFixedWidth(round(size.inspector_width * max(1.0, theme().text_scale)))
        margin = size.inspector_margin
        self._rows.setContentsMargins(margin, margin - size.grid, margin, margin)
        self._rows.setSpacing(2 * size.grid)


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
