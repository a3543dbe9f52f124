"""The child process that compiles a family's kernels."""

import os
import sys
from pathlib import Path

import pytest

from studio.compute import kernel_compile
from studio.compute.kernel_cache import are_kernels_ready, kernel_dir
from studio.compute.kernel_compile import CompileProgress, compile_kernels, prepare_kernels
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


@pytest.mark.long("starts processes of its own")
def test_it_tells_how_far_it_is_and_then_the_kernels_are_ready(place: Path) -> None:
    write_family(place)
    assert not are_kernels_ready(MODULE)
    told = list(compile_kernels(MODULE))
    assert [step.n_steps for step in told] == [3] * len(told)
    assert [step.n_done for step in told] == sorted(step.n_done for step in told)
    assert told[-1].n_done == 3
    assert "outer" in {step.title for step in told}
    assert are_kernels_ready(MODULE)
    assert list(kernel_dir().rglob("*.nbc"))
    assert not {"fam.outer", "fam.inner"} & set(sys.modules)


def test_a_failure_says_why_and_leaves_nothing_marked(place: Path) -> None:
    fails = "def fail():\n    raise ValueError('no such loop')\n\nGROUPS = ({'a': fail}, {'b': int})\n"
    write_family(place, warm_up=fails)
    with pytest.raises(RuntimeError, match="no such loop"):
        list(compile_kernels(MODULE))
    assert not are_kernels_ready(MODULE)


def test_closing_the_iterator_ends_the_child(place: Path) -> None:
    write_family(place, warm_up="import threading\nGROUPS = ({'for ever': threading.Event().wait},) * 2\n")
    told = compile_kernels(MODULE)
    assert next(told) == CompileProgress(0, 2, "for ever")
    told.close()  # type: ignore[attr-defined]  # comes back, which it would not while the child lives
    assert not are_kernels_ready(MODULE)


def test_more_groups_than_cores_are_compiled_one_after_the_other(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_compile, "n_children", lambda: 1)
    write_family(place, warm_up="GROUPS = tuple({f'step {n}': int} for n in range(3))\n")
    told = [step.title for step in compile_kernels(MODULE)]
    assert told == ["step 0", "", "step 1", "", "step 2", ""]


def test_kernels_that_cannot_be_compiled_apart_are_told_and_compiled_later(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_family(place, warm_up="def fail():\n    raise ValueError('no child')\n\nGROUPS = ({'a': fail},)\n")
    prepare_kernels(MODULE)
    prepare_kernels.cache_clear()
    assert "no child" in caplog.text
