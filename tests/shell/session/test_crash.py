"""Unexpected failures are written down, shown once, and survived."""

import logging
import sys
import threading

import pytest
from PySide6.QtCore import Qt, qInstallMessageHandler, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from studio.shell.session import crash
from studio.shell.session.crash import CrashReporter, details_of, start_log


@pytest.fixture
def log_path(tmp_path):
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield start_log(tmp_path)
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@pytest.fixture
def reporter(qapp, log_path, caplog):
    reporter = CrashReporter(log_path)
    yield reporter
    if reporter.dialog is not None:
        reporter.dialog.accept()


@pytest.fixture
def installed(reporter, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    reporter.install()
    yield reporter
    qInstallMessageHandler(None)


def failure() -> Exception:
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        return error


def test_a_failure_is_shown_with_details_that_can_be_copied(reporter, log_path, qtbot):
    reporter.report(failure())
    dialog = reporter.dialog
    assert dialog.isVisible()
    assert str(log_path) in dialog.failure.sentence.text()
    qtbot.mouseClick(dialog.failure.findChild(QPushButton, "copy_details"), Qt.MouseButton.LeftButton)
    assert "ZeroDivisionError: by nothing" in QGuiApplication.clipboard().text()
    assert "Python" in QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: by nothing" in log_path.read_text()


def test_there_is_one_dialog_at_a_time(reporter):
    reporter.report(failure())
    first = reporter.dialog
    reporter.report(failure())
    assert reporter.dialog is first
    first.accept()
    assert reporter.dialog is None
    reporter.report(failure())
    assert reporter.dialog is not None


def test_the_hooks_catch_what_nobody_caught(installed, qtbot):
    error = failure()
    sys.excepthook(type(error), error, error.__traceback__)
    assert "by nothing" in installed.dialog.failure.details.toPlainText()


def test_a_failing_thread_is_shown_on_the_main_thread(installed, qtbot):
    def fail() -> None:
        raise KeyError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: installed.dialog is not None)
    assert "in a thread" in installed.dialog.failure.details.toPlainText()


@pytest.mark.qt_no_exception_capture
def test_messages_of_qt_go_to_the_log(installed, log_path):
    qWarning("a strange thing")
    assert "WARNING qt: a strange thing" in log_path.read_text()


def test_details_name_the_system():
    assert details_of(failure()).startswith(f"Python {sys.version_info.major}.")
    assert crash.LOG_NAME.endswith(".log")
