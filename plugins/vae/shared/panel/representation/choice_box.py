"""A box to choose from what depends on what is shown: a column, a label, a figure."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout

from studio.api.panel import Label, set_tip
from studio.core.translation import translate


class ChoiceBox(QComboBox):
    """Chooses one of some values by their words."""

    def __init__(self, name: str, title: str, hint: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(translate(title))
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        set_tip(self, translate(hint))

    def labelled(self) -> QHBoxLayout:
        """Its title, and the box beside it."""
        row = QHBoxLayout()
        row.addWidget(Label(self.accessibleName()))
        row.addWidget(self, 1)
        return row

    def show_choices(self, choices: Sequence[tuple[Any, str]], usual: Any = None) -> None:
        """Offer values with their words; what is chosen stays where it is among them, else `usual` or the first is.

        Emits nothing.
        """
        value = self.currentData()
        self.blockSignals(True)
        self.clear()
        for own, words in dict(choices).items():
            self.addItem(words, own)
        found = self.findData(value)
        self.setCurrentIndex(max(0, found if found >= 0 else self.findData(usual)))
        self.blockSignals(False)
