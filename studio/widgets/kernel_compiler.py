"""Compiles a family's kernels beside everything else, and tells how far it is."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from studio.compute.kernel_cache import are_kernels_ready, mark_kernels_ready
from studio.compute.kernel_compile import Progress, compile_commands
from studio.widgets.child_process import ChildProcess


class KernelCompiler(QObject):
    """Child processes that end with this object.

    Signals:
        progressed(CompileProgress): whenever a step begins or ends.
        finished(): the kernels lie in the cache.
        failed(text): a child ended without that; what it said. The others are stopped.
    """

    progressed = Signal(object)
    finished = Signal()
    failed = Signal(str)

    def __init__(self, module: str, parent: QObject) -> None:
        """`module` is the full name of the family's module with the steps."""
        super().__init__(parent)
        self._module = module
        self._children: list[ChildProcess] = []
        self._n_open = 0

    def are_ready(self) -> bool:
        """Whether there is nothing to do."""
        return are_kernels_ready(self._module)

    def begin(self) -> None:
        """Compile, unless it is being done."""
        if self._n_open:
            return
        commands = compile_commands(self._module)
        self._n_open = len(commands)
        self._progress = Progress(len(commands))
        self._children = [ChildProcess(command, self) for command in commands]
        for number, child in enumerate(self._children):
            child.said.connect(partial(self._on_line_said, number))
            child.ended.connect(self._on_child_ended)

    def end(self) -> None:
        """Stop; nothing is told any more."""
        children, self._children = self._children, []
        self._n_open = 0
        for child in children:
            child.end()

    def _on_line_said(self, number: int, line: bytes) -> None:
        told = self._progress.hear(number, line)
        if told is not None:
            self.progressed.emit(told)

    def _on_child_ended(self, is_well: bool, text: str) -> None:
        self._n_open -= 1
        if not is_well:
            self.end()
            self.failed.emit(text)
        elif not self._n_open:
            self._children = []
            mark_kernels_ready(self._module)
            self.finished.emit()
