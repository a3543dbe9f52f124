"""Opens the model: first its compiled kernels are made ready, once for a machine, in a process of their own."""

import logging
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import CompileProgress
from studio.api.panel import KernelCompiler
from studio.core.translation import N_, translate

from ..state import OpenTransformer
from .engine_calls import about

if TYPE_CHECKING:
    from .panel import TransformerPanel

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

    def __init__(self, panel: "TransformerPanel") -> None:
        super().__init__(panel)
        self._panel = panel
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
        text = translate(PREPARING).format(n=progress.n_done, all=progress.n_steps)
        self._panel.frame.caption.set_text(text)

    def _on_compile_failed(self, text: str) -> None:
        log.warning("the kernels could not be compiled apart: %s", text)
        self._open()  # each is compiled when it is first called, and the text waits for it

    def _open(self) -> None:
        panel = self._panel
        panel.frame.caption.set_text(translate(OPENING))
        panel.tasks.run(KEY, panel.handle.work(about), done=self._on_opened, failed=self._on_failed)
        self.ready.emit()

    def _on_opened(self, news: OpenTransformer) -> None:
        self.opened.emit(news)

    def _on_failed(self, error: BaseException) -> None:
        self._panel.frame.caption.set_text(translate(FAILED))
        self.failed.emit(error)
