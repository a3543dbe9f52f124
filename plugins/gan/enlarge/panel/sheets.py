"""Has ready what lies left and right of the divider: a comparison, and what both networks have made."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import Policy
from studio.api.panel import EngineTasks

from ..scene import EnlargeScene
from ..state import EnlargeMeasured, EnlargeSheet, EnlargeSource, compared

_OPENED: Final = "opened"
_COMPARED: Final = "compared"
_FINISHED: Final = "finished"
_MEASURED: Final = "measured"


class EnlargeSheets(QObject):
    """Attributes:
        source: the picture that is enlarged; None until the engine has said so.
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

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._scene: EnlargeScene | None = None
        self.source: EnlargeSource | None = None
        self.left: EnlargeSheet | None = None
        self.both: EnlargeSheet | None = None
        self._figures = EnlargeMeasured()

    def show_scene(self, scene: EnlargeScene) -> None:
        """Follow a scene: another picture, another comparison, or only another vividness."""
        before, self._scene = self._scene, scene
        if before is None or not before.is_same_picture(scene):
            self.source = self.left = self.both = None
            self._figures = EnlargeMeasured()
            for key in (_OPENED, _COMPARED, _FINISHED, _MEASURED):
                self._tasks.cancel(key)
            own = None if scene.picture is None else EnlargeSource(scene.picture, None, scene.name)
            # These short works go before the run (LATEST), or nothing could be compared until it is over.
            self._tasks.ask(
                _OPENED,
                lambda engine: own or engine.example(scene.params.seed),
                done=self._on_opened,
                failed=self.failed.emit,
            )
            self.changed.emit()
        elif before.compared != scene.compared:
            self._compare()

    def _on_opened(self, opened: EnlargeSource) -> None:
        self.source = opened
        self._compare()
        self.changed.emit()

    def _compare(self) -> None:
        opened, scene = self.source, self._scene
        if opened is not None and scene is not None:
            self._tasks.run(_COMPARED, lambda: compared(opened, scene.compared), done=self._on_compared)

    def _on_compared(self, sheet: EnlargeSheet) -> None:
        self.left = sheet
        self.changed.emit()

    def finish(self) -> None:
        """The run is over: fetch what both networks have drawn, and measure it."""
        opened = self.source
        if opened is None:
            return
        if self.both is not None:
            self._measure()
            return
        self._tasks.ask(_FINISHED, lambda engine: engine.sheet(opened.small), done=partial(self._on_finished, opened))

    def _on_finished(self, opened: EnlargeSource, sheet: EnlargeSheet | None) -> None:
        if sheet is not None and opened is self.source:  # or the engine has gone on to another picture
            self.both = sheet
            self.changed.emit()
            self._measure()

    def _measure(self) -> None:
        opened, both, known = self.source, self.both, self._figures
        if opened is None or both is None or self._scene is None:
            return
        if opened.large is None:
            self.measured.emit(EnlargeMeasured())
            return
        self._tasks.cancel(_MEASURED)
        vividness = self._scene.params.vividness
        self._tasks.ask(
            _MEASURED,
            lambda engine: engine.measured(opened, both, vividness, known),
            Policy.BACKGROUND,
            done=self._on_measured,
        )

    def _on_measured(self, found: EnlargeMeasured) -> None:
        self._figures = found
        self.measured.emit(found)
