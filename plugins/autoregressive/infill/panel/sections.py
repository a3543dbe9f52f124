"""The inspector's parts of the panel of texts in any order: filling, order, masks, comparison, own text."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.api.panel import (
    Label,
    Segmented,
    named_button,
    put_in_a_column,
    put_in_pairs,
    small_label,
)
from studio.core.translation import N_, _, plural, translate

from ..passage import MAX_BLANKS
from ..state import WAYS, Compared, OrderBits
from .mask_matrices import MaskMatrices

AXES_TITLES: Final = {
    "place": (N_("By position"), N_("Rows and columns in the order of the text")),
    "turn": (
        N_("By turn"),
        N_(
            "The given words first, then the blanks in the order they are filled in: both masks become triangles "
            "(causal mask)"
        ),
    ),
}

PASSAGE_HINT: Final = N_("Lines from plays that none of the models here was trained on (P)")


class FillSection(QWidget):
    """Buttons to fill the blanks, and for other texts; each is a signal of its own by the same name."""

    def __init__(self) -> None:
        super().__init__()
        hint = N_("Fill in the blanks one by one (Ctrl Enter)")
        self.fill = named_button("order_fill", N_("Fill"), hint, kind="primary")
        self.again = named_button("order_again", N_("Again"), N_("Fill them in again with a new random seed (R)"))
        self.example = named_button("order_example", N_("Example"), N_("Another example (E)"))
        self.passage = named_button("order_passage", N_("A passage"), PASSAGE_HINT)
        put_in_pairs(self, (self.fill, self.again, self.example, self.passage))

    def show_state(self, is_open: bool, has_blanks: bool) -> None:
        """Offer what can be done. Emits nothing."""
        for button in (self.example, self.passage):
            button.setEnabled(is_open)
        for button in (self.fill, self.again):
            button.setEnabled(is_open and has_blanks)


class OrderSection(QWidget):
    """Orders to choose from. Signals: chosen(name): "right", "left", "shuffle" or "surest"."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.buttons = {
            "right": named_button("order_right", N_("Left to right"), N_("The way we read, and the way GPT writes")),
            "left": named_button(
                "order_left", N_("Right to left"), N_("Start with the last blank and end with the first")
            ),
            "shuffle": named_button("order_shuffle", N_("Shuffle"), N_("In random order")),
            "surest": named_button(
                "order_surest",
                N_("Likeliest first"),
                N_("Always fill in the blank the model is most certain of (greedy: lowest entropy first)"),
            ),
        }
        put_in_pairs(self, tuple(self.buttons.values()))
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))

    def show_state(self, is_open: bool, n_blanks: int) -> None:
        """Two blanks are needed for an order."""
        for button in self.buttons.values():
            button.setEnabled(is_open and n_blanks > 1)


class AttentionMaskSection(QWidget):
    """The masks of both streams. Signals: axes_chosen(axes)."""

    axes_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.matrices = MaskMatrices()
        self.axes = Segmented("mask_axes", AXES_TITLES, N_("How the words are arranged in the two masks"))
        self.axes.value_chosen.connect(self.axes_chosen)
        self.words = small_label()
        put_in_a_column(self, (self.matrices, self.words, self.axes))

    def show_words(self, turn: int) -> None:
        """Say what the framed row may see; -1 for no row. Emits nothing."""
        one, more = (
            N_("Blank {turn} is predicted from {n} token, not counting its own."),
            N_("Blank {turn} is predicted from {n} tokens, not counting its own."),
        )
        n_seen = self.matrices.seen(1)
        self.words.setText("" if turn < 0 else plural(one, more, n_seen).replace("{turn}", str(turn + 1)))
        self.words.setVisible(turn >= 0)


class OrderComparisonSection(QWidget):
    """What the words cost in several orders. Signals: compare_requested()."""

    compare_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        hint = N_("How likely the words in the blanks are when filled in one order or another, in bits")
        self.compare = named_button("order_compare", N_("Compare orders"), hint, pressed=self.compare_requested)
        self.words = small_label()
        self.table = QWidget()
        grid = QGridLayout(self.table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(14)
        self.cells = [[Label() for _ in range(3)] for _ in range(1 + len(WAYS))]
        for row, labels in enumerate(self.cells):
            for column, label in enumerate(labels):
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                grid.addWidget(label, row, column, side)
        self.cells[0][1].setText(_("as it was"))
        self.cells[0][2].setText(_("as filled in"))
        for row, way in enumerate(WAYS.values(), 1):
            self.cells[row][0].setText(translate(way))
        put_in_a_column(self, (self.compare, self.table, self.words))
        self.show_compared(None, False, False)

    def show_compared(self, compared: Compared | None, can_compare: bool, is_running: bool) -> None:
        """Show the table, none before there is one. Emits nothing."""
        self.compare.setEnabled(can_compare and not is_running)
        self.compare.setText(_("Comparing…") if is_running else _("Compare orders"))
        self.table.setVisible(compared is not None)
        self.words.setVisible(compared is not None)
        if compared is None:
            return
        for column, found in ((1, compared.true), (2, compared.filled)):
            for row, text in enumerate(_figures(found), 1):
                self.cells[row][column].setText(text)
        known = compared.true or compared.filled
        self.words.setText("" if known is None else mean_words(known))


def _figures(found: OrderBits | None) -> list[str]:
    if found is None:
        return ["–"] * len(WAYS)
    bits: Mapping[str, float] = found.bits
    return [f"{bits[way]:.1f}" for way in WAYS]


def mean_words(found: OrderBits) -> str:
    """Over how many orders the mean is."""
    text = N_("Bits for all blanks together; fewer means likelier. The mean is over all {n} orders.")
    if not found.is_all:
        text = N_("Bits for all blanks together; fewer means likelier. The mean is over {n} random orders.")
    return translate(text).format(n=found.n_orders)


def read_words(n_tokens: int, n_read: int, n_context: int) -> str:
    """How much of a text is read, and why no more: a model reads so many tokens, and has so many blanks filled."""
    if n_tokens <= n_read:
        return plural(N_("{n} token."), N_("{n} tokens."), n_read)
    text = N_(
        "The model can read {n} tokens at once: of these {n_all}, it uses the first ones and leaves out the rest."
    )
    if n_read < n_context:
        text = N_(
            "At most {most} blanks can be filled in: of these {n_all} tokens, the first {n} are used, and the text "
            "stops before the next blank."
        )
    return translate(text).format(n=n_read, n_all=n_tokens, most=MAX_BLANKS)
