"""Catches every failure that nobody expected: writes it down, says so once, and lets the window live."""

import logging
import logging.handlers
import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.translation import N_, _
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label

log = logging.getLogger("studio")

LOG_NAME = "studio.log"
MAX_LOG_BYTES = 1 << 20
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class FailureView(QWidget):
    """Sentence, details, and a button that copies them; `buttons` has room for more."""

    def __init__(self, sentence: str, details: str) -> None:
        super().__init__()
        self.sentence = Label(sentence)
        self.sentence.setWordWrap(True)
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setProperty("role", "mono")
        self.details.setAccessibleName(_("Details of the error"))
        copy = Button(N_("Copy details"), icon_name="copy")
        copy.setObjectName("copy_details")
        copy.clicked.connect(self._on_copy_clicked)
        self.buttons = QHBoxLayout()
        self.buttons.addStretch(1)
        self.buttons.addWidget(copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(self.sentence)
        layout.addWidget(self.details)
        layout.addLayout(self.buttons)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())


def start_log(folder: Path) -> Path:
    """Write log messages of the program to a file that never grows beyond 2 MiB; returns where it is."""
    path = folder / LOG_NAME
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path


def details_of(error: BaseException) -> str:
    """What a developer wants to read: versions and the traceback."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    return f"{system}\n\n{''.join(traceback.format_exception(error))}"


def write_down(error: BaseException) -> None:
    """Put an unexpected failure into the log, with its details; any thread may."""
    log.error("unexpected failure\n%s", details_of(error))


class CrashReporter(QObject):
    """Made on the main thread, where it also shows its dialog; one dialog at a time."""

    _caught = Signal(object)

    def __init__(self, log_path: Path) -> None:
        super().__init__()
        self._log_path = log_path
        self.dialog: CrashDialog | None = None
        self._caught.connect(self._show)

    def install(self) -> None:
        """Take over the hooks of Python, of its threads and of Qt."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_log_qt_message)

    def report(self, error: BaseException) -> None:
        """Write an unexpected failure to the log and show it; may be called on any thread."""
        write_down(error)
        self._caught.emit(error)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.report(error.with_traceback(trace))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value)

    def _show(self, error: BaseException) -> None:
        if self.dialog is None:
            self.dialog = CrashDialog(error, self._log_path)
            self.dialog.finished.connect(self._on_finished)
            self.dialog.open()

    def _on_finished(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS[kind], "%s", message)


class CrashDialog(QDialog):
    """One plain sentence, and the details to copy."""

    def __init__(self, error: BaseException, log_path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Something went wrong"))
        sentence = _(
            "The program made a mistake. Your work is still here, and you can carry on. If it happens again, send "
            "us the details below. They are also in the file {path}."
        )
        self.failure = FailureView(sentence.format(path=log_path), details_of(error))
        close = Button(N_("Carry on"), kind="primary")
        close.clicked.connect(self.accept)
        self.failure.buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.failure)
        self.resize(680, 420)
