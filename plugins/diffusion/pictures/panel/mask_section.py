"""The inspector's part for the mask; joins brush, outpainting frame and scene, every stroke a step of undo."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import MaskPainter, Segmented, SliderRow, SteadyLabel, ValueRange, named_button, set_tip
from studio.core.masked_picture import BoolArray, StartPicture, mask_bytes, painted_from
from studio.core.translation import N_, _

from ...shared.panel.editor import DiffusionEditor
from ...shared.scene import MAX_FEATHER_PX, ByteArray, DiffusionScene
from ..outpainting import Placing, placed
from .outpaint_frame import OutpaintFrame

BRUSH: Final = ValueRange(1.0, 32.0, step=0.5, default=6.0, unit="px")
FEATHER: Final = ValueRange(0.0, MAX_FEATHER_PX, step=0.5, default=DiffusionScene.feather_px, unit="px")
TOOLS: Final = {
    "brush": (
        N_("Brush"),
        N_("Paint over what should be redrawn. Scroll to change the size; the right button erases."),
    ),
    "eraser": (N_("Eraser"), N_("Remove what was painted, just like the right button or Shift with the brush.")),
}
FIRST_RADIUS_SHARE: Final = 0.08  # of the picture's longer side
MAX_REMEMBERED: Final = 64


class PictureMaskSection(QWidget):
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
        self.tool = Segmented("mask_tool", TOOLS, N_("What the left button does"))
        self.tool.value_chosen.connect(self._say_brush)
        self.radius = SliderRow(
            "mask_radius", N_("Size"), BRUSH, N_("Radius of the brush in pixels of the picture (keys [ and ])")
        )
        self.radius.value_changed.connect(self._say_brush)
        feather_help = N_("How gradually the redrawn part blends into the rest, in pixels (feather)")
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
        self.invert = named_button(
            "mask_invert",
            N_("Invert"),
            N_("Keep what was painted and redraw the rest"),
            pressed=self.invert_requested,
        )
        self.clear = named_button(
            "mask_clear", N_("Clear"), N_("Keep the whole picture (Delete)"), pressed=self.clear_requested
        )
        self.outpaint = named_button("mask_outpaint", N_("Extend the picture"))
        self.outpaint.setCheckable(True)
        set_tip(self.outpaint, _("Shrink or move the picture and have its surroundings invented (outpainting)"))
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
            self.share.set_text(_("Paint on the picture"))
        else:
            self.share.set_text(_("{percent:.0f} % redrawn").format(percent=100 * share))

    def show_outpainting(self, is_on: bool) -> None:
        """Show whether the frame is on the canvas. Emits nothing."""
        self.outpaint.setChecked(is_on)
        self.outpaint.setText(_("Done with the frame") if is_on else _("Extend the picture"))
        for widget in (self.tool, self.radius, self.invert):
            widget.setEnabled(not is_on)

    def _say_brush(self) -> None:
        self.brush_changed.emit(self.radius.value(), self.is_eraser)


class MaskPresenter(QObject):
    """Shows the brush while a scene starts from a masked picture, and writes what it paints into the scene."""

    def __init__(
        self, painter: MaskPainter, section: PictureMaskSection, editor: DiffusionEditor, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._painter, self._section, self._editor = painter, section, editor
        self._shape: tuple[int, ...] = ()
        self._is_paused = False
        painter.mask_changed.connect(self._show_share)
        painter.stroke_finished.connect(self._on_stroke_finished)
        painter.radius_changed.connect(section.show_brush)
        painter.clear_requested.connect(self._clear)
        section.brush_changed.connect(painter.set_brush)
        section.clear_requested.connect(self._clear)
        section.invert_requested.connect(self._invert)
        section.feather_changed.connect(self._on_feather_changed)
        section.feather_started.connect(editor.begin_gesture)
        section.feather_finished.connect(editor.end_gesture)

    def show_scene(self, scene: DiffusionScene) -> None:
        """Show the scene's mask, or no brush where it has none."""
        is_masked = scene.origin == "masked" and scene.source is not None
        self._painter.setVisible(is_masked and not self._is_paused)
        self._section.setVisible(is_masked)
        if is_masked and scene.source is not None:
            self._show(scene, scene.source)

    def set_paused(self, is_paused: bool) -> None:
        """Put the brush away while something else is done with the picture, or take it again."""
        self._is_paused = is_paused
        self.show_scene(self._editor.scene)

    def _show(self, scene: DiffusionScene, source: StartPicture) -> None:
        painted = painted_of(source)
        self._painter.set_mask(painted, scene.feather_px)
        self._show_share()
        if painted.shape != self._shape:
            self._shape = painted.shape
            self._painter.set_brush(FIRST_RADIUS_SHARE * max(painted.shape), self._section.is_eraser)
            self._section.show_brush(self._painter.radius_px)

    def _show_share(self) -> None:
        """Also while a stroke goes on."""
        self._section.show_mask(float(self._painter.painted.mean()), self._editor.scene.feather_px)

    def _on_stroke_finished(self, title: str) -> None:
        self._apply(title, self._painter.painted)

    def _clear(self) -> None:
        if self._painter.painted.any():
            self._apply(N_("Clear the mask"), np.zeros_like(self._painter.painted))

    def _invert(self) -> None:
        self._apply(N_("Invert the mask"), ~self._painter.painted)

    def _apply(self, title: str, painted: BoolArray) -> None:
        source = self._editor.scene.source
        if source is not None:
            self._editor.change(title, source=replace(source, mask=mask_bytes(painted)))

    def _on_feather_changed(self, feather_px: float) -> None:
        self._editor.change(N_("Soft edge"), "feather", feather_px=feather_px)


