"""Chips for the classes of a model that knows nothing else, such as the ten digits."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import ChipFlow
from studio.core.text import N_, translate


class ClassSection(QWidget):
    """Chooses the class that is drawn. Signals: prompt_changed(prompt), the name of a class."""

    prompt_changed = Signal(str)

    def __init__(self, classes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = ChipFlow("classes", list(classes), translate(N_("What is drawn")))
        self.chips.setToolTip(translate(N_("The class that the picture shall belong to (class conditioning)")))
        self.chips.chosen.connect(self.prompt_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.chips)

    def set_prompt(self, prompt: str) -> None:
        """Mark the class of this name, or none; emits nothing."""
        self.chips.set_current(prompt.strip())
