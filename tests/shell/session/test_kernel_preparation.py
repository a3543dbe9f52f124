"""What the set-up left is compiled in the background, kind by kind."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject

from studio.compute.kernel_cache import are_kernels_ready
from studio.shell.session.kernel_preparation import KernelPreparation

QUICK = "GROUPS = ({'at once': int},)\n"
PATIENCE_MS = 120_000  # its children give way to all other tests
BROKEN = "def fail():\n    raise ValueError('not today')\n\nGROUPS = ({'a': fail},)\n"


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot):
    """Returns what begins to prepare modules of these texts, and what it tells."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", are_kernels_ready)  # where a test takes it
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.fspath(tmp_path / "kernels"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.fspath(tmp_path), *sys.path]))
    monkeypatch.syspath_prepend(tmp_path)
    owner = QObject()

    def begin(**texts: str) -> list[str]:
        for name, text in texts.items():
            monkeypatch.delitem(sys.modules, name, raising=False)
            (tmp_path / f"{name}.py").write_text(text)
        told: list[str] = []
        catalog = SimpleNamespace(kernel_modules=lambda: list(texts))
        preparation = KernelPreparation(catalog, owner, delay_ms=0)  # type: ignore[arg-type]  # all that it asks
        preparation.told.connect(told.append)
        preparation.begin()
        return told

    yield begin
    owner.deleteLater()


def test_all_kinds_are_made_ready_one_after_the_other(prepared, qtbot) -> None:
    told = prepared(one_steps=QUICK, other_steps=QUICK)
    qtbot.waitUntil(lambda: are_kernels_ready("other_steps"), timeout=PATIENCE_MS)
    assert are_kernels_ready("one_steps")
    qtbot.waitUntil(lambda: told[-1] == "", timeout=PATIENCE_MS)
    percents = [int(text.split()[-2]) for text in told if text]
    assert percents == sorted(percents)
    assert percents[-1] == 100


def test_what_is_ready_is_left_alone(prepared, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("studio.shell.session.kernel_preparation.are_kernels_ready", lambda name: True)
    told = prepared(one_steps=QUICK)
    qtbot.waitUntil(lambda: told == [""])
    assert told == [""]


def test_a_kind_that_fails_keeps_no_other_from_its_turn(prepared, qtbot, caplog) -> None:
    prepared(broken_steps=BROKEN, other_steps=QUICK)
    qtbot.waitUntil(lambda: are_kernels_ready("other_steps"), timeout=PATIENCE_MS)
    assert not are_kernels_ready("broken_steps")
    assert "not today" in caplog.text
