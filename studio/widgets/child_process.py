"""A child process that tells its lines to the window, and ends with whoever wanted it."""

from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal

from studio.core.child import child_environment

_END_WAIT_MS: Final = 1000


class ChildProcess(QObject):
    """Runs one command, once.

    Signals:
        said(line): bytes, each line of its standard output.
        ended(is_well, text): it is over; whether by itself and with success, and what it wrote to its standard error.
    """

    said = Signal(bytes)
    ended = Signal(bool, str)

    def __init__(self, command: list[str], parent: QObject, limit_ms: int | None = None) -> None:
        """`limit_ms` is when it is killed."""
        super().__init__(parent)
        app = QCoreApplication.instance()
        assert app is not None
        process = self._process = QProcess(app)  # outlives `parent`, which may be deleted at any time
        environment = QProcessEnvironment()
        for name, value in child_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._on_line_said)
        process.finished.connect(self._on_ended)
        process.errorOccurred.connect(self._on_failed)
        app.aboutToQuit.connect(partial(_kill, process, _END_WAIT_MS))
        self.destroyed.connect(partial(_kill, process))
        if limit_ms is not None:
            QTimer.singleShot(limit_ms, process, process.kill)
        process.start(command[0], command[1:])

    def end(self) -> None:
        """Kill it; nothing is told any more."""
        self.blockSignals(True)
        self.deleteLater()
        _kill(self._process)

    def _on_line_said(self) -> None:
        while self._process.canReadLine():
            self.said.emit(bytes(self._process.readLine().data()))

    def _on_failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # whatever else goes wrong, `finished` comes
            self.ended.emit(False, self._process.errorString())

    def _on_ended(self) -> None:
        self._on_line_said()
        process = self._process
        is_well = process.exitStatus() is QProcess.ExitStatus.NormalExit and process.exitCode() == 0
        self.ended.emit(is_well, bytes(process.readAllStandardError().data()).decode("utf-8", "replace"))
        self.deleteLater()


def _kill(process: QProcess, wait_ms: int = 0) -> None:
    """Let it end and go, without waiting for it unless the program ends; who killed it hears nothing of its end."""
    try:
        if process.state() is QProcess.ProcessState.NotRunning:
            process.deleteLater()
            return
        process.finished.connect(process.deleteLater)  # Qt complains of one that is deleted while it runs
        process.kill()
        if wait_ms:
            process.waitForFinished(wait_ms)
    except RuntimeError:  # it is deleted already
        return
