"""The inspector's part for mixing two faces: which groups of layers come from A and which from B, and how far."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, Choice, NameLabel, NumberField, SliderRow, ValueRange
from studio.core.seed import MAX_SEED
from studio.core.text import N_, translate

from .people_scene import GROUPS, PeopleScene

TITLES: Final = {"figure": N_("Face, pose"), "features": N_("Features"), "colours": N_("Colours")}
HINTS: Final = {
    "figure": N_("The coarse layers: shape of hair and head, clothes (4 and 8 pixels)"),
    "features": N_("The middle layers: eyes, brows, mouth and beard (16 pixels)"),
    "colours": N_("The fine layers: colours of hair, skin and clothes (32 and 64 pixels)"),
}
A, B = "a", "b"


class MixSection(QWidget):
    """Chips A and B for each group of layers, the seed of B, a crossfade.

    Signals: from_b_chosen(group, is_from_b), seed_b_changed(seed), other_requested(), crossfade_changed(share);
    edit_started(), edit_finished() around a drag.
    """

    from_b_chosen = Signal(str, bool)
    seed_b_changed = Signal(int)
    other_requested = Signal()
    crossfade_changed = Signal(float)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = {group: self._choice(group) for group in GROUPS}
        self.crossfade = SliderRow(
            "crossfade",
            N_("Crossfade"),
            ValueRange(0.0, 1.0, step=0.01, default=1.0),
            N_("How far the chosen layers go over from face A to face B (interpolation in w)."),
        )
        self.crossfade.value_changed.connect(self.crossfade_changed)
        self.crossfade.edit_started.connect(self.edit_started)
        self.crossfade.edit_finished.connect(self.edit_finished)
        self.seed_b = NumberField(ValueRange(0, MAX_SEED, step=1, is_whole=True))
        self.seed_b.setObjectName("seed_b")
        self.seed_b.setAccessibleName(translate(N_("Seed of face B")))
        self.seed_b.setToolTip(translate(N_("The number that face B is made from")))
        self.seed_b.value_typed.connect(lambda value: self.seed_b_changed.emit(int(value)))
        self.other = Button(N_("Another B"), icon_name="dice")
        self.other.setObjectName("another_b")
        self.other.setToolTip(translate(N_("Take another face B by chance")))
        self.other.clicked.connect(self.other_requested)
        self._lay_out()

    def _choice(self, group: str) -> Choice:
        choice = Choice(f"mix_{group}", {A: N_("A"), B: N_("B")}, TITLES[group])
        choice.setToolTip(translate(HINTS[group]))
        choice.value_chosen.connect(lambda value: self.from_b_chosen.emit(group, value == B))
        return choice

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for group, choice in self.choices.items():
            column.addLayout(_row(NameLabel(translate(TITLES[group])), choice))
        column.addWidget(self.crossfade)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.other)
        row.addStretch(1)
        row.addWidget(QLabel(translate(N_("Seed of B"))))
        row.addWidget(self.seed_b)
        column.addLayout(row)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show what comes from where."""
        for group, is_from_b in zip(GROUPS, scene.from_b, strict=True):
            self.choices[group].set_value(B if is_from_b else A)
        self.crossfade.set_value(scene.crossfade)
        self.seed_b.set_value(scene.seed_b)


def _row(name: QWidget, control: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(name)
    row.addWidget(control, 1)
    return row
