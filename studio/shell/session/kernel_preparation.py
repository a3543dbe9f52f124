"""Compiles what the set-up has left to compile, from Home and in the background, so that a model opens at once."""

import logging

from PySide6.QtCore import QObject, QTimer, Signal

from studio.compute.kernel_cache import are_kernels_ready
from studio.compute.kernel_compile import CompileProgress
from studio.core.translation import _
from studio.registry.catalog import Catalog
from studio.widgets.kernel_compiler import KernelCompiler

log = logging.getLogger(__name__)

DELAY_MS = 10_000
"""A model that is opened at once is made ready by its own panel, before all others."""


class KernelPreparation(QObject):
    """One kind of model after the other; a panel that waits for another one goes first.

    Signals: told(text): how far it is in a few words; empty where nothing is left to do.
    """

    told = Signal(str)

    def __init__(self, catalog: Catalog, parent: QObject, delay_ms: int = DELAY_MS) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._unseen: list[str] = []
        self._waiting: list[str] = []
        self._n_kinds = 0
        self._delay = QTimer(self, singleShot=True, interval=delay_ms)
        self._delay.timeout.connect(self._begin_to_look)
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._look)

    def begin(self) -> None:
        """Look what is to be done, in a while."""
        self._delay.start()

    def _begin_to_look(self) -> None:
        self._unseen = list(self._catalog.kernel_modules())
        self._turn.start()

    def _look(self) -> None:
        """One kind in a turn: to see whether its kernels are there, the files that they were made of are read."""
        if self._unseen:
            name = self._unseen.pop(0)
            if not are_kernels_ready(name):
                self._waiting.append(name)
            self._turn.start()
            return
        self._n_kinds = len(self._waiting)
        self._go_on()

    def _go_on(self, failure: str = "") -> None:
        if failure:  # the panel of such a model tries again, and the run waits for it
            log.warning("kernels could not be compiled ahead: %s", failure)
        self.told.emit("")
        while self._waiting:
            compiler = KernelCompiler(self._waiting.pop(0), self)
            if compiler.are_ready():  # a panel was quicker
                continue
            compiler.progressed.connect(self._on_progressed)
            compiler.finished.connect(self._go_on)
            compiler.failed.connect(self._go_on)
            compiler.begin()
            return

    def _on_progressed(self, progress: CompileProgress) -> None:
        n_ready = self._n_kinds - len(self._waiting) - 1 + progress.n_done / max(progress.n_steps, 1)
        self.told.emit(_("Getting models ready: {percent:.0f} %").format(percent=100 * n_ready / self._n_kinds))
