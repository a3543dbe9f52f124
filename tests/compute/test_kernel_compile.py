"""The child process that compiles a family's kernels."""

import os
import sys
from pathlib import Path

import pytest

from studio.compute.kernel_cache import are_kernels_ready, kernel_dir
from studio.compute.kernel_compile import CompileProgress, compile_kernels
from tests.compute.kernel_family import write_family

MODULE = "fam.warm_up"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path for families, with a cache beside them."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.fspath(tmp_path / "kernels"))
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("fam", MODULE):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def test_it_tells_how_far_it_is_and_then_the_kernels_are_ready(place: Path) -> None:
    write_family(place)
    assert not are_kernels_ready(MODULE)
    told = list(compile_kernels(MODULE))
    assert told == [CompileProgress(0, 2, "inner"), CompileProgress(1, 2, "outer"), CompileProgress(2, 2, "")]
    assert are_kernels_ready(MODULE)
    assert list(kernel_dir().rglob("*.nbc"))
    assert MODULE not in sys.modules


def test_a_failure_says_why_and_leaves_nothing_marked(place: Path) -> None:
    write_family(place, warm_up="def fail():\n    raise ValueError('no such loop')\n\nSTEPS = {'a': fail}\n")
    with pytest.raises(RuntimeError, match="no such loop"):
        list(compile_kernels(MODULE))
    assert not are_kernels_ready(MODULE)


def test_closing_the_iterator_ends_the_child(place: Path) -> None:
    write_family(place, warm_up="import threading\nSTEPS = {'for ever': threading.Event().wait}\n")
    told = compile_kernels(MODULE)
    assert next(told) == CompileProgress(0, 1, "for ever")
    told.close()  # type: ignore[attr-defined]  # comes back, which it would not while the child lives
    assert not are_kernels_ready(MODULE)
