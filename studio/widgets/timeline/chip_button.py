"""Small buttons of the transport row, which give up their text where there is no room."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics
from PySide6.QtWidgets import QMenu, QWidget

from studio.core.translation import translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.icon import ICON_PX
from studio.widgets.theme import theme, theme_source

_HEIGHT_PX: Final = 24
_PADDING_PX: Final = 9
_ICON_GAP_PX: Final = 6


class ChipButton(Button):
    """A button 24 px high. Its width is fixed by `widest`, so that a changing text moves nothing."""

    def __init__(self, text: str, icon_name: str = "", hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, "secondary", icon_name, hint, parent)
        self.setProperty("shape", "chip")
        self._label = translate(text)
        self._widest = self._label
        self._has_icon = bool(icon_name)
        self._is_compact = False
        theme_source().theme_changed.connect(self._fit)
        self._fit()

    @property
    def label(self) -> str:
        """The whole text, also while only the icon shows."""
        return self._label

    def set_label(self, label: str, widest: str = "") -> None:
        """Say something else; `widest` is the longest text that it will have to hold."""
        if label == self._label and (not widest or widest == self._widest):
            return
        self._label = label
        self._widest = widest or label
        self.setAccessibleName(label)
        self._fit()

    def set_compact(self, is_compact: bool) -> None:
        """Show the icon alone; a button without an icon keeps its text."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self._fit()

    def full_width_px(self) -> int:
        """How wide it is with its text."""
        icon_px = theme().scaled(ICON_PX) + _ICON_GAP_PX if self._has_icon else 0
        metrics = QFontMetrics(theme().font("small"))
        return metrics.horizontalAdvance(self._widest) + 2 * _PADDING_PX + icon_px

    def _fit(self) -> None:
        is_icon_only = self._is_compact and self._has_icon
        self.setText("" if is_icon_only else self._label)
        self.setIconSize(QSize(1, 1) * theme().scaled(ICON_PX))
        width_px = theme().scaled(_HEIGHT_PX) + 6 if is_icon_only else self.full_width_px()
        size = QSize(width_px, theme().scaled(_HEIGHT_PX))
        if size != self.size():
            self.setFixedSize(size)


class ChoiceChip(ChipButton):
    """Opens a menu of numbers.

    Signals:
        chosen(value): the person chose another number.
    """

    chosen = Signal(float)

    def __init__(
        self, values: Sequence[float], words: Callable[[float], str], hint: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(words(values[0]), hint=hint, parent=parent)
        self._values = values
        self._words = words
        self._value = values[0]
        self._hint = translate(hint)
        self.clicked.connect(self._open)
        self.set_value(values[0])

    def set_value(self, value: float) -> None:
        """Show `value`, which need not be one of the menu."""
        self._value = value
        text = self._words(value)
        self.set_label(text, max((self._words(v) for v in (*self._values, value)), key=len))
        self.setAccessibleName(f"{self._hint}: {text}")

    def menu_of_choices(self) -> QMenu:
        """The choices, the present one ticked; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for value in self._values:
            action = menu.addAction(self._words(value))
            action.setCheckable(True)
            action.setChecked(abs(value - self._value) < 1e-9)
            group.addAction(action)
            action.setData(value)
        menu.triggered.connect(self._on_action_triggered)
        return menu

    def _on_action_triggered(self, action: QAction) -> None:
        self.chosen.emit(action.data())

    def _open(self) -> None:
        menu = self.menu_of_choices()
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