def painted_of(source: StartPicture) -> BoolArray:
    """What of a person's picture was painted, (H, W); nothing at first."""
    if source.mask is None:
        return np.zeros(source.picture.shape[:2], np.bool_)
    return painted_from(source.mask)


@dataclass(frozen=True, eq=False)
class OutpaintedSource:
    """A source that was made here, and of what."""

    source: StartPicture
    original: ByteArray
    placing: Placing


class OutpaintPresenter(QObject):
    """Shows the frame while the person wants it; every move of it makes another source of the same picture."""

    def __init__(
        self,
        frame: OutpaintFrame,
        section: PictureMaskSection,
        masks: MaskPresenter,
        editor: DiffusionEditor,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._frame, self._section, self._masks, self._editor = frame, section, masks, editor
        self._laid: list[OutpaintedSource] = []
        self._is_on = False
        section.outpaint_toggled.connect(self.set_on)
        frame.finished.connect(self._on_finished)
        frame.accepted.connect(self._leave)
        frame.cancelled.connect(self._leave)
        editor.changed.connect(self._follow)

    @property
    def is_on(self) -> bool:
        """Whether the frame is on the canvas."""
        return self._is_on

    def set_on(self, is_on: bool) -> None:
        """Show the frame over the picture, or put it away."""
        self._is_on = is_on and self._editor.scene.source is not None
        self._masks.set_paused(self._is_on)
        self._section.show_outpainting(self._is_on)
        self._frame.setVisible(self._is_on)
        if self._is_on:
            self._show()
            self._frame.raise_()
            self._frame.setFocus()

    def _leave(self) -> None:
        self.set_on(False)

    def _follow(self) -> None:
        """An undone move is shown undone; without a picture there is nothing to lay."""
        scene = self._editor.scene
        if self._is_on and (scene.source is None or scene.origin != "masked"):
            self.set_on(False)
        elif self._is_on:
            self._show()

    def _show(self) -> None:
        source = self._editor.scene.source
        if source is not None:
            laid = self._laid_of(source)
            self._frame.set_picture(laid.original)
            self._frame.set_placing(laid.placing)

    def _laid_of(self, source: StartPicture) -> OutpaintedSource:
        """How a source came about; one from elsewhere fills the frame."""
        known = next((laid for laid in self._laid if laid.source is source), None)
        return known or OutpaintedSource(source, source.picture, Placing())

    def _on_finished(self, placing: Placing) -> None:
        scene = self._editor.scene
        if scene.source is None:
            return
        original = self._laid_of(scene.source).original
        source = StartPicture(*placed(original, placing))
        self._laid = [*self._laid[-MAX_REMEMBERED + 1 :], OutpaintedSource(source, original, placing)]
        self._editor.change(N_("Place the picture"), origin="masked", source=source)
