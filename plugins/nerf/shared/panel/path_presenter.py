"""Opens the camera paths of other programs as the path on the timeline, and saves it for them."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import Policy
from studio.api.panel import Command, EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.core.error import UserError
from studio.core.path.keyframe import KeyframePath
from studio.core.translation import N_, _

from ...foreign.camera_path import PathWorld, read_camera_path, write_nerfstudio_path, write_ngp_path
from ...foreign.nerf_pytorch.checkpoint import NGP
from ..camera.viewpoint import completed
from .commands import MENU
from .editor import ViewEditor
from .take_section import PathButtons

KEY: Final = "camera path"
WRITERS: Final = {
    N_("instant-ngp path"): ("base_cam.json", write_ngp_path),
    N_("nerfstudio path"): ("camera_path.json", write_nerfstudio_path),
}
_ENDING: Final = "(*.json)"


def is_camera_path(path: Path) -> bool:
    """Whether a dropped file is worth reading."""
    return path.suffix.lower() == ".json" and path.is_file()


class PathPresenter(QObject):
    """Asks for names, and has paths read and written."""

    def __init__(
        self,
        buttons: PathButtons,
        editor: ViewEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._buttons, self._editor, self._timeline = buttons, editor, timeline
        self._tasks, self._window = tasks, window
        buttons.open_asked.connect(self.choose_file)
        buttons.save_asked.connect(self.choose_name)
        timeline.paths.changed.connect(self._follow)
        self._follow()

    def commands(self) -> tuple[Command, ...]:
        """The same from the menu."""
        return (
            Command("nerf.open_path", N_("Open a camera path…"), self.choose_file, (), MENU),
            Command("nerf.save_path", N_("Save the camera path…"), self.choose_name, (), MENU),
        )

    def _follow(self) -> None:
        self._buttons.save.setEnabled(bool(len(self._timeline.paths.path)))

    @property
    def _world(self) -> PathWorld:
        scene = self._editor.scene
        is_ngp = self._tasks.handle.source.card.get("format") == NGP
        return PathWorld(is_ngp, scene.camera.distance, (scene.params.width, scene.params.height))

    def choose_file(self) -> None:
        """Ask which path is to be opened."""
        chosen, _filter = QFileDialog.getOpenFileName(
            self._window, _("Open a camera path"), "", f"{_('Camera paths')} {_ENDING}"
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Put the path in a file on the timeline."""
        read = partial(read_camera_path, path, self._world)
        title = _("Opening {name}").format(name=path.name)
        self._tasks.run(KEY, read, Policy.QUEUE, done=self._on_read, title=title)

    def _on_read(self, path: KeyframePath) -> None:
        timeline = self._timeline
        timeline.pause()
        path = completed(path, timeline.paths.path.rules, self._editor.scene.params)
        timeline.paths.edit(N_("Open a camera path"), path)
        timeline.show_path()
        timeline.playback.seek(0)
        timeline.playback.set_loop("loop" if path.is_loop else "once")

    def choose_name(self) -> None:
        """Ask where the path is to be saved, and for which program."""
        kinds = {f"{_(title)} {_ENDING}": title for title in WRITERS}
        first = next(iter(WRITERS.values()))[0]
        chosen, kind = QFileDialog.getSaveFileName(self._window, _("Save the camera path"), first, ";;".join(kinds))
        if chosen:
            self.save(Path(chosen), kinds[kind])

    def save(self, path: Path, kind: str) -> None:
        """Write the path on the timeline for a program, one of WRITERS."""
        write = partial(_save, path, self._timeline.paths.path, self._world, kind)
        self._tasks.run(KEY, write, Policy.QUEUE, title=_("Saving {name}").format(name=path.name))


def _save(target: Path, path: KeyframePath, world: PathWorld, kind: str) -> None:
    if not len(path):
        raise UserError(N_("There is no path to save: set keyframes first."))
    WRITERS[kind][1](target, path, world)
