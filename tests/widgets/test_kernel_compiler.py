"""Compiling kernels beside the window."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QProcess

from studio.compute.kernel_compile import CompileProgress
from studio.core.child import child_command
from studio.widgets.child_process import ChildProcess, _kill
from studio.widgets.kernel_compiler import KernelCompiler

ENDLESS = "import threading\nGROUPS = ({'for ever': threading.Event().wait},) * 2\n"
QUICK = "GROUPS = ({'at once': int},)\n"


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot):
    """Returns what makes one for a module of this text."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.fspath(tmp_path / "kernels"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("studio.widgets.kernel_compiler.n_children", lambda: 2)
    owner = QObject()

    def make(text: str, module: str = "steps") -> KernelCompiler:
        monkeypatch.delitem(sys.modules, module, raising=False)
        (tmp_path / f"{module}.py").write_text(text)
        return KernelCompiler(module, owner)

    yield make
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: not _processes())


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
    qtbot.waitUntil(lambda: not _processes())


def test_it_ends_with_its_owner(compiler, qtbot) -> None:
    made = compiler(ENDLESS)
    with qtbot.waitSignal(made.progressed):
        made.begin()
    made.deleteLater()  # its owner would do the same
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: not _processes())


def test_it_ends_with_the_program(compiler, qtbot) -> None:
    made = compiler(ENDLESS)
    with qtbot.waitSignal(made.progressed):
        made.begin()
    app = QCoreApplication.instance()
    assert app is not None
    app.aboutToQuit.emit()
    qtbot.waitUntil(lambda: not _processes())
    made.end()  # as when it goes afterwards


def test_no_more_children_run_than_there_are_cores(compiler, qtbot) -> None:
    made = compiler(ENDLESS.replace("* 2", "* 5"))
    with qtbot.waitSignal(made.progressed):
        made.begin()
    assert len(_processes()) == 2


@pytest.mark.long("computes for long")
def test_waiting_groups_have_their_turn(compiler, qtbot) -> None:
    made = compiler("GROUPS = tuple({str(n): int} for n in range(5))\n")
    told: list[CompileProgress] = []
    made.progressed.connect(told.append)
    with qtbot.waitSignal(made.finished):
        made.begin()
    assert {step.n_steps for step in told} == {5}


def test_who_comes_last_has_the_first_turn_and_who_gave_way_goes_on(compiler, qtbot) -> None:
    slow, quick = compiler(ENDLESS, "slow_steps"), compiler(QUICK, "quick_steps")
    with qtbot.waitSignal(slow.progressed):
        slow.begin()
    with qtbot.waitSignals([quick.finished, slow.progressed]):
        quick.begin()
    assert quick.are_ready()
    qtbot.waitUntil(lambda: len(_processes()) == 2)


def test_two_panels_of_a_kind_compile_once(compiler, qtbot) -> None:
    one, owner = compiler(QUICK), QObject()
    other = KernelCompiler("steps", owner)
    with qtbot.waitSignals([one.finished, other.finished]):
        one.begin()
        other.begin()
        assert len(_processes()) == 1
    owner.deleteLater()


def test_children_end_with_a_parent_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No signal reaches them then; they see that their standard input ends."""
    (tmp_path / "steps.py").write_text(ENDLESS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.fspath(tmp_path), *sys.path]))
    child = subprocess.Popen(
        child_command("studio.compute.kernel_compile:main", "steps", "0"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert b"for ever" in child.stdout.readline()
    child.stdin.close()  # what the system does when the parent is gone
    assert child.wait(timeout=60) != 0
    child.stdout.close()


def test_a_child_that_is_killed_at_the_end_says_nothing(qtbot) -> None:
    owner = QObject()
    child = ChildProcess([sys.executable, "-c", "input()"], owner)
    ended: list[bool] = []
    child.ended.connect(lambda *news: ended.append(True))
    app = QCoreApplication.instance()
    assert app is not None
    for process in _processes():
        _kill(process)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not ended


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
