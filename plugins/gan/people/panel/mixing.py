"""The inspector's part for mixing two faces, and the strip that shows both."""

import random
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import (
    Choice,
    Label,
    NameLabel,
    NumberField,
    SliderRow,
    TaskScope,
    ValueRange,
    at_the_left,
    named_button,
)
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, translate

from ..scene import CODEC, GROUPS, PeopleScene
from .canvas import TITLES, MixStrip
from .editor import PeopleEditor

HINTS: Final = {
    "figure": N_("The coarse layers: shape of hair and head, clothes (4 and 8 pixels)"),
    "features": N_("The middle layers: eyes, brows, mouth and beard (16 pixels)"),
    "colours": N_("The fine layers: colours of hair, skin and clothes (32 and 64 pixels)"),
}
A, B = "a", "b"
PARENTS_MS: Final = 120
PARENTS_KEY: Final = "parents"


class MixSection(QWidget):
    """Chips A and B for each group of layers, the seed of B, a crossfade.

    Both faces are drawn when what they are made of has changed, and a moment after the hand rests.
    """

    def __init__(self, editor: PeopleEditor, strip: MixStrip, tasks: TaskScope, handle: EngineHandle) -> None:
        super().__init__()
        self._editor, self._strip, self._tasks, self._handle = editor, strip, tasks, handle
        self._drawn: dict[str, Any] = {}
        self._due = QTimer(self, singleShot=True, interval=PARENTS_MS)
        self._due.timeout.connect(self._draw)
        self.choices = {group: self._choice(group) for group in GROUPS}
        self.crossfade = SliderRow(
            "crossfade",
            N_("Crossfade"),
            ValueRange(0.0, 1.0, step=0.01, default=1.0),
            N_("How far the chosen layers go over from face A to face B (interpolation in w)."),
        )
        self.crossfade.value_changed.connect(editor.set_crossfade)
        self.crossfade.edit_started.connect(editor.begin_gesture)
        self.crossfade.edit_finished.connect(editor.end_gesture)
        self.seed_b = NumberField(ValueRange(0, MAX_SEED, step=1, is_whole=True))
        self.seed_b.setObjectName("seed_b")
        self.seed_b.setAccessibleName(_("Seed of face B"))
        self.seed_b.setToolTip(_("The number that face B is made from"))
        self.seed_b.value_typed.connect(lambda value: editor.set_seed_b(int(value)))
        hint = N_("Take another face B by chance")
        self.other = named_button(
            "another_b", N_("Another B"), hint, "dice", pressed=lambda: editor.set_seed_b(random.randrange(MAX_SEED))
        )
        self._lay_out()

    def _choice(self, group: str) -> Choice:
        choice = Choice(f"mix_{group}", {A: N_("A"), B: N_("B")}, TITLES[group])
        choice.setToolTip(translate(HINTS[group]))
        choice.value_chosen.connect(lambda value: self._editor.set_from_b(group, value == B))
        return choice

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for group, choice in self.choices.items():
            column.addLayout(_row(NameLabel(translate(TITLES[group])), choice))
        column.addWidget(self.crossfade)
        row = at_the_left(self.other)
        row.addWidget(Label(_("Seed of B")))
        row.addWidget(self.seed_b)
        column.addLayout(row)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show what comes from where, and the strip while anything comes from another face."""
        for group, is_from_b in zip(GROUPS, scene.from_b, strict=True):
            self.choices[group].set_value(B if is_from_b else A)
        self.crossfade.set_value(scene.crossfade)
        self.seed_b.set_value(scene.seed_b)
        is_mixed = any(scene.from_b) or scene.expression > 0
        self._strip.setVisible(is_mixed)
        if is_mixed:
            self._strip.show_scene(scene)
            is_driven = scene.expression > 0 and not any(scene.from_b)  # then B is the driving face
            made_of = {**CODEC.write(scene), "from_b": (), "crossfade": 0.0, "expression": is_driven}
            if made_of != self._drawn:
                self._drawn = made_of
                self._due.start()

    def _draw(self) -> None:
        scene = self._editor.scene
        work = self._handle.work(lambda engine: engine.parents(scene))
        self._tasks.run(PARENTS_KEY, work, done=lambda faces: self._strip.show_faces(*faces))


def _row(name: QWidget, control: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(name)
    row.addWidget(control, 1)
    return row
