"""What has to be done before a scene moves smoothly: kernels are compiled once for the machine, then it is baked."""

import logging
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import CompileProgress, EngineHandle, Policy
from studio.api.panel import KernelCompiler, TaskScope
from studio.core.translation import _

from ..state import BakeProgress

log = logging.getLogger(__name__)

WARM_UP: Final = f"{__package__.rsplit('.', 1)[0]}.warm_up"
KEY: Final = "bake"
DELAY_MS: Final = 200  # the first picture goes first


class Preparation(QObject):
    """Signals:
    compiling(fraction): how far the kernels are.
    compiled(): kernels may be called from now on.
    baking(BakeProgress): how far the scene is baked.
    baked(): it is, wholly.

    Attributes:
        is_slow: whether kernels are still being compiled.
        is_baking: whether the scene is still being baked.
    """

    compiling = Signal(float)
    compiled = Signal()
    baking = Signal(object)
    baked = Signal()

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._compiler = KernelCompiler(WARM_UP, self)
        self._compiler.progressed.connect(self._on_progressed)
        self._compiler.finished.connect(self._on_compiled)
        self._compiler.failed.connect(self._on_compile_failed)
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._bake)
        self.is_slow = not self._compiler.are_ready()
        self.is_baking = False

    def begin(self) -> None:
        """Do what is not done yet."""
        if self.is_slow:
            self._compiler.begin()
        else:
            self._on_compiled()

    def _on_progressed(self, progress: CompileProgress) -> None:
        self.compiling.emit(progress.n_done / max(progress.n_steps, 1))

    def _on_compile_failed(self, text: str) -> None:
        log.warning("the kernels could not be compiled apart: %s", text)
        self._on_compiled()  # each is compiled when it is first called, and the view waits for it

    def _on_compiled(self) -> None:
        self.is_slow, self.is_baking = False, True
        self.compiled.emit()
        self._delay.start()

    def _bake(self) -> None:
        work, title = self._handle.work(lambda engine: engine.bake()), _("Baking the scene")
        self._tasks.run(KEY, work, Policy.QUEUE, event=self.baking.emit, done=self._on_baked, title=title)

    def _on_baked(self, news: BakeProgress) -> None:
        self.is_baking = False
        self.baking.emit(news)
        self.baked.emit()
