"""Compiles a family's kernels beside everything else, and tells how far it is."""

from PySide6.QtCore import QObject, Signal

from studio.compute.kernel_cache import are_kernels_ready
from studio.compute.kernel_compile import compile_command, read_progress
from studio.widgets.child_process import ChildProcess


class KernelCompiler(QObject):
    """One child process at most, which ends with this object.

    Signals:
        progressed(CompileProgress): before each step, and at the end.
        finished(): the kernels lie in the cache.
        failed(text): the child ended without that; what it said.
    """

    progressed = Signal(object)
    finished = Signal()
    failed = Signal(str)

    def __init__(self, module: str, parent: QObject) -> None:
        """`module` is the full name of the family's module with the steps."""
        super().__init__(parent)
        self._module = module
        self._child: ChildProcess | None = None

    def are_ready(self) -> bool:
        """Whether there is nothing to do."""
        return are_kernels_ready(self._module)

    def begin(self) -> None:
        """Compile, unless it is being done."""
        if self._child is None:
            self._child = ChildProcess(compile_command(self._module), self)
            self._child.said.connect(self._on_line_said)
            self._child.ended.connect(self._on_child_ended)

    def end(self) -> None:
        """Stop; nothing is told any more."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _on_line_said(self, line: bytes) -> None:
        self.progressed.emit(read_progress(line))

    def _on_child_ended(self, text: str) -> None:
        self._child = None
        if self.are_ready():
            self.finished.emit()
        else:
            self.failed.emit(text)
