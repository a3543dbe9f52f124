"""The inspector's part for what is on the canvas: which views, the first one large, and the values of the large one."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import SteadyLabel
from studio.core.text import N_, translate

from .chip_group import ToggleChips
from .value_histogram import ValueHistogram
from .view_name import ATTENTION, CHANGE, NOISY, PREDICTED, REMOVED

MOST_SHOWN: Final = 3
VIEW_TEXTS: Final = {
    NOISY: N_("Noisy"),
    PREDICTED: N_("Predicted"),
    REMOVED: N_("Noise removed"),
    CHANGE: N_("Change"),
    ATTENTION: N_("Attention"),
}
VIEW_HINTS: Final = {
    NOISY: N_("The picture as it is at this step, with its noise (x at time t)"),
    PREDICTED: N_("The clean picture that the model believes in at this step (predicted x0)"),
    REMOVED: N_("The noise that the model sees in the picture and takes away (predicted epsilon)"),
    CHANGE: N_("What the belief has changed since the step before; grey is nothing"),
    ATTENTION: N_("Where each word of the prompt mattered at this step (cross-attention)"),
}


class ShowSection(QWidget):
    """Shows which views are on the canvas.

    Signals: views_changed(names), a tuple of one to three, the large one first.

    Attributes:
        histogram: of the values of the large picture; the panel fills it.
    """

    views_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: tuple[str, ...] = (NOISY, PREDICTED)
        self._possible: tuple[str, ...] = tuple(VIEW_TEXTS)
        self.chips = ToggleChips("show_views", N_("What is shown"))
        self.chips.toggled.connect(self._on_toggled)
        self.order = SteadyLabel(role="small")
        self.order.setToolTip(translate(N_("Click a small picture on the canvas to make it the large one")))
        self.histogram = ValueHistogram()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.chips)
        column.addWidget(self.order)
        column.addWidget(self.histogram)
        self.set_possible(self._possible)

    def views(self) -> tuple[str, ...]:
        """What is shown, the large one first."""
        return self._views

    def set_views(self, views: Sequence[str]) -> None:
        """Show which are shown, the large one first; names that the model lacks are left out. Emits nothing."""
        known = tuple(name for name in views if name in self._possible)
        self._views = known[:MOST_SHOWN] or self._possible[:1]
        self.chips.set_on(self._views)
        large, *small = (translate(VIEW_TEXTS[name]) for name in self._views)
        text = translate(N_("Large: {large}")).format(large=large)
        self.order.set_text(f"{text} · {', '.join(small)}" if small else text)

    def set_possible(self, names: Sequence[str]) -> None:
        """Offer the views that the model's frames have."""
        self._possible = tuple(name for name in VIEW_TEXTS if name in names)
        self.chips.set_chips({name: VIEW_TEXTS[name] for name in self._possible}, VIEW_HINTS)
        self.set_views(self._views)

    def enlarge(self, name: str) -> None:
        """Make a view the large one, as a click on its small picture asks; tells it."""
        if name != self._views[0]:
            self._choose((name, *(own for own in self._views if own != name)))

    def _on_toggled(self, name: str, is_on: bool) -> None:
        if is_on:
            self._choose((*self._views[: MOST_SHOWN - 1], name))
        else:
            self._choose(tuple(own for own in self._views if own != name))

    def _choose(self, views: tuple[str, ...]) -> None:
        """One stays shown, whatever is clicked."""
        before = self._views
        self.set_views(views or before)
        if self._views != before:
            self.views_changed.emit(self._views)
