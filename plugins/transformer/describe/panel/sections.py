"""The parts of the middle of the panel of descriptions, and those of its inspector."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    ChipFlow,
    OwnTextField,
    TextCanvas,
    named_button,
    put_in_a_column,
    side_by_side,
    small_label,
)
from studio.core.translation import N_, _, translate

from ...translate.panel.lanes import LanesView
from ...translate.panel.pages import TranslationPage
from ..caption import DOMAIN
from .face import FaceGrid, FaceView

CHOOSING: Final = ("lanes",)
MAX_CHARS: Final = 200
_LEAST_PX: Final = 64
_MOST_EXAMPLES: Final = 8


class DescribeStage(QWidget):
    """The face on the left, what is asked and said on the right. Signals: asked(question)."""

    asked = Signal(str)

    def __init__(self, examples: tuple[str, ...]) -> None:
        super().__init__()
        self.face, self.said, self.lanes = FaceView(), TranslationPage(), LanesView()
        self.said.setObjectName("describe_said")
        self.said.setAccessibleName(_("What is said: choose a word to see where it looked"))
        self.canvas = TextCanvas(page=self.said)
        self.canvas.setObjectName("describe_canvas")
        self.canvas.setMinimumHeight(_LEAST_PX)
        self.lanes.setObjectName("describe_lanes")
        self.lanes.setAccessibleName(_("Texts side by side (the lanes of the beam)"))
        invitation = _("Ask something about the face. While this is empty, the face is described.")
        self.question = OwnTextField("describe_question", invitation, 1, MAX_CHARS)
        self.question.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.question.setAccessibleName(_("Question"))
        self.examples = ChipFlow("describe_examples", examples[:_MOST_EXAMPLES], _("Questions to try"))
        self.question.edited.connect(self.asked)
        self.examples.chosen.connect(self.asked)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(small_label(_("Question")))
        column.addWidget(self.question)
        column.addWidget(self.examples)
        self.title = small_label()
        column.addWidget(self.title)
        column.addWidget(self.canvas, 1)
        column.addWidget(small_label(_("What else it is considering")))
        column.addWidget(self.lanes)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.face, 5)
        row.addWidget(words, 6)

    def show_question(self, question: str) -> None:
        """Show what is asked. Emits nothing."""
        if not self.question.hasFocus():
            self.question.set_text(question)
        self.examples.set_current(question)
        self.title.setText(_("Answer") if question.strip() else _("Description"))


class FaceSection(QWidget):
    """Which picture is looked at. Signals: face_chosen(index)."""

    face_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.grid = FaceGrid()
        self.grid.chosen.connect(self.face_chosen)
        self.another = named_button("describe_another", N_("Another face"), N_("Show another face (E)"))
        self.file = named_button(
            "describe_file", N_("My picture…"), N_("Open a picture of your own; you can also drop one on the window")
        )
        self.paste = named_button("describe_paste", N_("Paste"), N_("Take the picture from the clipboard (Ctrl V)"))
        row = side_by_side(self.another, self.file, self.paste)
        put_in_a_column(self, (self.grid, row, small_label(translate(DOMAIN))))


class TellSection(QWidget):
    """Buttons to have the face described, and to watch that again."""

    def __init__(self) -> None:
        super().__init__()
        self.tell = named_button(
            "describe_tell", N_("Describe"), N_("Put the question away and have the face described (D)"), kind="primary"
        )
        self.replay = named_button(
            "describe_replay", N_("Watch it look"), N_("Word by word, with what each looked at (Ctrl Enter)")
        )
        put_in_a_column(self, (side_by_side(self.tell, self.replay),))
