"""The inspector's part for expression transfer: whose expression drives the face, and how strongly."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Segmented, SliderRow, ValueRange
from studio.core.translation import N_, translate

from ..scene import Array, PeopleScene

if TYPE_CHECKING:
    from .panel import PeoplePanel

FACE_B, MINE = "b", "mine"
EXPRESSION_MISUSE = N_(
    "This is how deepfakes work. Of a real person it would be a lie told with their face, so the picture says that a "
    "machine made it, and the detective judges it."
)


class ExpressionSection(QWidget):
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
        self.text = QLabel(translate(EXPRESSION_MISUSE))
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


class ExpressionDesk(QObject):
    """Knows the place of the person's picture once it was found."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._mine: Array | None = None
        panel.controls.swap.set_has_mine(False)
        section = panel.controls.swap
        section.driver_chosen.connect(self._on_driver_chosen)
        section.expression_changed.connect(panel.editor.set_expression)
        panel.project.found.connect(self._on_found)

    def _on_found(self, w: Array) -> None:
        self._mine = w
        self._panel.controls.swap.set_has_mine(True)

    def _on_driver_chosen(self, is_mine: bool) -> None:
        self._panel.editor.set_driver(self._mine if is_mine else None)
