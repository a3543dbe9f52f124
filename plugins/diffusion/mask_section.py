"""The inspector's part for the mask: brush or eraser, its size, the soft edge, and the whole of it at once."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, Segmented, SliderRow, SteadyLabel, ValueRange
from studio.core.text import N_, translate

from .scene import MAX_FEATHER_PX

BRUSH: Final = ValueRange(1.0, 32.0, step=0.5, default=6.0, unit="px")
FEATHER: Final = ValueRange(0.0, MAX_FEATHER_PX, step=0.5, default=2.0, unit="px")
TOOLS: Final = {"brush": N_("Brush"), "eraser": N_("Eraser")}
HINTS: Final = {
    "brush": N_("Paint over what shall be made anew. The wheel changes the size, the right button erases."),
    "eraser": N_("Take away from what was painted, as the right button or Shift do with the brush."),
}


class MaskSection(QWidget):
    """Shows tool, sizes and how much is painted; changes nothing itself.

    Signals:
        brush_changed(radius_px, is_eraser): another brush, in pixels of the picture.
        feather_changed(feather_px): for every move of a drag.
        feather_started(), feather_finished(): around one step of undo.
        invert_requested(), clear_requested().
        outpaint_toggled(is_on): lay the picture smaller or elsewhere in the frame, or be done with it.
    """

    brush_changed = Signal(float, bool)
    feather_changed = Signal(float)
    feather_started = Signal()
    feather_finished = Signal()
    invert_requested = Signal()
    clear_requested = Signal()
    outpaint_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool = Segmented("mask_tool", TOOLS, N_("What the left button does"), HINTS)
        self.tool.value_chosen.connect(self._say_brush)
        self.radius = SliderRow(
            "mask_radius", N_("Size"), BRUSH, N_("Radius of the brush in pixels of the picture (keys [ and ])")
        )
        self.radius.value_changed.connect(self._say_brush)
        feather_help = N_("How softly what is made anew goes over into what is kept, in pixels (feather)")
        self.feather = SliderRow("mask_feather", N_("Soft edge"), FEATHER, feather_help)
        self.feather.value_changed.connect(self.feather_changed)
        self.feather.edit_started.connect(self.feather_started)
        self.feather.edit_finished.connect(self.feather_finished)
        self._make_buttons()
        self.share = SteadyLabel(role="small")
        self.radius.set_value(BRUSH.default)
        self._lay_out()
        self.show_mask(0.0, FEATHER.default)

    def _make_buttons(self) -> None:
        self.invert = Button(N_("Invert"), hint=N_("Keep what was painted and make the rest anew"))
        self.invert.setObjectName("mask_invert")
        self.invert.clicked.connect(self.invert_requested)
        self.clear = Button(N_("Clear"), hint=N_("Keep the whole picture (Delete)"))
        self.clear.setObjectName("mask_clear")
        self.clear.clicked.connect(self.clear_requested)
        self.outpaint = Button(N_("Lay it in a larger frame"))
        self.outpaint.setObjectName("mask_outpaint")
        self.outpaint.setCheckable(True)
        self.outpaint.setToolTip(
            translate(N_("Make the picture smaller or shift it, so that what is around it is invented (outpaint)"))
        )
        self.outpaint.clicked.connect(self.outpaint_toggled)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for row in (self.tool, self.radius, self.feather):
            column.addWidget(row)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.invert)
        buttons.addWidget(self.clear)
        buttons.addWidget(self.share, 1)
        column.addLayout(buttons)
        column.addWidget(self.outpaint)

    @property
    def is_eraser(self) -> bool:
        """Whether the left button erases."""
        return self.tool.value() == "eraser"

    def show_brush(self, radius_px: float) -> None:
        """Show the size of the brush."""
        self.radius.set_value(radius_px)

    def show_mask(self, share: float, feather_px: float) -> None:
        """Show how much of the picture is painted, 0..1, and the soft edge."""
        self.feather.set_value(feather_px)
        self.clear.setEnabled(share > 0)
        if share == 0:
            self.share.set_text(translate(N_("Paint on the picture")))
        else:
            self.share.set_text(translate(N_("{percent:.0f} % made anew")).format(percent=100 * share))

    def show_outpainting(self, is_on: bool) -> None:
        """Show whether the frame is on the canvas. Emits nothing."""
        self.outpaint.setChecked(is_on)
        self.outpaint.setText(translate(N_("Done with the frame") if is_on else N_("Lay it in a larger frame")))
        for widget in (self.tool, self.radius, self.invert):
            widget.setEnabled(not is_on)

    def _say_brush(self) -> None:
        self.brush_changed.emit(self.radius.value(), self.is_eraser)
