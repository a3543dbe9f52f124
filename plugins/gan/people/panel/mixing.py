"""The inspector's parts for mixing two faces, with the strip that shows both, and for taking over an expression."""

import random
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    Choice,
    EngineTasks,
    Label,
    NameLabel,
    NumberField,
    Segmented,
    SliderRow,
    ValueRange,
    at_the_left,
    named_button,
    put_in_a_column,
    set_tip,
)
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, translate

from ..scene import CODEC, GROUPS, Array, PeopleScene
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

    def __init__(self, editor: PeopleEditor, strip: MixStrip, tasks: EngineTasks) -> None:
        super().__init__()
        self._editor, self._strip, self._tasks = editor, strip, tasks
        self._drawn: dict[str, Any] = {}
        self._due = QTimer(self, singleShot=True, interval=PARENTS_MS)
        self._due.timeout.connect(self._draw)
        self.choices = {group: self._choice(group) for group in GROUPS}
        self.crossfade = SliderRow(
            "crossfade",
            N_("Crossfade"),
            ValueRange(0.0, 1.0, step=0.01, default=1.0),
            N_("How far the chosen layers move from face A to face B (interpolation in w)."),
        )
        self.crossfade.value_changed.connect(editor.set_crossfade)
        self.crossfade.edit_started.connect(editor.begin_gesture)
        self.crossfade.edit_finished.connect(editor.end_gesture)
        self.seed_b = NumberField(ValueRange(0, MAX_SEED, step=1, is_whole=True))
        self.seed_b.setObjectName("seed_b")
        self.seed_b.setAccessibleName(_("Seed of face B"))
        set_tip(self.seed_b, _("The number that face B is made from"))
        self.seed_b.value_typed.connect(lambda value: editor.set_seed_b(int(value)))
        hint = N_("Choose another random face B")
        self.other = named_button(
            "another_b", N_("Another B"), hint, "dice", pressed=lambda: editor.set_seed_b(random.randrange(MAX_SEED))
        )
        self._lay_out()

    def _choice(self, group: str) -> Choice:
        choice = Choice(f"mix_{group}", {A: N_("A"), B: N_("B")}, TITLES[group])
        set_tip(choice, translate(HINTS[group]))
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
        self._tasks.ask(
            PARENTS_KEY, lambda engine: engine.parents(scene), done=lambda faces: self._strip.show_faces(*faces)
        )


def _row(name: QWidget, control: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(name)
    row.addWidget(control, 1)
    return row


FACE_B, MINE = "b", "mine"
EXPRESSION_MISUSE = N_(
    "This is how deepfakes work. With a real person it would be a lie told with their face, so the picture says "
    "that a machine made it, and the detective judges it."
)


class ExpressionSection(QWidget):
    """Whose expression it is: that of face B, or of the person's picture once that was found."""

    def __init__(self, editor: PeopleEditor) -> None:
        super().__init__()
        self.setObjectName("swap_section")
        self._mine: Array | None = None
        hints = {
            FACE_B: N_("The face called B under mixing, where its seed is shown"),
            MINE: N_("The face that was found under “My picture” above"),
        }
        self.driver = Segmented(
            "swap_driver", {FACE_B: N_("Face B"), MINE: N_("My picture")}, N_("Expression from"), hints
        )
        self.driver.set_possible(MINE, False)
        self.driver.value_chosen.connect(lambda value: editor.set_driver(self._mine if value == MINE else None))
        self.expression = SliderRow(
            "expression",
            N_("Expression"),
            ValueRange(0.0, 1.0, step=0.01),
            N_("How far the eyes, brows, mouth and beard become those of the other face (its middle layers of w+)."),
        )
        self.expression.value_changed.connect(editor.set_expression)
        self.expression.edit_started.connect(editor.begin_gesture)
        self.expression.edit_finished.connect(editor.end_gesture)
        self.text = Label(translate(EXPRESSION_MISUSE))
        self.text.setObjectName("swap_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        put_in_a_column(self, (self.driver, self.expression, self.text), 6)

    def take_mine(self, w: Array) -> None:
        """The person's picture was found at a place (L, D), so that it can drive."""
        self._mine = w
        self.driver.set_possible(MINE, True)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show who drives, and how strongly; emits nothing."""
        self.driver.set_value(FACE_B if scene.driver_w is None else MINE)
        self.expression.set_value(scene.expression)
