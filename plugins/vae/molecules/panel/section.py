"""The inspector's part for the molecule on screen: its text and properties, what lies near, lists and files."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.api.panel import (
    HistoryStrip,
    Place,
    Segmented,
    at_the_left,
    image_from_array,
    named_button,
    put_in_a_column,
    set_tip,
    small_label,
    underline,
)
from studio.core.text.smiles import smiles_mistake
from studio.core.translation import N_, _, plural, translate
from studio.core.view import Molecule

from ..caption import facts_text

MAX_TOLD = 3


class MoleculeSection(QWidget):
    """Shows the molecule on screen and takes another one.

    Signals: smiles_typed(text), well-formed; near_chosen(z); open_requested(), save_requested().
    """

    smiles_typed = Signal(str)
    near_chosen = Signal(object)
    open_requested = Signal()
    save_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setObjectName("smiles")
        self.field.setAccessibleName(_("Molecule as text"))
        set_tip(self.field, _("The molecule in SMILES: atoms in a row, branches in brackets, rings by numbers."))
        self.field.textEdited.connect(self._on_text_edited)
        self.field.returnPressed.connect(self._on_return_pressed)
        self.mistake, self.facts, self.note = small_label(), small_label(), small_label()
        self.facts.setObjectName("molecule_facts")
        self._near: list[Any] = []
        self._smiles = ""
        leave = QShortcut(QKeySequence("Escape"), self.field, self._show_again)
        leave.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.near = HistoryStrip()
        self.near.setAccessibleName(_("Nearest known molecules"))
        self.near.place_requested.connect(lambda index: self.near_chosen.emit(self._near[index].z))
        near_title = small_label(_("Nearest known molecules"))
        open_tip = N_("One SMILES in each line; a path leads through all of them.")
        self.open = named_button("open_molecules", N_("Open list…"), open_tip, "open", pressed=self.open_requested)
        save_tip = N_("The places visited, as SMILES or as structures (SDF)")
        self.save = named_button("save_molecules", N_("Save…"), save_tip, "export", pressed=self.save_requested)
        buttons = at_the_left(self.open, self.save)
        put_in_a_column(self, (self.field, self.mistake, self.facts, near_title, self.near, buttons, self.note))
        for label in (self.mistake, self.facts, self.note):
            label.hide()

    def show_molecule(self, molecule: Molecule) -> None:
        """Show its text and properties, unless a person is typing another one."""
        facts = facts_text(molecule)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))
        self._smiles = molecule.smiles
        if not (self.field.hasFocus() and self.field.isModified()):
            self._show_again()

    def _show_again(self) -> None:
        """Let the field hold what is on screen, whatever was typed."""
        self.field.setText(self._smiles)
        self.field.setCursorPosition(0)
        self._say_mistake("")

    def show_near(self, near: Sequence[Any]) -> None:
        """Show known molecules, nearest first."""
        self._near = list(near)
        self.near.show_places([Place(image_from_array(one.pixels), one.smiles) for one in near], -1)

    def show_note(self, told: Sequence[str]) -> None:
        """Say which lines of a list were left out."""
        shown = [translate(one) for one in told[:MAX_TOLD]]
        if len(told) > MAX_TOLD:
            shown.append(plural("{n} line more", "{n} lines more", len(told) - MAX_TOLD))
        self.say("\n".join(shown))

    def say(self, text: str) -> None:
        """Say something under the buttons."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _on_text_edited(self, text: str) -> None:
        found = smiles_mistake(text.strip()) if text.strip() else None
        if found is None:
            self._say_mistake("")
        else:
            what = _("Sign {place}: {what}").format(place=found.place + 1, what=translate(found.what))
            self._say_mistake(what, text.strip()[found.place :])

    def _say_mistake(self, text: str, rest: str = "") -> None:
        self.mistake.setText(text)
        self.mistake.setVisible(bool(text))
        underline(self.field, [rest])

    def _on_return_pressed(self) -> None:
        text = self.field.text().strip()
        if not text:
            self._show_again()
        elif smiles_mistake(text) is None:
            self.field.setModified(False)
            self.smiles_typed.emit(text)


def colour_chooser() -> Segmented:
    """Which property colours the known molecules on the map."""
    words = {
        "0": ("logP", N_("How much rather a molecule dissolves in oil than in water (logP)")),
        "1": ("QED", N_("How much it is like a drug, from 0 to 1 (QED)")),
        "2": (N_("Molecular weight"), N_("In daltons: a hydrogen atom weighs about one")),
    }
    return Segmented("colour_by", words, N_("Colour the map by"))
