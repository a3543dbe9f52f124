"""Bakes the scene as soon as kernels may be called, so that it moves smoothly."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import Policy
from studio.api.panel import EngineTasks
from studio.core.translation import _

from ..state import BakeProgress

KEY: Final = "bake"
DELAY_MS: Final = 200  # the first picture goes first


class Baking(QObject):
    """Signals:
    progressed(BakeProgress): how far the scene is baked.
    finished(): it is, wholly.

    Attributes:
        is_on: whether the scene is still being baked.
    """

    progressed = Signal(object)
    finished = Signal()

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._bake)
        self.is_on = False
        self._light = 1.0

    def begin(self, light: float = 1.0) -> None:
        """Bake it soon, in a light where it has several."""
        self._tasks.cancel(KEY)
        self.is_on, self._light = True, light
        self._delay.start()

    def follow(self, light: float) -> None:
        """The scene is in this light now; bake it once it stays."""
        if light != self._light:
            self.begin(light)

    def _bake(self) -> None:
        light = self._light
        self._tasks.ask(
            KEY,
            lambda engine: engine.bake(light),
            Policy.QUEUE,
            event=self.progressed.emit,
            done=self._on_baked,
            title=_("Baking the scene"),
        )

    def _on_baked(self, news: BakeProgress) -> None:
        self.is_on = False
        self.progressed.emit(news)
        self.finished.emit()
