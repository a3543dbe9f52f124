"""The inspector's part for measuring a scene and for notes in it."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from studio.api.panel import (
    Label,
    NumberField,
    Segmented,
    SteadyLabel,
    ValueRange,
    at_the_left,
    named_button,
    put_in_a_column,
    set_tip,
)
from studio.core.translation import N_, _

from ..marks import MOST_LETTERS, Marks, length_words

TOOLS: Final = {
    "off": (N_("None"), N_("Drag to walk around; a click marks nothing")),
    "ruler": (N_("Ruler"), N_("Click two places to see how far apart they are")),
    "note": (N_("Note"), N_("Click a place to pin the words below to it")),
}
LENGTH: Final = ValueRange(0.0, 100_000.0, step=0.01, unit="m")


class MarksSection(QWidget):
    """Signals:
    tool_changed(tool), one of TOOLS.
    length_typed(metres): how long the ruler is in truth.
    clear_asked(): no ruler and no note any more; back_asked(): the last note away.
    """

    tool_changed = Signal(str)
    length_typed = Signal(float)
    clear_asked = Signal()
    back_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tool = Segmented("mark_tool", TOOLS, N_("What a click marks"))
        self.tool.value_chosen.connect(self.tool_changed)
        self.words = SteadyLabel(role="small")
        self.length = NumberField(LENGTH)
        self.length.setObjectName("real_length")
        self.length.setAccessibleName(_("Length in truth"))
        set_tip(self.length, _("Type how many metres the ruler is long: all lengths are told in metres then (scale)"))
        self.length.value_typed.connect(self.length_typed)
        self.note = QLineEdit(maxLength=MOST_LETTERS)
        self.note.setObjectName("note_words")
        self.note.setAccessibleName(_("Words of the note"))
        self.note.setPlaceholderText(_("Words of the note"))
        set_tip(self.note, _("What is written beside the place; without words, a number"))
        self.back = named_button(
            "note_back",
            N_("Remove the last note"),
            N_("Take away the newest note"),
            "undo",
            pressed=self.back_asked,
        )
        self.clear = named_button(
            "clear_marks", N_("Clear"), N_("Take away ruler and notes"), "trash", pressed=self.clear_asked
        )
        self.saved = QCheckBox(_("With notes"))
        self.saved.setObjectName("notes_in_pictures")
        self.saved.setChecked(True)
        set_tip(self.saved, _("Draw ruler and notes into pictures and films that you save"))
        self.in_truth = QWidget()
        row = at_the_left(Label(_("In truth")), self.length)
        row.setContentsMargins(0, 0, 0, 0)
        self.in_truth.setLayout(row)
        last = at_the_left(self.back, self.clear)
        put_in_a_column(self, (self.tool, self.words, self.in_truth, self.note, last, self.saved), 4)
        self.show_tool("off")

    def show_tool(self, tool: str) -> None:
        """Show which tool is held; emits nothing."""
        self.tool.set_value(tool)
        self.note.setVisible(tool == "note")

    def show_marks(self, marks: Marks) -> None:
        """Say what is marked; emits nothing."""
        has_length = marks.length > 0
        self.in_truth.setVisible(has_length)
        self.length.set_value(marks.length * marks.metres)
        self.back.setVisible(bool(marks.notes))
        self.clear.setVisible(bool(marks.notes or marks.ruler))
        self.saved.setVisible(bool(marks.notes or marks.ruler))
        words = length_words(marks.length, marks.metres) if has_length else _("Choose the ruler and click two places.")
        self.words.set_text(words)
