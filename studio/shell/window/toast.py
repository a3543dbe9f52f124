"""A word in passing: it lies over the window, moves nothing, and goes by itself."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.core.translation import N_
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import ElidedLabel, Label
from studio.widgets.theme import theme

STAYS_MS: Final = 6_000
TOP_PX: Final = 54
"""Just under the bar of the window, over the margin of the picture: no control lies there."""
MAX_DETAIL_PX: Final = 320


class Toast(QFrame):
    """Stays six seconds, and longer while the pointer is on it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("toast")
        self.setProperty("role", "toast")
        self._do: Callable[[], object] | None = None
        self._text, self._detail = Label(), ElidedLabel(role="muted")
        self._text.setProperty("role", "strong")
        self._detail.setMaximumWidth(MAX_DETAIL_PX)
        self._action = Button("")
        self._action.setObjectName("toast_action")
        self._action.clicked.connect(self._on_action_clicked)
        close = Button(kind="quiet", icon_name="close", hint=N_("Dismiss"))
        close.clicked.connect(self.hide)
        grid = theme().size.grid
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4 * grid, 2 * grid, 2 * grid, 2 * grid)
        layout.setSpacing(3 * grid)
        for part in (self._text, self._detail, self._action, close):
            layout.addWidget(part)
        self._leave = QTimer(self, singleShot=True, interval=STAYS_MS)
        self._leave.timeout.connect(self.hide)
        self.hide()

    def show_text(self, text: str, detail: str = "", action: str = "", do: Callable[[], object] | None = None) -> None:
        """Say this in place of what was said before."""
        self._do = do
        self._text.setText(text)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._action.setText(action)
        self._action.setVisible(do is not None)
        self.setAccessibleName(f"{text} {detail}".strip())
        self._place()
        self.show()
        self.raise_()
        self._leave.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while it is looked at."""
        super().enterEvent(event)
        self._leave.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go a while later."""
        super().leaveEvent(event)
        self._leave.start()

    def follow(self) -> None:
        """The window has another size: keep the place."""
        if not self.isHidden():
            self._place()

    def _place(self) -> None:
        self.adjustSize()
        self.move((self._window.width() - self.width()) // 2, theme().scaled(TOP_PX))

    def _on_action_clicked(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()
