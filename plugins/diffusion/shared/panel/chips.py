"""Chips that do something each time they are clicked, and chips of which several may be on."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import Chip, FlowLayout, set_tip, theme
from studio.core.translation import translate

_PADDING_PX: Final = 14
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class FittedChip(Chip):
    """A chip that may be narrower than its text, which then ends in an ellipsis and stands in the tooltip."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._full = text
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        size = super().sizeHint()
        width = self._metrics().horizontalAdvance(self._full) + _PADDING_PX
        return QSize(max(size.height(), width), size.height())

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        height = super().sizeHint().height()
        return QSize(height, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as fits."""
        super().resizeEvent(event)
        text = self._metrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width() - _PADDING_PX + 2)
        if text != self.text():
            self.setText(text)
            set_tip(self, self._full if text != self._full else "")

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(theme().font("small", QFont.Weight.DemiBold))


class ChipGroup(QWidget):
    """Chips in as many lines as they need; one stop of the tabulator, arrow keys go from chip to chip."""

    def __init__(self, object_name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(translate(title))
        self.chips: list[FittedChip] = []
        self._flow = FlowLayout(self, gap_px=theme().size.grid + 2)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, text: str) -> FittedChip:
        """Put a chip behind the last one."""
        chip = FittedChip(text, self)
        chip.setFocusPolicy(Qt.FocusPolicy.ClickFocus if self.chips else Qt.FocusPolicy.StrongFocus)
        self.chips.append(chip)
        self._flow.addWidget(chip)
        return chip

    def clear(self) -> None:
        """Have no chips."""
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the neighbour."""
        step = _ALONG.get(Qt.Key(event.key()))
        focused = next((index for index, chip in enumerate(self.chips) if chip.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        neighbour = self.chips[(focused + step) % len(self.chips)]
        for chip in self.chips:
            chip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        neighbour.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        neighbour.setFocus(Qt.FocusReason.TabFocusReason)


class ActionChips(ChipGroup):
    """Chips that act. Signals: chosen(value) at every click."""

    chosen = Signal(str)

    def set_chips(self, texts: Mapping[str, str]) -> None:
        """Offer these: what each is called, by its value. Chips that stay the same are kept, with their focus."""
        if {chip.property("value"): chip.full_text for chip in self.chips} == dict(texts):
            return
        self.clear()
        for value, text in texts.items():
            chip = self.add(text)
            chip.setCheckable(False)
            chip.setProperty("value", value)
            chip.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))


class ToggleChips(ChipGroup):
    """Chips that are on or off. Signals: toggled(value, is_on) when the person clicked one."""

    toggled = Signal(str, bool)

    def set_chips(self, texts: Mapping[str, str], hints: Mapping[str, str]) -> None:
        """Offer these: what each is called and means, by its value."""
        self.clear()
        for value, text in texts.items():
            chip = self.add(translate(text))
            chip.setProperty("value", value)
            set_tip(chip, translate(hints[value]))
            chip.setAccessibleDescription(translate(hints[value]))
            chip.clicked.connect(lambda is_on, value=value: self.toggled.emit(value, is_on))

    def set_on(self, values: Sequence[str]) -> None:
        """Show which are on; emits nothing."""
        for chip in self.chips:
            chip.setChecked(chip.property("value") in values)
