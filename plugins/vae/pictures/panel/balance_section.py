"""The inspector's part for β: a slider with three stops, and what is gained and lost at each."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from studio.api.panel import Label, param_slider, put_in_a_column, set_tip, small_label
from studio.core.translation import N_, _, translate

from ...shared.params import BalancedParams

COLUMN_PX: Final = 48
ROWS: Final = {
    "error": (
        N_("Error of redrawn digits"),
        N_("Mean error of a pixel of redrawn test digits; less is better"),
        "{:.1f} %",
    ),
    "n_active": (
        N_("Numbers in use"),
        N_("Numbers of a place that differ from digit to digit (active units)"),
        "{:.0f}",
    ),
    "gap": (
        N_("One number, one thing"),
        N_(
            "How much more the best number says of a fact than the second best does: which digit, slant, width, ink "
            "(mutual information gap, 0 to 1); more is better"
        ),
        "{:.2f}",
    ),
    "distance": (
        N_("Random ones from real ones"),
        N_("Kernel distance (KID x 1,000) between digits at random places and test digits; less is better"),
        "{:.0f}",
    ),
}


class BalanceSection(QWidget):
    """Shows the figures that a card states of each network; changes nothing itself.

    Attributes:
        slider: which of them.
    """

    def __init__(self, card: Mapping[str, Any]) -> None:
        super().__init__()
        self.slider = param_slider(BalancedParams(), "balance", "balance")
        self.slider.hide_number()  # which β it is stands out below
        ends = QHBoxLayout()
        ends.addWidget(small_label(_("copies better")), 1)
        right = small_label(_("keeps less, in order"))
        right.setAlignment(Qt.AlignmentFlag.AlignRight)
        ends.addWidget(right, 1)
        self._columns: list[list[Label]] = []
        parts = card.get("betas", [])
        words = small_label(best_words(parts))
        put_in_a_column(self, (self.slider, ends, self._table(parts), words), spacing=4)
        self.show_balance(BalancedParams().balance)

    def _table(self, parts: Any) -> QGridLayout:
        """A column for each network, a row for each figure."""
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(small_label(_("On digits never seen")), 0, 0)
        for row, (title, hint, _form) in enumerate(ROWS.values(), 1):
            label = small_label(translate(title))
            set_tip(label, translate(hint))
            grid.addWidget(label, row, 0)
        for column, part in enumerate(parts, 1):
            figures = part.get("figures", {})
            texts = [f"β = {part.get('beta', '')}"]
            texts += [
                form.format(figures[name] * (100 if "%" in form else 1)) if name in figures else ""
                for name, (_t, _h, form) in ROWS.items()
            ]
            labels = [Label(text) for text in texts]
            for row, label in enumerate(labels):
                label.setAlignment(Qt.AlignmentFlag.AlignRight)
                label.setMinimumWidth(COLUMN_PX)
                grid.addWidget(label, row, column)
            self._columns.append(labels)
        return grid

    def show_balance(self, balance: int) -> None:
        """Let the slider stand at a network, and its figures stand out."""
        self.slider.set_value(balance)
        for column, labels in enumerate(self._columns):
            for label in labels:
                role = "strong" if column == balance else "small"
                if label.property("role") != role:
                    label.setProperty("role", role)
                    label.style().unpolish(label)
                    label.style().polish(label)


def best_words(parts: Any) -> str:
    """Which network orders best, where that is not the last one: too much weight keeps too little to be ordered."""
    gaps = [part.get("figures", {}).get("gap", 0.0) for part in parts]
    best = gaps.index(max(gaps)) if gaps else 0
    if best == len(gaps) - 1 or not gaps:
        return ""
    return _("β = {beta} orders best here; with more, too little is kept of a picture.").format(
        beta=parts[best]["beta"]
    )
