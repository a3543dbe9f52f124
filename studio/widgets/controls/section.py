"""A titled group of controls that folds away."""

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from studio.core.translation import N_, translate
from studio.widgets.controls.icon import icon_pixmap
from studio.widgets.controls.label import set_tip
from studio.widgets.theme import theme, theme_source

_ARROW_PX: Final = 12
_LINE_PX: Final = 24
_LETTER_SPACING_PX: Final = 0.8


def title_font(role: str) -> QFont:
    """That of titles in capitals, as large as a role of the theme."""
    font = theme().font(role, QFont.Weight.DemiBold)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _LETTER_SPACING_PX)
    return font


def paint_title(painter: QPainter, width_px: int, title: str) -> None:
    """Write the title of what is drawn, in small grey capitals at its top."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(title_font("caption"))
    painter.setPen(QColor(theme().colour.text_muted))
    painter.drawText(QRectF(0, 0, width_px, 16), Qt.AlignmentFlag.AlignLeft, translate(title).upper())


class SectionTitle(QAbstractButton):
    """The line in small grey capitals that folds its section; an arrow shows the state."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        theme_source().theme_changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """One line with room to click."""
        return QSize(120, theme().scaled(_LINE_PX))

    def minimumSizeHint(self) -> QSize:
        """May be narrower than its text."""
        return QSize(40, theme().scaled(_LINE_PX))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left folds, Right unfolds, Enter turns; Space is left to play and pause."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.setChecked(key == Qt.Key.Key_Right)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the title can be clicked."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to quiet grey."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the capitals, the arrow and the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme().colour
        ink = colour.text_strong if self.underMouse() else colour.text_muted
        painter.setFont(title_font("caption"))
        painter.setPen(QColor(ink))
        room_px = self.width() - _ARROW_PX - theme().size.grid
        text = painter.fontMetrics().elidedText(self.text().upper(), Qt.TextElideMode.ElideRight, room_px)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.underMouse() or self.hasFocus() or not self.isChecked():
            arrow = icon_pixmap("chevron_down" if self.isChecked() else "chevron_right", ink, _ARROW_PX)
            painter.drawPixmap(self.width() - _ARROW_PX, (self.height() - _ARROW_PX) // 2, arrow)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colour.focus), 1))
            radius = theme().size.grid
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class Section(QWidget):
    """A title over a column of controls.

    Signals:
        folded(is_folded): the person folded or unfolded it.
    """

    folded = Signal(bool)

    def __init__(self, object_name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self._title = SectionTitle(translate(title), self)
        self._term = ""
        self._body = QWidget(self)
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(0, 0, 0, theme().size.grid)
        self._rows.setSpacing(theme().size.grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme().size.grid)
        layout.addWidget(self._title)
        layout.addWidget(self._body)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._title.toggled.connect(self._on_title_toggled)
        self._describe()

    def add(self, widget: QWidget) -> None:
        """Put a control under the last one."""
        self._rows.addWidget(widget)

    def explain(self, term: str) -> None:
        """Say in the title's tip what the term in it means."""
        self._term = term
        self._describe()

    @property
    def is_folded(self) -> bool:
        """Whether only the title shows."""
        return not self._title.isChecked()

    def set_folded(self, is_folded: bool) -> None:
        """Fold or unfold."""
        self._title.setChecked(not is_folded)

    def _on_title_toggled(self, is_open: bool) -> None:
        self._body.setVisible(is_open)
        self._describe()
        self.folded.emit(not is_open)

    def _describe(self) -> None:
        hint = N_("Folded. Click to show the controls.") if self.is_folded else N_("Click to fold.")
        text = "\n".join(translate(one) for one in (self._term, hint) if one)
        set_tip(self._title, text)
        self._title.setAccessibleDescription(text)
