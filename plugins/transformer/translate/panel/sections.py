"""The inspector's parts of the panel of translations, and the parts of its middle."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

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
from studio.core.translation import N_, _, translate

from ..caption import DOMAIN
from .lanes import LanesView
from .pages import SourcePage, TranslationPage

CHOOSING: Final = ("lanes", "penalty")
LEAST_PX: Final = 44
"""As high as a line of a text at least, so that on a small screen eight lanes have room too."""
INVITATION: Final = N_("Write an English sentence here, and its translation appears below.")


class TranslateStage(QWidget):
    """The parts of the middle, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self.source, self.target, self.lanes = SourcePage(), TranslationPage(), LanesView()
        self.source_canvas, self.target_canvas = TextCanvas(page=self.source), TextCanvas(page=self.target)
        self.target_canvas.setObjectName("translation_canvas")
        self.source_canvas.set_invitation(translate(INVITATION))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for canvas in (self.source_canvas, self.target_canvas):
            canvas.setMinimumHeight(LEAST_PX)
        titles = (N_("English"), N_("Spanish"), N_("What else it is considering"))
        parts = ((self.source_canvas, 2), (self.target_canvas, 3), (self.lanes, 0))
        for title, (part, stretch) in zip(titles, parts, strict=True):
            column.addWidget(small_label(translate(title)))
            column.addWidget(part, stretch)


class AskSection(QWidget):
    """What the model has read, and texts to begin with. Signals: example_requested(), replay_requested()."""

    example_requested = Signal()
    replay_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.example = named_button(
            "translate_example",
            N_("Example"),
            N_("Another verse that the model was not trained on (E)"),
            kind="primary",
        )
        self.replay = named_button("translate_replay", N_("Watch it search"), N_("From the first word on (Ctrl Enter)"))
        self.example.clicked.connect(self.example_requested)
        self.replay.clicked.connect(self.replay_requested)
        put_in_a_column(self, (side_by_side(self.example, self.replay), small_label(translate(DOMAIN))))
        self.show_state(False)

    def show_state(self, is_open: bool) -> None:
        """Offer what can be done. Emits nothing."""
        for button in (self.example, self.replay):
            button.setEnabled(is_open)


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
