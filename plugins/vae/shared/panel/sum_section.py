"""The inspector's part for sums of places: a start, and a row with a slider for each plus and minus."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    Button,
    ChipFlow,
    Label,
    Place,
    Segmented,
    SliderRow,
    ValueRange,
    in_a_row,
    named_button,
    put_in_a_column,
    small_label,
)
from studio.core.translation import N_, _, translate

from ..arithmetic import FIRST_AMOUNT, MAX_AMOUNT, Term
from ..atlas import AtlasDirection
from .picture_slot import PictureSlot

MINUS: Final = "\N{MINUS SIGN}"
AMOUNT: Final = ValueRange(0.0, MAX_AMOUNT, step=0.05, default=FIRST_AMOUNT)
SIGNS: Final = {
    "plus": (N_("Add"), N_("What is chosen below is added")),
    "minus": (N_("Take away"), N_("What is chosen below is taken away")),
}
PAIR_NAME: Final = N_("Two pictures")
READING: Final = N_("Reading the picture…")
IDLE: Final = N_("Choose what is added to the picture on show, or taken away from it.")
AMOUNT_HELP: Final = N_("How much of it: 1 is one step of its slider, or the whole way between two pictures")
Visited = Callable[[], Sequence[Place]]


class TermRow(QWidget):
    """One plus or minus. Signals: raise_wanted(), remove_wanted().

    Attributes:
        slider: how much of it. slots: the ends of its way where it leads from one picture to another.
    """

    raise_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, index: int, term: Term, name: str, visited: Visited) -> None:
        super().__init__()
        self.title = f"{MINUS if term.is_minus else '+'} {name}"
        self.slider = SliderRow(f"sum_{index}", self.title, AMOUNT, AMOUNT_HELP)
        up = _sign_button(f"sum_raise_{index}", "chevron_up", _("Move {name} up"), self.title, self.raise_wanted)
        up.setEnabled(index > 0)
        away = _sign_button(f"sum_remove_{index}", "close", _("Remove {name}"), self.title, self.remove_wanted)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.slider, 1)
        row.addWidget(up)
        row.addWidget(away)
        titles = (N_("From"), N_("To")) if term.is_pair else ()
        self.slots = tuple(
            PictureSlot(f"sum_{index}_{part}", title, visited)
            for part, title in zip(("from", "to"), titles, strict=False)
        )
        parts = [row] if not self.slots else [row, self._pair()]
        put_in_a_column(self, parts, spacing=4)

    def _pair(self) -> QHBoxLayout:
        pair = QHBoxLayout()
        pair.setSpacing(8)
        pair.addWidget(self.slots[0])
        pair.addWidget(Label("\N{RIGHTWARDS ARROW}"))
        pair.addWidget(self.slots[1])
        pair.addStretch(1)
        return pair


def _sign_button(name: str, icon: str, hint: str, title: str, pressed: SignalInstance) -> Button:
    return named_button(name, "", hint.format(name=title), icon, pressed, kind="quiet")


class SumSection(QWidget):
    """Shows a sum; changes nothing itself.

    Signals: term_wanted(index of the direction or PAIR, is_minus); amount_changed(index, value);
    edit_started(), edit_finished() around a drag; raise_wanted(index), remove_wanted(index); rows_made().

    Attributes:
        start: the slot of the picture that it starts from. table, clear: the buttons.
    """

    term_wanted = Signal(int, bool)
    amount_changed = Signal(int, float)
    edit_started = Signal()
    edit_finished = Signal()
    raise_wanted = Signal(int)
    remove_wanted = Signal(int)
    rows_made = Signal()

    def __init__(self, directions: Sequence[AtlasDirection], visited: Visited) -> None:
        super().__init__()
        self._names = [translate(direction.name) for direction in directions]
        self._visited, self._made, self._is_reading = visited, tuple[tuple[int, bool], ...](), False
        self._said = translate(IDLE)
        self.rows: list[TermRow] = []
        self.start = PictureSlot("sum_start", N_("What the sum starts from"), visited)
        self.words = small_label(translate(IDLE))
        self.sign = Segmented("sum_sign", SIGNS, N_("Add or take away"))
        self.chips = ChipFlow("sum_directions", [*self._names, translate(PAIR_NAME)], _("What to add or take away"))
        self.chips.chosen.connect(self._on_chosen)
        self._terms = QVBoxLayout()
        self._terms.setSpacing(4)
        self.side_words = small_label()
        self.table = named_button(
            "sum_table",
            N_("What each changes"),
            N_("A table: how much each direction changes of everything that is read"),
        )
        self.clear = named_button("sum_clear", N_("Clear"), N_("Keep only what the sum starts from"))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.start)
        top.addWidget(self.words, 1)
        buttons = in_a_row(self.table, self.clear)
        put_in_a_column(self, (top, self.sign, self.chips, self._terms, self.side_words, buttons))
        self.side_words.hide()

    def name_of(self, term: Term) -> str:
        """What a term is called."""
        return translate(PAIR_NAME) if term.is_pair else self._names[term.direction]

    def show_terms(self, terms: Sequence[Term]) -> None:
        """Show a sum; its rows stay while only amounts change, so that a drag goes on."""
        made = tuple((term.direction, term.is_minus) for term in terms)
        if made != self._made:
            self._make_rows(terms)
            self._made = made
        for row, term in zip(self.rows, terms, strict=True):
            row.slider.set_value(term.amount)
        self.clear.setEnabled(bool(terms))
        self._said = self._sentence(terms) if terms else translate(IDLE)
        self._show_words()

    def show_reading(self, is_reading: bool) -> None:
        """Say whether a picture for a slot is being read."""
        self._is_reading = is_reading
        self._show_words()

    def _show_words(self) -> None:
        self.words.setText(translate(READING) if self._is_reading else self._said)

    def _sentence(self, terms: Sequence[Term]) -> str:
        parts = [
            f"{row.title.replace(' ', f' {term.amount:.1f} × ', 1)}" for row, term in zip(self.rows, terms, strict=True)
        ]
        return _("On show: this {parts}").format(parts=" ".join(parts))

    def _make_rows(self, terms: Sequence[Term]) -> None:
        for row in self.rows:
            self._terms.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(index, term) for index, term in enumerate(terms)]
        self.rows_made.emit()

    def _row(self, index: int, term: Term) -> TermRow:
        row = TermRow(index, term, self.name_of(term), self._visited)
        row.slider.value_changed.connect(partial(self.amount_changed.emit, index))
        row.slider.edit_started.connect(self.edit_started)
        row.slider.edit_finished.connect(self.edit_finished)
        row.raise_wanted.connect(partial(self.raise_wanted.emit, index))
        row.remove_wanted.connect(partial(self.remove_wanted.emit, index))
        self._terms.addWidget(row)
        return row

    def show_pictures(self, start: QImage | None, ends: Sequence[Sequence[QImage | None]]) -> None:
        """Fill the slots with what is known by now; `ends` has two pictures for each row of two."""
        self.start.show_picture(start or QImage())
        for row, pictures in zip(self.rows, ends, strict=True):
            for slot, picture in zip(row.slots, pictures, strict=False):
                slot.show_picture(picture or QImage())

    def say(self, words: str) -> None:
        """Say what a direction changes beside what it is for; "" for nothing."""
        self.side_words.setText(words)
        self.side_words.setVisible(bool(words))

    def _on_chosen(self, text: str) -> None:
        index = self._names.index(text) if text in self._names else -1
        self.chips.set_current("")
        self.term_wanted.emit(index, self.sign.value() == "minus")
