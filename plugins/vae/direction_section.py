"""The inspector's part for the directions: sliders ranked by measured effect, those without folded away."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Button, SliderRow, ValueRange
from studio.core.text import N_, plural, translate

from .atlas import Direction

SLIDER_RANGE = 4.0


class DirectionSection(QWidget):
    """One slider per direction, strongest first; the weaker ones behind a line that counts them.

    Folded sliders are made when they are first unfolded: a panel has to stand within 100 ms of the click.

    Signals:
        value_changed(index, value): in the model's own units, where typical places lie within ±2.
        edit_started(), edit_finished(): around a drag.
    """

    value_changed = Signal(int, float)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, directions: Sequence[Direction], n_shown: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._directions = directions
        self._n_shown = n_shown
        self._values = np.zeros(len(directions), np.float32)
        self.sliders: list[SliderRow] = []
        n_dead = sum(not direction.is_visible for direction in directions)
        self._more = QWidget()
        text = fold_text(len(directions) - n_shown, n_dead)
        self._fold = Button(text, kind="link", icon_name="chevron_right", parent=self)
        self._fold.setObjectName("more_directions")
        self._fold.setAccessibleName(translate(N_("More directions")))
        self._fold.setAccessibleDescription(self._fold.text())
        self._fold.clicked.connect(self._on_fold_clicked)
        column, self._rows = QVBoxLayout(self), QVBoxLayout(self._more)
        for layout in (column, self._rows):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(2)
        self._add_sliders(column, n_shown)
        column.addWidget(self._fold)
        column.addWidget(self._more)
        self._fold.setVisible(len(directions) > n_shown)
        self._more.hide()

    def _add_sliders(self, rows: QVBoxLayout, end: int) -> None:
        """Make the sliders up to number `end` that do not exist yet."""
        for index in range(len(self.sliders), end):
            slider = self._slider(index, self._directions[index])
            self.sliders.append(slider)
            rows.addWidget(slider)

    def _slider(self, index: int, direction: Direction) -> SliderRow:
        limits = ValueRange(-SLIDER_RANGE, SLIDER_RANGE, trained=(direction.low, direction.high))
        slider = SliderRow(f"direction_{index}", direction.name, limits, direction_help(direction))
        slider.value_changed.connect(lambda value: self.value_changed.emit(index, value))
        slider.edit_started.connect(self.edit_started)
        slider.edit_finished.connect(self.edit_finished)
        return slider

    def show_values(self, values: npt.NDArray[np.float32]) -> None:
        """Show the place's value along each direction, (K,)."""
        self._values = values
        n_seen = self._n_shown if self._more.isHidden() else len(self.sliders)
        for slider, value in zip(self.sliders[:n_seen], values, strict=False):
            slider.set_value(float(value))

    def _on_fold_clicked(self) -> None:
        is_shown = self._more.isHidden()
        self._add_sliders(self._rows, len(self._directions))
        self._more.setVisible(is_shown)
        self.show_values(self._values)
        self._fold.set_icon("chevron_down" if is_shown else "chevron_right")


def direction_help(direction: Direction) -> str:
    """The tooltip of a direction: its effect in plain words and where typefaces usually lie."""
    if not direction.is_visible:
        return translate(N_("A latent direction with no visible effect."))
    return translate(
        N_(
            "Latent direction; one unit changes {percent:.1f} % of the picture. "
            "Examples lie between {low:+.1f} and {high:+.1f}."
        )
    ).format(percent=100 * direction.effect, low=direction.low, high=direction.high)


def fold_text(n_more: int, n_dead: int) -> str:
    """The line over the folded sliders: "26 more, 7 with no visible effect"."""
    text = plural(N_("{n} more"), N_("{n} more"), n_more)
    if n_dead:
        text += ", " + plural(N_("{n} with no visible effect"), N_("{n} with no visible effect"), n_dead)
    return text
