"""Brings a person's picture to the scene, from a file, a drop or the clipboard, in the model's own size."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import PictureIntake, TaskScope, image_from_array
from studio.core.text import N_, translate

from .editor import SceneEditor
from .engine_call import own_picture
from .scene import ByteArray, Source
from .start_section import StartSection

MAX_PASTED_PX: Final = 2048
_KEY: Final = "own picture"


class PictureDesk(QObject):
    """Reads one picture at a time, and keeps the section in step with the scene.

    Signals: failed(UserError).
    """

    failed = Signal(object)

    def __init__(
        self, editor: SceneEditor, section: StartSection, tasks: TaskScope, handle: EngineHandle, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._editor, self._section, self._tasks, self._handle = editor, section, tasks, handle
        self._intake = PictureIntake(parent, self, MAX_PASTED_PX)
        self._intake.path_given.connect(self.open)
        self._intake.pixels_given.connect(self._on_pixels_given)
        self._intake.failed.connect(self.failed)
        self._name = ""
        self._shown: Source | None = None
        section.start_changed.connect(self._on_origin_chosen)
        section.file_requested.connect(self.choose)
        section.paste_requested.connect(self.paste)
        section.strength_changed.connect(lambda share: editor.change(N_("Strength"), "strength", strength=share))
        section.edit_started.connect(editor.begin_gesture)
        section.edit_finished.connect(editor.end_gesture)
        editor.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the scene's picture and strength; emits nothing."""
        scene = self._editor.scene
        self._section.set_start(scene.origin)
        self._section.set_strength(scene.strength, scene.params.steps)
        if scene.source is not self._shown:
            self._shown = scene.source
            image = None if scene.source is None else image_from_array(scene.source.picture)
            self._section.set_picture(image, self._name)

    def _on_origin_chosen(self, origin: str) -> None:
        self._editor.change(N_("Start from"), origin=origin)
        if origin != "noise" and self._editor.scene.source is None:
            self.choose()

    def choose(self) -> None:
        """Ask for a file."""
        self._intake.choose()

    def open(self, path: Path) -> None:
        """Start from the picture in a file."""
        self._read(partial(own_picture, source=path), path.name)

    def paste(self) -> None:
        """Start from the picture on the clipboard, or the picture file that was copied in a file manager."""
        self._intake.paste()

    def _on_pixels_given(self, pixels: ByteArray) -> None:
        self._read(partial(own_picture, source=pixels), translate(N_("From the clipboard")))

    def _read(self, reader: Callable[[Any], ByteArray], name: str) -> None:
        self._name = name
        self._tasks.run(_KEY, self._handle.work(reader), Policy.RESTART, done=self.take, failed=self.failed.emit)

    def take(self, picture: ByteArray) -> None:
        """Start from pixels (H, W, 3) of the model's size, as a step of undo; a mask of the one before goes."""
        scene = self._editor.scene
        origin = scene.origin if scene.origin != "noise" else "picture"
        self._editor.apply(N_("My picture"), replace(scene, origin=origin, source=Source(picture)))
