"""Chooses among a family's models and shows the card of the present one."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from studio.core.card import Card
from studio.core.text import N_, translate
from studio.widgets.button import Button

CARD_WIDTH_PX = 420


class ModelPicker(QWidget):
    """A button with the model's name that lists the others, and one that opens its card.

    Signals: chosen(model_id).
    """

    chosen = Signal(str)

    def __init__(self, cards: Sequence[Card], present_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = {card.id: card for card in cards}
        self._present_id = present_id
        present = self._cards.get(present_id)
        self.button = Button(present.title if present else present_id, icon_name="chevron_down")
        self.button.setObjectName("model_picker")
        self.button.setAccessibleName(translate(N_("Model")))
        self.button.setToolTip(translate(N_("Choose another model of this family")))
        self.button.clicked.connect(self._show_list)
        self.card_button = Button(
            kind="quiet", icon_name="help", hint=N_("What this model is and how good it is")
        )
        self.card_button.setObjectName("model_card")
        self.card_button.clicked.connect(self._show_card)
        self.card_button.setVisible(present is not None)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button, 1)
        row.addWidget(self.card_button)

    def _show_list(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for card in self._cards.values():
            action = QAction(f"{card.title}  ·  {translate(card.task)}", menu)
            action.setCheckable(True)
            action.setChecked(card.id == self._present_id)
            action.setData(card.id)
            menu.addAction(action)
        menu.triggered.connect(self._on_action_triggered)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))

    def _on_action_triggered(self, action: QAction) -> None:
        if action.data() != self._present_id:
            self.chosen.emit(action.data())

    def _show_card(self) -> None:
        card = CardPopup(self._cards[self._present_id], self)
        card.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width() - card.width(), self.height() + 4))
        card.move(corner)
        card.show()


class CardPopup(QFrame):
    """The card of a model: what it is, what it learnt from, its licence, how good, how large, when."""

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("card_popup")
        self.setProperty("role", "card")
        self.setFixedWidth(CARD_WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        title = QLabel(card.title)
        title.setProperty("role", "title")
        column.addWidget(title)
        column.addWidget(_paragraph(card.task))
        column.addLayout(_table(card_rows(card)))
        if card.figures:
            heading = QLabel(translate(N_("Measured on pictures it never saw")))
            heading.setProperty("role", "strong")
            column.addWidget(heading)
            column.addLayout(_figures(card.figures))


def card_rows(card: Card) -> dict[str, str]:
    """The facts of a card as (name, text), without the measured figures."""
    return {
        translate(N_("Learnt from")): card.data,
        translate(N_("Licence")): card.licence,
        translate(N_("Size")): translate(N_("{n} parameters")).format(n=f"{card.n_params:,}"),
        translate(N_("Trained")): trained_text(card.trained),
    }


def trained_text(trained: Mapping[str, Any]) -> str:
    """When, how long, on what and from which seed: "2026-11-25, 40 minutes on …, 3,587 steps, seed 1"."""
    parts = {
        "date": "{date}",
        "minutes": translate(N_("{minutes:.0f} minutes")),
        "machine": "{machine}",
        "n_steps": translate(N_("{n_steps:,} steps")),
        "seed": translate(N_("seed {seed}")),
    }
    return ", ".join(text.format(**trained) for name, text in parts.items() if name in trained)


def _plain(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _paragraph(text: str) -> QLabel:
    label = QLabel(translate(text))
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
        grid.addWidget(QLabel(_plain(value)), row, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
    return grid


def _table(rows: Mapping[str, str]) -> QGridLayout:
    grid = _grid(1)
    for row, (name, text) in enumerate(rows.items()):
        label = QLabel(name)
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        label.setMinimumWidth(110)
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_paragraph(text), row, 1)
    return grid
