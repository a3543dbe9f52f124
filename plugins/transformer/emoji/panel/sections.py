"""The inspector's parts of the panel of drawing: the sentence, the order, and what a token might have been."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    ElidedLabel,
    OwnTextField,
    Segmented,
    named_button,
    put_in_a_column,
    side_by_side,
    small_label,
)
from studio.core.translation import N_, _, translate

from ..orders import Order
from ..params import BY_LINE, BY_SCALE, MOST_CHARS, EmojiParams
from ..state import TokenChoices
from .choices import ChoicePictures

CHOOSING: Final = ("guidance", "variety", "seed")
N_LINES: Final = 3
ORDER_TEXTS: Final = {BY_SCALE: N_("From coarse to fine"), BY_LINE: N_("Line by line")}
ORDER_HINTS: Final = {
    BY_SCALE: N_("The whole picture at once, then finer and finer (next-scale prediction)"),
    BY_LINE: N_("One cell after the other, from the top left (raster order)"),
}
DOMAIN: Final = N_(
    "It has seen 48 emoji, alone or up to three of them, some with sunglasses, a hat, a crown, a cap, a bow or a "
    "flower, on ten colours."
)


class SentenceSection(QWidget):
    """What shall be drawn, and in which order.

    Signals: edited(text), order_chosen(order).
    """

    edited = Signal(str)
    order_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        invitation = _("Write what you want to see in the picture.")
        self.field = OwnTextField("emoji_sentence", invitation, N_LINES, MOST_CHARS)
        self.field.setAccessibleName(_("Sentence"))
        self.field.edited.connect(self.edited)
        self.order = Segmented("emoji_order", ORDER_TEXTS, N_("Order"), ORDER_HINTS)
        self.order.value_chosen.connect(self.order_chosen)
        self.example = named_button("emoji_example", N_("Example"), N_("Another sentence (E)"), kind="primary")
        self.another = named_button("emoji_another", N_("Another picture"), N_("Of the same sentence (R)"))
        self.replay = named_button("emoji_replay", N_("Watch it grow"), N_("From the first token on (Ctrl Enter)"))
        buttons = side_by_side(self.example, self.another)
        put_in_a_column(self, (self.field, buttons, self.replay, self.order, small_label(translate(DOMAIN))))

    def show_params(self, params: EmojiParams) -> None:
        """Show what is asked for. Emits nothing."""
        self.field.set_text(params.prompt)
        self.order.set_value(params.order)

    def show_state(self, is_open: bool) -> None:
        """Offer what can be done. Emits nothing."""
        for button in (self.example, self.another, self.replay):
            button.setEnabled(is_open)


class ChoicesSection(QWidget):
    """What a token might have been. Signals: forced(number)."""

    forced = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.title, self.pictures = ElidedLabel(), ChoicePictures()
        self.pictures.forced.connect(self.forced)
        put_in_a_column(self, (self.title, self.pictures, small_label(_("Click one to force it, as a branch."))))
        self.show_choices(None, None)

    def show_choices(self, found: TokenChoices | None, order: Order | None) -> None:
        """Show the candidates of a token of an order. Emits nothing."""
        if found is None or order is None:
            self.pictures.show_choices(None)
            self.title.setText(_("Click a part of the picture."))
            return
        self.pictures.show_choices(found, order.around(found.token))
        scale, row, column = order.place(found.token)
        place = _("Row {row}, column {column} of {n} × {n}")
        self.title.setText(place.format(row=row + 1, column=column + 1, n=scale))
