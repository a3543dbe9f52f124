"""Compiles the kernels of one model after the other beside everything else, and tells how far each is."""

from functools import cache, partial

from PySide6.QtCore import QCoreApplication, QObject, Signal
from shiboken6 import isValid

from studio.compute.kernel_cache import are_kernels_ready, mark_kernels_ready
from studio.compute.kernel_compile import CompileProgress, Progress, compile_commands, n_children
from studio.widgets.child_process import ChildProcess


class KernelCompiler(QObject):
    """What one panel wants to have compiled; its turn comes at once, and ends with this object.

    Signals:
        progressed(CompileProgress): whenever a step begins or ends.
        finished(): the kernels lie in the cache.
        failed(text): a child ended without that; what it said.
    """

    progressed = Signal(object)
    finished = Signal()
    failed = Signal(str)

    def __init__(self, module: str, parent: QObject) -> None:
        """`module` is the full name of the family's module with the steps."""
        super().__init__(parent)
        self.module = module

    def are_ready(self) -> bool:
        """Whether there is nothing to do."""
        return are_kernels_ready(self.module)

    def begin(self) -> None:
        """Compile before everything else that waits, unless it is being done."""
        queue = _queue()
        self.destroyed.connect(partial(queue.leave, id(self)))
        queue.join(self)

    def end(self) -> None:
        """Stop; nothing is told any more."""
        _queue().leave(id(self))


class _Run(QObject):
    """The children of one module, at most as many at a time as there are cores.

    Signals:
        progressed(CompileProgress). ended(text): all is done, or, where `text` is not empty, a child failed.
    """

    progressed = Signal(CompileProgress)
    ended = Signal(str)

    def __init__(self, module: str, parent: QObject) -> None:
        super().__init__(parent)
        self.module = module
        self._waiting = list(enumerate(compile_commands(module)))
        self._progress = Progress(module)
        self._children: list[ChildProcess] = []
        for _ in self._waiting[: n_children()]:
            self._start()

    def end(self) -> None:
        """Stop the children; nothing is told any more."""
        self.blockSignals(True)
        for child in self._children:
            child.end()
        self.deleteLater()

    def _start(self) -> None:
        number, command = self._waiting.pop(0)
        child = ChildProcess(command, self)
        child.said.connect(partial(self._on_line_said, number))
        child.ended.connect(partial(self._on_child_ended, child))
        self._children.append(child)

    def _on_line_said(self, number: int, line: bytes) -> None:
        self.progressed.emit(self._progress.hear(number, line))

    def _on_child_ended(self, child: ChildProcess, is_well: bool, text: str) -> None:
        self._children.remove(child)
        if not is_well:
            self.ended.emit(text or "a child process ended")
        elif self._waiting:
            self._start()
        elif not self._children:
            self.ended.emit("")


class _Queue(QObject):
    """All that is to be compiled in this process, the newest wish first: somebody waits for that one.

    What gives way loses nothing but the kernel that it was at: those before it lie in the cache.
    """

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[int, KernelCompiler] = {}  # by id, since one may be deleted at any time; the newest last
        self._run: _Run | None = None

    def join(self, client: KernelCompiler) -> None:
        """Put a client to the head."""
        self._clients.pop(id(client), None)
        self._clients[id(client)] = client
        self._go_on()

    def leave(self, key: int, _: QObject | None = None) -> None:
        """Forget the client with the id `key`, and what it alone wanted."""
        if self._clients.pop(key, None) is not None:
            self._go_on()

    def close(self) -> None:
        """Forget all: the program ends, and who wanted something hears nothing any more."""
        self._clients.clear()
        self._go_on()

    def _go_on(self) -> None:
        """Run what the head wants, and nothing else."""
        wanted = next(reversed(self._clients.values())).module if self._clients else None
        if self._run is not None and self._run.module != wanted:
            if isValid(self._run):  # a program that ends without a word to Qt takes it away before its clients
                self._run.end()
            self._run = None
        if self._run is None and wanted is not None:
            self._run = _Run(wanted, self)
            self._run.progressed.connect(self._on_progressed)
            self._run.ended.connect(self._on_run_ended)

    def _on_progressed(self, progress: CompileProgress) -> None:
        assert self._run is not None
        for client in self._of(self._run.module):
            client.progressed.emit(progress)

    def _on_run_ended(self, text: str) -> None:
        run = self._run
        assert run is not None
        if not text:
            mark_kernels_ready(run.module)
        clients = self._of(run.module)
        for client in clients:
            del self._clients[id(client)]
        run.end()
        self._run = None
        self._go_on()
        for client in clients:
            if text:
                client.failed.emit(text)
            else:
                client.finished.emit()

    def _of(self, module: str) -> list[KernelCompiler]:
        return [client for client in self._clients.values() if client.module == module]


@cache
def _queue() -> _Queue:
    """The one of this process."""
    app, queue = QCoreApplication.instance(), _Queue()
    assert app is not None
    app.aboutToQuit.connect(queue.close)
    return queue
