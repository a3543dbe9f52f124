"""Push buttons in the three weights of the design, with an icon that follows the theme."""

from typing import Any, Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget

from studio.core.translation import translate
from studio.widgets.controls.icon import ICON_PX, icon
from studio.widgets.controls.label import set_tip
from studio.widgets.theme import hue_of, theme

_AFTER_ICON_PX = 4
_REPAINTING = (QEvent.Type.PaletteChange, QEvent.Type.ParentChange, QEvent.Type.EnabledChange)
Kind = Literal["primary", "secondary", "quiet", "link"]


class Button(QPushButton):
    """A button with text, an icon or both.

    `kind` is primary (filled with the family's hue, one per view), secondary (outlined), quiet (no frame
    until the pointer is on it) or link (grey text, for folding lines). A button without text needs `hint`,
    which becomes its tooltip and accessible name.
    """

    def __init__(
        self,
        text: str = "",
        kind: Kind = "secondary",
        icon_name: str = "",
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(translate(text), parent)
        self._kind = kind
        self._icon_name = icon_name
        self._painted = "", ""
        self.setProperty("kind", kind)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        if not text:
            self.setProperty("shape", "icon")
        if hint:
            set_tip(self, translate(hint))
        self.setAccessibleName(translate(text or hint))
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self._paint_icon()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon, as when play becomes pause."""
        self._icon_name = icon_name
        self._paint_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon again in the colours of a new theme, or greyed like its text."""
        super().changeEvent(event)
        if event.type() in _REPAINTING:
            self._paint_icon()

    def _paint_icon(self) -> None:
        wanted = self._icon_name, self._ink()
        if self._icon_name and wanted != self._painted:
            self._painted = wanted
            self.setIcon(icon(*wanted))

    def _ink(self) -> str:
        colour = theme().colour
        if not self.isEnabled() or self._kind == "link":
            return colour.text_muted
        return hue_of(self).on_fill if self._kind == "primary" else colour.text_strong


class ElidedButton(Button):
    """A button with a name that somebody gave: it may become narrower than that, and ends in an ellipsis then."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """As a Button is made."""
        super().__init__(*args, **options)
        self.setProperty("shape", "name")
        self._words = self.text()

    def set_words(self, words: str) -> None:
        """Have this name."""
        self._words = words
        self.setText(words)
        if self.isVisible():
            self._fit()

    def words(self) -> str:
        """The whole name."""
        return self._words

    def sizeHint(self) -> QSize:
        """Room for the whole name."""
        hint, metrics = super().sizeHint(), self.fontMetrics()
        missing_px = metrics.horizontalAdvance(self._words) - metrics.horizontalAdvance(self.text())
        return QSize(hint.width() + missing_px, hint.height())

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room_px = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        if not self.icon().isNull():
            room_px -= self.iconSize().width() + _AFTER_ICON_PX
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room_px))
