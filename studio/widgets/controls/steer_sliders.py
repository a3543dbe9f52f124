"""Sliders from pairs of texts: two fields that make one, the sliders themselves and what is said of them."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from studio.core.text.steer_slider import LIMIT, SteerSlider
from studio.core.translation import N_, _, translate

from .label import Label, set_tip
from .section_parts import named_button, put_in_a_column
from .slider import SliderRow
from .value_range import ValueRange

RANGE: Final = ValueRange(-LIMIT, LIMIT, 5.0, unit="%")
MOST_NAMED: Final = 12


class SteerSliders(QWidget):
    """Signals: pair_given(toward, away): a slider shall lead from one to the other. moved(number, strength): of a
    slider. edit_started(), edit_finished(): around one step of undo. cleared(): no slider shall be left.
    """

    pair_given = Signal(str, str)
    moved = Signal(int, float)
    edit_started = Signal()
    edit_finished = Signal()
    cleared = Signal()

    def __init__(self, hint: str, tip: str, parent: QWidget | None = None) -> None:
        """`hint` says how a direction is found, `tip` what a slider does; both marked, not yet translated."""
        super().__init__(parent)
        self._tip = tip
        self.toward = self._field("steer_toward", N_("Toward, such as joy"))
        self.away = self._field("steer_away", N_("Away from, such as sorrow"))
        self.make = named_button("steer_find", N_("Make a slider"), hint, pressed=self._give)
        self.said = Label()
        self.said.setWordWrap(True)
        self.sliders = QVBoxLayout()
        self._rows: list[SliderRow] = []
        self._what: tuple[object, ...] = ()
        self.clear = named_button("steer_clear", N_("Remove all"), kind="link", pressed=self.cleared)
        put_in_a_column(self, (self.toward, self.away, self.make, self.said, self.sliders, *self._shown_below()))

    def _shown_below(self) -> tuple[QWidget, ...]:
        """What stands below the sliders."""
        return (self.clear,)

    def _field(self, name: str, title: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(translate(title))
        field.setPlaceholderText(translate(title))
        set_tip(field, _("A word or a few; press Enter when both are there"))
        field.returnPressed.connect(self._give)
        return field

    def _give(self) -> None:
        self.pair_given.emit(self.toward.text(), self.away.text())

    def show_sliders(self, sliders: Sequence[SteerSlider]) -> None:
        """Show these sliders; they are made anew only where others are there. Emits nothing."""
        what = tuple(slider.what for slider in sliders)
        if what != self._what:
            self._what = what
            self._make(sliders)
        for row, slider in zip(self._rows, sliders, strict=True):
            row.set_value(slider.strength)
        self.clear.setVisible(bool(sliders))

    def slider_name(self, slider: SteerSlider) -> str:
        """What a slider is called."""
        return f"{_short(slider.toward)} – {_short(slider.away)}"

    def _make(self, sliders: Sequence[SteerSlider]) -> None:
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [self._row(number, slider) for number, slider in enumerate(sliders)]

    def _row(self, number: int, slider: SteerSlider) -> SliderRow:
        row = SliderRow(f"steer_{number + 1}", self.slider_name(slider), RANGE, self._tip)
        row.value_changed.connect(lambda value: self.moved.emit(number, value))
        row.edit_started.connect(self.edit_started)
        row.edit_finished.connect(self.edit_finished)
        self.sliders.addWidget(row)
        return row


def _short(text: str) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= MOST_NAMED else f"{text[: MOST_NAMED - 1].rstrip()}…"
