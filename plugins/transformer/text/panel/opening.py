"""Opens the model: first its compiled kernels are made ready, once for a machine, in a process of their own."""

import logging
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import CompileProgress, EngineHandle
from studio.api.panel import KernelCompiler, TaskScope
from studio.core.translation import N_, translate

log = logging.getLogger(__name__)

WARM_UP: Final = f"{__package__.rsplit('.', 1)[0]}.warm_up"
KEY: Final = "about"
OPENING: Final = N_("The model is being opened.")
PREPARING: Final = N_(
    "The first time, the program makes itself ready for this computer ({n} of {all} done). "
    "After that, texts begin at once."
)
FAILED: Final = N_("The model could not be opened, so there is nothing to see.")


class TextOpening(QObject):
    """Signals:
    ready(): the model may be asked for texts.
    opened(OpenTransformer): it is open. failed(error): it cannot be.
    """

    ready = Signal()
    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, tell: Callable[[str], None], parent: QObject) -> None:
        """`tell` shows a sentence where the text will be described."""
        super().__init__(parent)
        self._tasks, self._handle, self._tell = tasks, handle, tell
        self._compiler = KernelCompiler(WARM_UP, self)
        self._compiler.progressed.connect(self._on_progressed)
        self._compiler.finished.connect(self._open)
        self._compiler.failed.connect(self._on_compile_failed)

    def begin(self) -> None:
        """Open the model as soon as its kernels are there."""
        if self._compiler.are_ready():
            self._open()
        else:
            self._compiler.begin()

    def _on_progressed(self, progress: CompileProgress) -> None:
        self._tell(translate(PREPARING).format(n=progress.n_done, all=progress.n_steps))

    def _on_compile_failed(self, text: str) -> None:
        log.warning("the kernels could not be compiled apart: %s", text)
        self._open()  # each is compiled when it is first called, and the text waits for it

    def _open(self) -> None:
        self._tell(translate(OPENING))
        work = self._handle.work(lambda engine: engine.about())
        self._tasks.run(KEY, work, done=self.opened.emit, failed=self._on_failed)
        self.ready.emit()

    def _on_failed(self, error: BaseException) -> None:
        self._tell(translate(FAILED))
        self.failed.emit(error)
