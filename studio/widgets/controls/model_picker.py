"""Chooses among a family's models and shows the card of the present one."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.commands.palette import Entry
from studio.core.card import Card
from studio.core.translation import N_, _, grouped, translate
from studio.widgets.controls.button import Button, ElidedButton
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.gallery import Gallery

CARD_WIDTH_PX = 420
_UNITS = (("bytes", 1.0), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9))


class ModelPicker(QWidget):
    """A button with the model's name that lists the others, one that trains another, and one that opens its card.

    Signals: chosen(model_id); train_requested(); delete_requested(model_id).
    """

    chosen = Signal(str)
    train_requested = Signal()
    delete_requested = Signal(str)

    def __init__(self, cards: Sequence[Card], present_id: str, title: str = "", parent: QWidget | None = None) -> None:
        """`title` is what the present model is called where it has no card."""
        super().__init__(parent)
        self._title = title or _name_in(present_id)
        self._cards: dict[str, Card] = {}
        self._present_id = present_id
        self._own_bytes: Mapping[str, int] = {}
        self._pictures: Mapping[str, Path] = {}
        self.button = ElidedButton(present_id, icon_name="chevron_down")
        self.button.setObjectName("model_picker")
        self.button.setAccessibleName(_("Model"))
        set_tip(self.button, _("Choose another model of this family"))
        self.button.clicked.connect(self._show_list)
        self.train_button = Button(N_("Train…"), hint=N_("Make a model of your own"))
        self.train_button.setObjectName("model_train")
        self.train_button.clicked.connect(self.train_requested)
        self.train_button.hide()
        self.card_button = Button(kind="quiet", icon_name="note", hint=N_("What this model is and how good it is"))
        self.card_button.setObjectName("model_card")
        self.card_button.clicked.connect(self._show_card)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button, 1)
        row.addWidget(self.train_button)
        row.addWidget(self.card_button)
        self.set_cards(cards)

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Offer these models."""
        self._cards = {card.id: card for card in cards}
        present = self._cards.get(self._present_id)
        self.button.set_words(translate(present.title) if present else self._title)
        self.card_button.setVisible(present is not None)

    def set_own_models(self, sizes_bytes: Mapping[str, int]) -> None:
        """Say which of the models are the person's own, and what room they take on the disk."""
        self._own_bytes = dict(sizes_bytes)

    def offer_training(self) -> None:
        """Show the button that trains; only where somebody listens to `train_requested`."""
        self.train_button.show()

    def set_pictures(self, pictures: Mapping[str, Path]) -> None:
        """Have these pictures for the models of these ids."""
        self._pictures = dict(pictures)

    def _show_list(self) -> None:
        Gallery(N_("Choose a model"), [self._choice(card) for card in self._cards.values()], self).open_at(self.button)

    def _choice(self, card: Card) -> Choice:
        own = self._own_bytes.get(card.id)
        title, task = translate(card.title), translate(card.task)
        return Choice(
            Entry(card.id, title, task),
            _("Model"),
            partial(self._choose, card.id),
            sentence=task,
            picture=self._pictures.get(card.id),
            hue=card.family,
            group="" if own is None else _("yours, {size}").format(size=bytes_text(own)),
            is_present=card.id == self._present_id,
        )

    def _choose(self, model_id: str) -> None:
        if model_id != self._present_id:
            self.chosen.emit(model_id)

    def _show_card(self) -> None:
        card = CardPopup(self._cards[self._present_id], self._own_bytes.get(self._present_id), self)
        card.delete_requested.connect(self.delete_requested)
        card.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width() - card.width(), self.height() + 4))
        card.move(corner)
        card.show()


def _name_in(model_id: str) -> str:
    """What to call a model without a card: one of other people by the name of its file or folder."""
    name, dot, _ = model_id.partition("/")[2].rpartition(".")
    return name if dot else model_id


class CardPopup(QFrame):
    """The card of a model: what it is, what it learnt from, its licence, how good, how large, when.

    Signals: delete_requested(model_id), only of an own model.
    """

    delete_requested = Signal(str)

    def __init__(self, card: Card, own_bytes: int | None = None, parent: QWidget | None = None) -> None:
        """`own_bytes` is the room that the person's own model takes on the disk; None for one of the program's."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._model_id = card.id
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("card_popup")
        self.setProperty("role", "card")
        self.setFixedWidth(CARD_WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        title = Label(translate(card.title))
        title.setProperty("role", "title")
        column.addWidget(title)
        column.addWidget(_paragraph(card.task))
        column.addLayout(_table(card_rows(card, own_bytes)))
        if card.figures:
            heading = Label(_("Measured on data it never saw"))
            heading.setProperty("role", "strong")
            column.addWidget(heading)
            column.addLayout(_figures(card.figures))
        if own_bytes is not None:
            self._add_delete(column)

    def _add_delete(self, column: QVBoxLayout) -> None:
        button = Button(N_("Delete this model…"), icon_name="trash")
        button.setObjectName("delete_model")
        button.clicked.connect(self._on_delete_clicked)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_delete_clicked(self) -> None:
        self.close()
        self.delete_requested.emit(self._model_id)


def bytes_text(size_bytes: float) -> str:
    """A size as people read it: "350 bytes", "820 KB", "12.4 MB", "1.3 GB"."""
    unit, factor = next((one for one in _UNITS if size_bytes < one[1] * 1000), _UNITS[-1])
    size = size_bytes / factor
    return f"{grouped(size, ',.0f')} {unit}" if size >= 100 else f"{size:.3g} {unit}"


def card_rows(card: Card, own_bytes: int | None = None) -> dict[str, str]:
    """The facts of a card as (name, text), without the measured figures."""
    disk = {} if own_bytes is None else {_("Size on disk"): bytes_text(own_bytes)}
    return {
        _("Trained on"): card.data,
        _("Licence"): card.licence,
        _("Size"): _("{n} parameters").format(n=grouped(card.n_params)),
        _("Trained"): trained_text(card.trained),
        **disk,
    }


def trained_text(trained: Mapping[str, Any]) -> str:
    """When, how long, on what and from which seed: "2026-11-25, 40 minutes on …, 3,587 steps, seed 1"."""
    parts = {
        "date": "{date}",
        "minutes": _("{minutes:.0f} minutes"),
        "machine": "{machine}",
        "n_steps": _("{n_steps:,} steps"),
        "seed": _("seed {seed}"),
    }
    return ", ".join(text.format(**trained) for name, text in parts.items() if name in trained)


def _plain(value: object) -> str:
    return grouped(value, ",.4g") if isinstance(value, float) else str(value)


def _paragraph(text: str) -> Label:
    label = Label(translate(text))
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _grid(wide_column: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(wide_column, 1)
    return grid


def _figures(figures: Mapping[str, float | str]) -> QGridLayout:
    grid = _grid(0)
    for row, (name, value) in enumerate(figures.items()):
        label = _paragraph(name)
        label.setProperty("role", "muted")
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Label(_plain(value)), row, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
    return grid


def _table(rows: Mapping[str, str]) -> QGridLayout:
    grid = _grid(1)
    for row, (name, text) in enumerate(rows.items()):
        label = Label(name)
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        label.setMinimumWidth(110)
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_paragraph(text), row, 1)
    return grid
