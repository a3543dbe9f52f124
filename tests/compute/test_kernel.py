"""Compiled kernels: the layer they run on, and a cache that sees every file they were made from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.compute.kernel_cache import are_kernels_ready, compiled_dir, kernel_dir, mark_kernels_ready
from tests.compute.kernel_family import INNER, OUTER, write_family

ROOT = Path(__file__).parents[2]
RUN = """
import numpy as np
from fam import outer
from studio.compute.kernel import LAYER, check_layer
print(outer.scaled(np.ones(3))[0])
check_layer()
print(LAYER)
"""


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A family with a kernel that calls one of another file, and a cache of its own."""
    monkeypatch.delitem(sys.modules, "fam", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.fspath(tmp_path / "kernels"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.fspath(tmp_path), os.fspath(ROOT)]))
    return write_family(tmp_path)


def _run() -> list[str]:
    done = subprocess.run([sys.executable, "-W", "error", "-c", RUN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def _keys(folder: Path) -> set[str]:
    code = (
        "from pathlib import Path; import sys; from studio.compute.kernel_cache import compiled_dir;"
        "print(*(compiled_dir(Path(name)).name for name in sys.argv[1:]))"
    )
    names = [os.fspath(folder / name) for name in ("outer.py", "inner.py")]
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.long("starts processes of its own")
def test_a_parallel_kernel_runs_on_a_layer_that_two_threads_may_enter(family: Path) -> None:
    assert _run()[1] in {"omp", "tbb"}


@pytest.mark.long("starts processes of its own")
def test_machine_code_is_made_anew_where_a_called_function_of_another_file_changed(family: Path) -> None:
    assert _run()[0] == "2.0"
    before = _keys(family)
    (family / "inner.py").write_text(INNER.format(factor="3.0"))
    assert _run()[0] == "3.0"
    assert not before & _keys(family)


@pytest.mark.long("starts processes of its own")
def test_machine_code_is_kept_where_only_the_caller_changed(family: Path) -> None:
    _run()
    before = _keys(family)
    (family / "outer.py").write_text(OUTER + "# changed\n")
    assert len(before & _keys(family)) == 1


def test_kernels_are_ready_once_marked_and_no_longer_once_a_file_changed(
    family: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert not are_kernels_ready("fam.outer")
    mark_kernels_ready("fam.outer")
    assert are_kernels_ready("fam.outer")
    (family / "inner.py").write_text(INNER.format(factor="3.0"))
    code = "from studio.compute.kernel_cache import are_kernels_ready as ready; print(ready('fam.outer'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_older_sources_left_is_removed(family: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    current = compiled_dir(family / "inner.py")
    old = current.with_name(current.name[:-4] + "0000")
    foreign = current.with_name("other.inner-01234567-" + "0" * 16)
    for made in (old, foreign):
        made.mkdir()
    foreign_source = tmp_path / "other.py"
    foreign_source.touch()
    (foreign / "source").write_text(os.fspath(foreign_source))
    gone = kernel_dir() / "fam.outer-nothing"
    gone.mkdir()
    mark_kernels_ready("fam.outer")
    assert [folder.exists() for folder in (current, old, foreign, gone)] == [True, False, True, False]
    foreign_source.unlink()
    mark_kernels_ready("fam.outer")
    assert not foreign.exists()


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"\x80\x04nonsense"])
def test_broken_machine_code_is_made_anew(family: Path, pattern: str, content: bytes) -> None:
    _run()
    broken = list(kernel_dir().rglob(pattern))
    assert broken
    for path in broken:
        path.write_bytes(content)
    assert _run()[0] == "2.0"
    assert all(path.read_bytes() != content for path in broken)


@pytest.mark.long("starts processes of its own")
def test_a_kernel_of_another_folder_counts(family: Path) -> None:
    (family / "deep").mkdir()
    (family / "deep" / "__init__.py").touch()
    (family / "deep" / "inner.py").write_text(INNER.format(factor="2.0"))
    for line in ("from .deep.inner import factor", "from .deep import inner", "from ..fam.deep import inner"):
        (family / "outer.py").write_text(f"def use():\n    {line}\n")
        before = _keys(family)
        (family / "deep" / "inner.py").write_text(INNER.format(factor="2.0") + f"# {line}\n")
        assert len(before & _keys(family)) == 1


@pytest.mark.parametrize(
    "line", ["from .inner import factor", "from . import (\n    inner,\n)", "from . import inner as i"]
)
def test_every_way_to_import_a_neighbour_counts(family: Path, line: str) -> None:
    (family / "outer.py").write_text(f"def use():\n    {line}\n")
    before = _keys(family)
    (family / "inner.py").write_text(INNER.format(factor="3.0"))
    assert not before & _keys(family)


def test_the_window_may_ask_without_loading_numba() -> None:
    code = (
        "import sys; from studio.compute.kernel_cache import are_kernels_ready as ready;"
        "print(ready('studio.compute.kernel'), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.long("starts processes of its own")
def test_no_kernel_loads_linear_algebra_that_none_uses(family: Path) -> None:
    code = RUN + "import sys; assert 'scipy.linalg' not in sys.modules; import scipy.linalg"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
