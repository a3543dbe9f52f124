"""Joins brush, section and scene: every stroke is a step of undo, and an undone one is shown undone."""

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject

from studio.core.text import N_

from .editor import SceneEditor
from .mask import BoolArray, mask_bytes, painted_from
from .mask_painter import MaskPainter
from .mask_section import MaskSection
from .scene import Scene, Source

FIRST_RADIUS_SHARE: Final = 0.08  # of the picture's longer side


class MaskDesk(QObject):
    """Shows the brush while a scene starts from a masked picture, and writes what it paints into the scene."""

    def __init__(self, painter: MaskPainter, section: MaskSection, editor: SceneEditor, parent: QObject) -> None:
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
        editor.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the scene's mask, or no brush where it has none."""
        scene = self._editor.scene
        is_masked = scene.origin == "masked" and scene.source is not None
        self._painter.setVisible(is_masked and not self._is_paused)
        self._section.setVisible(is_masked)
        if is_masked and scene.source is not None:
            self._show(scene, scene.source)

    def set_paused(self, is_paused: bool) -> None:
        """Put the brush away while something else is done with the picture, or take it again."""
        self._is_paused = is_paused
        self.follow()

    def _show(self, scene: Scene, source: Source) -> None:
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


def painted_of(source: Source) -> BoolArray:
    """What of a person's picture was painted, (H, W); nothing at first."""
    if source.mask is None:
        return np.zeros(source.picture.shape[:2], np.bool_)
    return painted_from(source.mask)
