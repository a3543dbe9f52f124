"""The inspector's part for swapping a word: type or click another one, and see the bars with either."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import Button, ChipFlow
from studio.core.error import UserError
from studio.core.text import N_, translate

from .surgery_bars import SurgeryBars, SurgeryRow


class SwapSection(QWidget):
    """Signals: swapped(word): this shall stand in place of the marked word; dropped(): the word that was there;
    taken(): the text shall go on with the other word.
    """

    swapped = Signal(str)
    dropped = Signal()
    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = QLineEdit()
        self.word.setObjectName("swap_word")
        self.word.setAccessibleName(translate(N_("Another word for the marked one")))
        self.word.setToolTip(translate(N_("Type a word and press Enter: the text is read with it (counterfactual)")))
        self.word.returnPressed.connect(self._on_entered)
        self.others = ChipFlow("swap_others", (), translate(N_("What else could have stood there")))
        self.others.setProperty("is_content", True)
        self.others.chosen.connect(self.swapped)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.bars = SurgeryBars("swap_bars", (N_("Before"), N_("After")), N_("What comes next, with either word"))
        self.take = Button(N_("Write it so"))
        self.take.setObjectName("swap_take")
        self.take.setToolTip(translate(N_("Keep the text with the other word as a branch")))
        self.take.clicked.connect(self.taken)
        self.drop = Button(N_("Take it back"), kind="link")
        self.drop.setObjectName("swap_drop")
        self.drop.clicked.connect(self.dropped)
        buttons = QHBoxLayout()
        buttons.addWidget(self.take)
        buttons.addWidget(self.drop)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.word, self.others, self.said, self.bars):
            column.addWidget(part)
        column.addLayout(buttons)
        self.show_nothing()

    def show_word(self, word: str, others: Sequence[str]) -> None:
        """This word is marked, and these were likely in its place. Emits nothing."""
        self.word.setPlaceholderText(translate(N_("Swap “{word}” for…")).format(word=word))
        self.others.set_texts(others)
        self.others.set_current("")

    def show_rows(self, said: str, rows: Sequence[SurgeryRow]) -> None:
        """Show what another word changes. Emits nothing."""
        self.said.setText(said)
        self.said.show()
        self.bars.show_rows(rows)
        for button in (self.take, self.drop):
            button.show()

    def show_nothing(self) -> None:
        """No word is swapped. Emits nothing."""
        self.others.set_current("")
        self.bars.show_rows(())
        for part in (self.said, self.take, self.drop):
            part.hide()

    def show_problem(self, error: UserError) -> None:
        """Say why a word cannot stand there."""
        self.show_nothing()
        self.said.setText(str(error))
        self.said.show()

    def _on_entered(self) -> None:
        word = self.word.text().strip()
        if word:
            self.word.clear()
            self.swapped.emit(word)
