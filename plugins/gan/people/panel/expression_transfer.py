"""The inspector's part for expression transfer: whose expression drives the face, and how strongly."""

from PySide6.QtWidgets import QWidget

from studio.api.panel import Label, Segmented, SliderRow, ValueRange, put_in_a_column
from studio.core.translation import N_, translate

from ..scene import Array, PeopleScene
from .editor import PeopleEditor

FACE_B, MINE = "b", "mine"
EXPRESSION_MISUSE = N_(
    "This is how deepfakes work. Of a real person it would be a lie told with their face, so the picture says that a "
    "machine made it, and the detective judges it."
)


class ExpressionSection(QWidget):
    """Whose expression it is: that of face B, or of the person's picture once that was found."""

    def __init__(self, editor: PeopleEditor) -> None:
        super().__init__()
        self.setObjectName("swap_section")
        self._mine: Array | None = None
        hints = {
            FACE_B: N_("The face that mixing calls B; its seed stands there"),
            MINE: N_("The face that was found under “My picture” above"),
        }
        self.driver = Segmented(
            "swap_driver", {FACE_B: N_("Face B"), MINE: N_("My picture")}, N_("Whose expression drives"), hints
        )
        self.driver.set_possible(MINE, False)
        self.driver.value_chosen.connect(lambda value: editor.set_driver(self._mine if value == MINE else None))
        self.expression = SliderRow(
            "expression",
            N_("Expression"),
            ValueRange(0.0, 1.0, step=0.01),
            N_("How far eyes, brows, mouth and beard become the other face’s (its middle layers of w+)."),
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
