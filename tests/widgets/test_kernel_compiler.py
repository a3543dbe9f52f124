"""Compiling kernels beside the window."""

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QProcess

from studio.compute.kernel_compile import CompileProgress
from studio.widgets.child_process import ChildProcess
from studio.widgets.kernel_compiler import KernelCompiler

ENDLESS = "import threading\nGROUPS = ({'for ever': threading.Event().wait},) * 2\n"


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp):
    """Returns what makes one for a module of this text."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.fspath(tmp_path / "kernels"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "steps", raising=False)
    owner = QObject()

    def make(text: str) -> KernelCompiler:
        (tmp_path / "steps.py").write_text(text)
        return KernelCompiler("steps", owner)

    yield make
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_it_tells_how_far_it_is(compiler, qtbot) -> None:
    made = compiler("GROUPS = ({'one': int, 'two': int}, {'three': int})\n")
    told: list[CompileProgress] = []
    made.progressed.connect(told.append)
    assert not made.are_ready()
    with qtbot.waitSignal(made.finished):
        made.begin()
        made.begin()
    assert {step.title for step in told} <= {"one", "two", "three", ""}  # which are told depends on who is quicker
    done = [step.n_done for step in told]
    assert done == sorted(done)
    assert told[-1] == CompileProgress(3, 3, "")
    assert made.are_ready()


def test_a_failure_says_why(compiler, qtbot) -> None:
    made = compiler("def fail():\n    raise ValueError('not today')\n\nGROUPS = ({'a': fail},)\n")
    with qtbot.waitSignal(made.failed) as failed:
        made.begin()
    assert "not today" in failed.args[0]


def _processes() -> list[QProcess]:
    app = QCoreApplication.instance()
    assert app is not None
    return [p for p in app.findChildren(QProcess) if p.state() is not QProcess.ProcessState.NotRunning]


def test_it_can_be_stopped(compiler, qtbot) -> None:
    made = compiler(ENDLESS)
    with qtbot.waitSignal(made.progressed):
        made.begin()
    assert len(_processes()) == 2
    made.end()
    assert not _processes()


def test_it_ends_with_its_owner(compiler, qtbot) -> None:
    made = compiler(ENDLESS)
    with qtbot.waitSignal(made.progressed):
        made.begin()
    made.deleteLater()  # its owner would do the same
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not _processes()


def test_a_program_that_is_missing_ends_at_once(qtbot, tmp_path: Path) -> None:
    owner = QObject()
    child = ChildProcess([os.fspath(tmp_path / "nothing")], owner)
    with qtbot.waitSignal(child.ended):
        pass
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_limit_ends_it(qtbot) -> None:
    owner = QObject()
    child = ChildProcess([sys.executable, "-c", "import threading; threading.Event().wait()"], owner, limit_ms=100)
    with qtbot.waitSignal(child.ended):
        pass
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
