"""Before a model is opened its compiled kernels are made ready, once for a machine, in processes of their own."""

import logging
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import CompileProgress
from studio.api.panel import KernelCompiler, PanelFrame
from studio.core.translation import N_, translate

log = logging.getLogger(__name__)

OPENING: Final = N_("The model is being opened.")
PREPARING: Final = N_(
    "The first time, the program makes itself ready for this computer ({n} of {all} done). "
    "After that, it begins at once."
)


class KernelOpening(QObject):
    """Says in a panel's caption how far it is. Signals: ready(): the model may be opened."""

    ready = Signal()

    def __init__(self, module: str, frame: PanelFrame, parent: QObject) -> None:
        """`module` names what compiles the kernels, relative to the family's package."""
        super().__init__(parent)
        self._frame = frame
        self._compiler = KernelCompiler(f"{__package__.rsplit('.', 2)[0]}.{module}", self)
        self._compiler.progressed.connect(self._on_progressed)
        self._compiler.finished.connect(self._on_ready)
        self._compiler.failed.connect(self._on_failed)
        self.is_preparing = False

    def begin(self) -> None:
        """Emit `ready` as soon as the kernels are there."""
        if self._compiler.are_ready():
            self._on_ready()
        else:
            self.is_preparing = True
            self._compiler.begin()

    def _on_progressed(self, progress: CompileProgress) -> None:
        text = translate(PREPARING).format(n=progress.n_done, all=progress.n_steps)
        self._frame.caption.set_text(text)

    def _on_failed(self, text: str) -> None:
        log.warning("the kernels could not be compiled apart: %s", text)
        self._on_ready()  # each is compiled when it is first called, and the run waits for it

    def _on_ready(self) -> None:
        self.is_preparing = False
        self._frame.caption.set_text(translate(OPENING))
        self.ready.emit()
