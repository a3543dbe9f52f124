"""The inspector's part for surgery: what is off, what that changes, and which words mattered."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button
from studio.core.text import N_, translate

from .surgery_bars import SurgeryBars

NOTHING_OFF: Final = N_("All of the network works. Switch something off to see what it was good for.")
HONEST: Final = N_(
    "Neither measure proves a cause: leaving a word out makes a text that nobody wrote, and a gradient holds only for "
    "tiny changes. Where both agree, believe them more."
)


class SurgerySection(QWidget):
    """Signals: head_switched(), layer_switched(), word_switched(): what is marked; all_on(): nothing shall be off."""

    head_switched = Signal()
    layer_switched = Signal()
    word_switched = Signal()
    all_on = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        buttons = (
            ("mute_head", N_("Head"), N_("Switch the marked head off, or on again"), self.head_switched),
            ("mute_layer", N_("Layer"), N_("Switch the whole layer off, or on again"), self.layer_switched),
            ("mute_word", N_("Word"), N_("Let nothing look at the marked word, or let it again"), self.word_switched),
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, text, hint, signal in buttons:
            button = Button(text)
            button.setObjectName(name)
            button.setToolTip(translate(hint))
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        self.restore = Button(N_("All on"), kind="link")
        self.restore.setObjectName("all_on")
        self.restore.clicked.connect(self.all_on)
        row.addWidget(self.restore)
        self.off = QLabel()
        self.off.setWordWrap(True)
        self.change = QLabel()
        self.change.setWordWrap(True)
        self.bars = SurgeryBars("surgery_bars", (N_("Before"), N_("After")), N_("What comes next, before and after"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        for part in (self.off, self.bars, self.change):
            column.addWidget(part)

    def show_off(self, text: str) -> None:
        """Say what is off; nothing for an empty text. Emits nothing."""
        self.off.setText(translate(N_("Off: {what}")).format(what=text) if text else translate(NOTHING_OFF))
        self.restore.setVisible(bool(text))


class MatteredSection(QWidget):
    """Which words mattered. Signals: measure_requested()."""

    measure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measure = Button(N_("Which words mattered?"))
        self.measure.setObjectName("measure_mattered")
        self.measure.setToolTip(translate(N_("Leaves each word out in turn, and follows the gradient back to it")))
        self.measure.clicked.connect(self.measure_requested)
        self.said = QLabel()
        self.said.setWordWrap(True)
        heads = (N_("Left out"), N_("Gradient × input"))
        self.bars = SurgeryBars("mattered_bars", heads, N_("How much each word mattered"))
        note = QLabel(translate(HONEST))
        note.setWordWrap(True)
        note.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.measure, self.said, self.bars, note):
            column.addWidget(part)
