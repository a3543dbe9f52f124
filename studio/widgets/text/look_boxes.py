"""The row under a text: the key to its colours, and boxes for how it is shown."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from studio.core.translation import N_, translate
from studio.widgets.controls.label import set_tip
from studio.widgets.text.sheet import TextLook
from studio.widgets.text.tint import ChipsLegend

BOXES: Final = {
    "shows_tokens": (N_("Tokens"), N_("Show the pieces the model reads instead of whole words (tokens)")),
    "is_underlined": (N_("Underline"), N_("Show surprise as a line under each word instead of a colour")),
    "shows_signs": (N_("Spaces"), N_("Show spaces and line ends as symbols")),
}
SPACING_PX: Final = 14


class TextLookBoxes(QWidget):
    """Signals: chosen(name, is_on): a box was ticked; the names are those of TextLook."""

    chosen = Signal(str, bool)

    def __init__(self, *more: QWidget, names: Iterable[str] = BOXES) -> None:
        """`more` stands behind the boxes; `names` says which of these there are."""
        super().__init__()
        self.legend = ChipsLegend()
        self.boxes = {name: self._box(name) for name in names}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING_PX)
        row.addWidget(self.legend, 1)
        for widget in (*self.boxes.values(), *more):
            row.addWidget(widget)

    def _box(self, name: str) -> QCheckBox:
        text, hint = BOXES[name]
        box = QCheckBox(translate(text))
        box.setObjectName(name)
        set_tip(box, translate(hint))
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(lambda is_on: self.chosen.emit(name, is_on))
        return box

    def set_look(self, look: TextLook) -> None:
        """Show how a text is shown. Emits nothing."""
        self.legend.set_underlined(look.is_underlined)
        for name, box in self.boxes.items():
            box.setChecked(getattr(look, name))
