"""Joins the frame, the mask's section and the scene: where the picture was laid is a step of undo."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from studio.core.text import N_

from .editor import SceneEditor
from .mask_desk import MaskDesk
from .mask_section import MaskSection
from .outpaint_frame import OutpaintFrame
from .placing import Placing, placed
from .scene import ByteArray, Source

MAX_REMEMBERED: Final = 64


@dataclass(frozen=True, eq=False)
class Laid:
    """A source that was made here, and of what."""

    source: Source
    original: ByteArray
    placing: Placing


class OutpaintDesk(QObject):
    """Shows the frame while the person wants it; every move of it makes another source of the same picture."""

    def __init__(
        self, frame: OutpaintFrame, section: MaskSection, masks: MaskDesk, editor: SceneEditor, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._frame, self._section, self._masks, self._editor = frame, section, masks, editor
        self._laid: list[Laid] = []
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

    def _laid_of(self, source: Source) -> Laid:
        """How a source came about; one from elsewhere fills the frame."""
        known = next((laid for laid in self._laid if laid.source is source), None)
        return known or Laid(source, source.picture, Placing())

    def _on_finished(self, placing: Placing) -> None:
        scene = self._editor.scene
        if scene.source is None:
            return
        original = self._laid_of(scene.source).original
        source = Source(*placed(original, placing))
        self._laid = [*self._laid[-MAX_REMEMBERED + 1 :], Laid(source, original, placing)]
        self._editor.change(N_("Lay the picture"), origin="masked", source=source)
