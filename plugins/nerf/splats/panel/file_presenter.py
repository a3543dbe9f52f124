"""Writes a changed scene of splats to a file that other programs read, and puts the splats of other files into it."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks
from studio.core.translation import N_, _, plural

from ...shared.panel.editor import ViewEditor
from ..scene import MOST_FILES, SplatScene
from .edit_section import EditSection

KEY: Final = "save splats"
SUFFIXES: Final = (".ply", ".compressed.ply", ".splat", ".spz", ".sog", ".glb")


class FilePresenter(QObject):
    """Asks for names, and has the files written and read."""

    def __init__(
        self, section: EditSection, editor: ViewEditor[SplatScene], tasks: EngineTasks, window: QWidget
    ) -> None:
        super().__init__(window)
        self._section, self._editor, self._tasks, self._window = section, editor, tasks, window
        section.save_asked.connect(self._choose_name)
        section.add_asked.connect(self._choose_file)

    def _choose_name(self) -> None:
        chosen, _filter = QFileDialog.getSaveFileName(self._window, _("Save splats"), "scene.ply", _kinds())
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Write the scene as it is now."""
        scene = self._editor.scene
        self._tasks.ask(
            KEY,
            partial(_save, path=path, scene=scene),
            Policy.QUEUE,
            done=partial(self._on_saved, path.name),
            title=_("Saving {name}").format(name=path.name),
        )

    def _on_saved(self, name: str, n_splats: int) -> None:
        text = plural("{n} splat is in “{name}”.", "{n} splats are in “{name}”.", n_splats)
        self._section.words.set_text(text.format(name=name))

    def _choose_file(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Add splats"), "", _kinds())
        if chosen:
            self.add(Path(chosen))

    def add(self, path: Path) -> None:
        """Put the splats of a file into the scene."""
        scene = self._editor.scene
        if len(scene.added) < MOST_FILES:
            self._editor.apply(N_("Add splats"), replace(scene, added=(*scene.added, str(path.absolute()))))


def _save(engine: Any, path: Path, scene: SplatScene) -> int:
    n_splats: int = engine.save(path, scene.edits, scene.added)
    return n_splats


def _kinds() -> str:
    return f"{_('Gaussian splats')} ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"
