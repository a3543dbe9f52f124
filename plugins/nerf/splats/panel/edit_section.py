"""The inspector's part that changes a scene: what is selected, and what becomes of it."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import Segmented, SliderRow, SteadyLabel, ValueRange, at_the_left, named_button, put_in_a_column
from studio.core.translation import N_, _

TOOLS: Final = {
    "off": (N_("None"), N_("Drag to walk around; nothing is selected")),
    "ball": (N_("Ball"), N_("Select a ball; double-click a surface to put it there")),
    "box": (N_("Box"), N_("Select a box; double-click a surface to put it there")),
    "stroke": (N_("Brush"), N_("Drag over what you want to select, all the way through the scene; scroll to zoom")),
}
SIZE: Final = ValueRange(0.01, 1.5, step=0.01, default=0.3)
WIDTH: Final = ValueRange(0.005, 0.25, step=0.005, default=0.04)
LIGHT: Final = ValueRange(-2.0, 2.0, step=0.1, unit="EV")
COLOUR: Final = ValueRange(0.0, 2.0, step=0.05, default=1.0)
_ACTIONS: Final = {
    "remove": (N_("Remove"), N_("Take what is selected out of the scene"), "trash"),
    "keep": (N_("Keep only this"), N_("Take out everything else (crop)"), ""),
    "clean": (N_("Remove specks"), N_("Take out what floats about alone, and faint haze (floaters)"), ""),
    "colour": (N_("Recolour"), N_("Give what is selected, or all of it, this brightness and colour"), ""),
}


class EditSection(QWidget):
    """Signals:
    tool_changed(tool), one of TOOLS; size_changed(): of box, ball or brush.
    asked(action), one of remove, keep, clean and colour; original_asked(): without any change.
    save_asked(): to a file; add_asked(): the splats of another file.
    """

    tool_changed = Signal(str)
    size_changed = Signal()
    asked = Signal(str)
    original_asked = Signal()
    save_asked = Signal()
    add_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tool = Segmented("select_tool", TOOLS, N_("What selects splats"))
        self.tool.value_chosen.connect(self.tool_changed)
        self.size_row = SliderRow("select_size", N_("Size"), SIZE, N_("Of the ball or box, by the size of the scene"))
        self.width_row = SliderRow("brush_width", N_("Width"), WIDTH, N_("Of the brush, by the height of the picture"))
        self.light = SliderRow("splat_light", N_("Brightness"), LIGHT, N_("How bright “Recolour” makes it"))
        self.colour = SliderRow("splat_colour", N_("Colour"), COLOUR, N_("0 is grey, 1 as it is, 2 twice as colourful"))
        for row in (self.size_row, self.width_row):
            row.value_changed.connect(lambda _: self.size_changed.emit())
        self.buttons = {name: self._action(name) for name in _ACTIONS}
        self.original = named_button(
            "undo_edits", N_("As it was"), N_("Take back all changes"), "reset", pressed=self.original_asked
        )
        add_tip = N_("Put the splats of another file into this scene (merge)")
        self.add = named_button("add_splats", N_("Add…"), add_tip, "plus", pressed=self.add_asked)
        self.save = named_button(
            "save_splats",
            N_("Save splats…"),
            N_("Write the changed scene to a file"),
            "export",
            pressed=self.save_asked,
        )
        self.words = SteadyLabel(role="small")
        rows = (self._row("remove", "keep"), self.light, self.colour, self._row("colour", "clean"))
        put_in_a_column(self, (self.tool, self.size_row, self.width_row, *rows, *self._last_rows(), self.words), 4)
        self.show_tool("off")

    def _action(self, name: str) -> QWidget:
        title, tip, icon = _ACTIONS[name]
        button = named_button(f"splats_{name}", title, tip, icon)
        button.clicked.connect(lambda: self.asked.emit(name))
        return button

    def _row(self, *names: str) -> QHBoxLayout:
        return at_the_left(*(self.buttons[name] for name in names))

    def _last_rows(self) -> tuple[QHBoxLayout, QHBoxLayout]:
        return at_the_left(self.original, self.add), at_the_left(self.save)

    def show_tool(self, tool: str) -> None:
        """Show which tool is held; emits nothing."""
        self.tool.set_value(tool)
        self.size_row.setVisible(tool in ("ball", "box"))
        self.width_row.setVisible(tool == "stroke")

    def show_scene(self, n_edits: int, has_selection: bool) -> None:
        """Say what can be done."""
        for name in ("remove", "keep"):
            self.buttons[name].setEnabled(has_selection)
        self.original.setEnabled(n_edits > 0)
        self.words.set_text(_("Nothing is changed.") if not n_edits else _("Changes so far: {n}").format(n=n_edits))
