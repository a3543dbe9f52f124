"""The inspector's parts of the panel of translations, and the parts of its middle."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from studio.api.panel import (
    BarsView,
    ElidedLabel,
    TextCanvas,
    named_button,
    put_in_a_column,
    side_by_side,
    small_label,
)
from studio.core.text.token import Candidate, named
from studio.core.translation import N_, _

from ..task_words import about, invitation_of, page_titles, task_of, tasks_of, title_of
from .lanes import LanesView
from .pages import SourcePage, TranslationPage

CHOOSING: Final = ("lanes", "penalty")
LEAST_PX: Final = 44
"""As high as a line of a text at least, so that on a small screen eight lanes have room too."""


class TranslateStage(QWidget):
    """The parts of the middle, one below the other."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        super().__init__()
        self._card = card
        self.source, self.target, self.lanes = SourcePage(), TranslationPage(), LanesView()
        self.source_canvas, self.target_canvas = TextCanvas(page=self.source), TextCanvas(page=self.target)
        self.target_canvas.setObjectName("translation_canvas")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for canvas in (self.source_canvas, self.target_canvas):
            canvas.setMinimumHeight(LEAST_PX)
        self.titles = (small_label(), small_label())
        labels = (*self.titles, small_label(_("What else it is considering")))
        parts = ((self.source_canvas, 2), (self.target_canvas, 3), (self.lanes, 0))
        for label, (part, stretch) in zip(labels, parts, strict=True):
            column.addWidget(label)
            column.addWidget(part, stretch)

    def show_task(self, name: str) -> None:
        """Say over each text what it is."""
        task = task_of(self._card, name)
        for label, title in zip(self.titles, page_titles(task), strict=True):
            label.setText(title)
        self.source_canvas.set_invitation(invitation_of(self._card, task))


class AskSection(QWidget):
    """What the model does, and texts to begin with. Signals: asked(task)."""

    asked = Signal(str)

    def __init__(self, card: Mapping[str, Any]) -> None:
        super().__init__()
        self._card, known = card, tasks_of(card)
        tip = N_("Another text (E)") if known else N_("Another verse that the model was not trained on (E)")
        self.example = named_button("translate_example", N_("Example"), tip, kind="primary")
        self.replay = named_button("translate_replay", N_("Watch it search"), N_("From the first word on (Ctrl Enter)"))
        self.tasks, self.about = QComboBox(), small_label()
        self.tasks.setObjectName("translate_task")
        self.tasks.setAccessibleName(_("What the model is to do"))
        self.tasks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for task in known:
            self.tasks.addItem(title_of(task), str(task.get("name", "")))
        self.tasks.activated.connect(lambda _place: self.asked.emit(self.tasks.currentData()))
        self.tasks.setVisible(len(known) > 1)
        put_in_a_column(self, (self.tasks, side_by_side(self.example, self.replay), self.about))
        self.show_state(False)

    def show_state(self, is_open: bool) -> None:
        """Offer what can be done. Emits nothing."""
        for button in (self.example, self.replay, self.tasks):
            button.setEnabled(is_open)

    def show_task(self, name: str) -> None:
        """Stand at a task. Emits nothing."""
        self.tasks.setCurrentIndex(max(self.tasks.findData(name), 0))
        self.about.setText(about(self._card, task_of(self._card, name)))


class CandidatesSection(QWidget):
    """What could stand at a place of the translation. Signals: forced(token)."""

    forced = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.title, self.bars = ElidedLabel(), BarsView()
        self.bars.forced.connect(self.forced)
        hint = small_label(_("Click one to force it: all lanes then begin with it, as a branch."))
        put_in_a_column(self, (self.title, self.bars, hint))

    def show_rows(self, rows: Sequence[Candidate]) -> None:
        """Show the candidates of a place. Emits nothing."""
        chosen = next((row for row in rows if row.is_chosen), None)
        title = _("Next word") if chosen is None else _("Instead of “{word}”").format(word=named(chosen.text))
        self.title.setText(title if rows else _("Nothing follows here."))
        self.bars.show_rows(rows)
