"""The inspector's part for the swap: whose expression drives the face, and how strongly; with what that means."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Segmented, SliderRow, ValueRange
from studio.core.text import N_, translate

from .people_scene import PeopleScene

FACE_B, MINE = "b", "mine"
MISUSE = N_(
    "This is how deepfakes work. Of a real person it would be a lie told with their face, so the picture says that a "
    "machine made it, and the detective judges it."
)


class SwapSection(QWidget):
    """Signals: driver_chosen(is_mine), expression_changed(share); edit_started(), edit_finished() around a drag."""

    driver_chosen = Signal(bool)
    expression_changed = Signal(float)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("swap_section")
        hints = {
            FACE_B: N_("The face that mixing calls B; its seed stands there"),
            MINE: N_("The face that was found under “My picture” above"),
        }
        self.driver = Segmented(
            "swap_driver", {FACE_B: N_("Face B"), MINE: N_("My picture")}, N_("Whose expression drives"), hints
        )
        self.driver.value_chosen.connect(lambda value: self.driver_chosen.emit(value == MINE))
        self.expression = SliderRow(
            "expression",
            N_("Expression"),
            ValueRange(0.0, 1.0, step=0.01),
            N_("How far eyes, brows, mouth and beard become the other face’s (its middle layers of w+)."),
        )
        self.expression.value_changed.connect(self.expression_changed)
        self.expression.edit_started.connect(self.edit_started)
        self.expression.edit_finished.connect(self.edit_finished)
        self.text = QLabel(translate(MISUSE))
        self.text.setObjectName("swap_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.driver)
        column.addWidget(self.expression)
        column.addWidget(self.text)

    def set_has_mine(self, has_mine: bool) -> None:
        """Whether the person's picture was found, so that it can drive."""
        self.driver.set_possible(MINE, has_mine)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show who drives, and how strongly; emits nothing."""
        self.driver.set_value(FACE_B if scene.driver_w is None else MINE)
        self.expression.set_value(scene.expression)
