"""Fetches what the view shows beside the run: the comparison, both networks' pictures, the figures."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope

from .enlarge_call import Finished, Measured, compared, finished, measured, opened_of
from .enlarge_picture import Opened, Sheet
from .enlarge_scene import EnlargeScene

_OPENED: Final = "opened"
_COMPARED: Final = "compared"
_FINISHED: Final = "finished"
_MEASURED: Final = "measured"


class EnlargeSheets(QObject):
    """Attributes:
        opened: the picture that is enlarged; None until the engine has said so.
        left: what it is compared with; None until it is there.
        both: what both networks have made of it; None until the run is over.

    Signals:
        changed(): one of them is another one.
        measured(Measured): the figures of the scene as it is.
        failed(error): the picture could not be had.
    """

    changed = Signal()
    measured = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._scene: EnlargeScene | None = None
        self.opened: Opened | None = None
        self.left: Sheet | None = None
        self.both: Sheet | None = None
        self._figures = Measured()

    def take(self, scene: EnlargeScene) -> None:
        """Follow a scene: another picture, another comparison, or only another vividness."""
        before, self._scene = self._scene, scene
        if before is None or not before.is_same_picture(scene):
            self.opened = self.left = self.both = None
            self._figures = Measured()
            for key in (_OPENED, _COMPARED, _FINISHED, _MEASURED):
                self._tasks.cancel(key)
            work = partial(opened_of, seed=scene.params.seed, picture=scene.picture, name=scene.name)
            # These short works go before the run (LATEST), or nothing could be compared until it is over.
            self._tasks.run(_OPENED, self._handle.work(work), done=self._on_opened, failed=self.failed.emit)
            self.changed.emit()
        elif before.compared != scene.compared:
            self._compare()

    def _on_opened(self, opened: Opened) -> None:
        self.opened = opened
        self._compare()
        self.changed.emit()

    def _compare(self) -> None:
        if self.opened is not None and self._scene is not None:
            work = partial(compared, opened=self.opened, name=self._scene.compared)
            self._tasks.run(_COMPARED, self._handle.work(work), done=self._on_compared)

    def _on_compared(self, sheet: Sheet) -> None:
        self.left = sheet
        self.changed.emit()

    def finish(self) -> None:
        """The run is over: fetch what both networks have drawn, and measure it."""
        if self.opened is None:
            return
        if self.both is not None:
            self._measure()
            return
        work = partial(finished, opened=self.opened)
        self._tasks.run(_FINISHED, self._handle.work(work), done=self._on_finished)

    def _on_finished(self, found: Finished) -> None:
        if found.sheet is not None and found.opened is self.opened:
            self.both = found.sheet
            self.changed.emit()
            self._measure()

    def _measure(self) -> None:
        if self.opened is None or self.both is None or self._scene is None:
            return
        if self.opened.large is None:
            self.measured.emit(Measured())
            return
        self._tasks.cancel(_MEASURED)
        vividness = self._scene.params.vividness
        work = partial(
            measured, opened=self.opened, sheet=self.both, vividness=vividness, known=self._figures
        )
        self._tasks.run(_MEASURED, self._handle.work(work), Policy.BACKGROUND, done=self._on_measured)

    def _on_measured(self, found: Measured) -> None:
        self._figures = found
        self.measured.emit(found)
