"""A file is written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.atomic import atomic_file, atomic_write, sweep_drafts
from studio.core.error import UserError

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs links and devices")


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "größe 字.bin"
    atomic_write(path, b"one")
    atomic_write(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@posix_only
def test_others_may_read_it_as_usual(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    atomic_write(tmp_path / "new", b"")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "another folder"),
        (errno.EIO, "saved"),
    ],
)
def test_failure_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, "made to fail")

    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match=words):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_refuses_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder does not exist"):
        atomic_write(tmp_path / "missing" / "a.bin", b"")
    with pytest.raises(UserError, match="replaced"):
        atomic_write(tmp_path, b"")


@posix_only
def test_follows_links_but_never_replaces_a_device(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    atomic_write(tmp_path / "link", b"data")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"data"
    (tmp_path / "null").symlink_to("/dev/null")
    with pytest.raises(UserError, match="replaced"):
        atomic_write(tmp_path / "null", b"data")


def test_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with atomic_file(path) as draft:
        draft.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [GeneratorExit(), UserError("no"), OSError(errno.ENOSPC, "full")])
def test_a_block_that_fails_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")

    def write() -> None:
        with atomic_file(path) as draft:
            draft.write_bytes(b"half")
            raise error

    with pytest.raises(UserError if isinstance(error, OSError) else type(error)):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_of_killed_processes_go_and_nothing_else(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    names = [f".{'a' * 16}-{ended.pid}", f".{'a' * 16}", f".{'b' * 16}", f".{'b' * 16}-{os.getpid()}", ".mine"]
    of_ended, of_nobody, young, of_living, foreign = (tmp_path / f"{name}.manifold.tmp" for name in names)
    for path in (of_ended, of_nobody, young, of_living, foreign):
        path.write_bytes(b"half")
        os.utime(path, None if path == young else (1, 1))
    with atomic_file(tmp_path / "a"):
        pass
    assert sorted(tmp_path.iterdir()) == sorted([young, of_living, foreign, tmp_path / "a"])


@pytest.mark.skipif(os.name != "posix", reason="a process is killed")
def test_a_draft_that_a_kill_left_is_known_by_its_name(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from studio.core import atomic\n"
        "atomic._flush = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
        "atomic.atomic_write(sys.argv[1], b'half')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], check=False)
    assert done.returncode == -signal.SIGKILL
    (draft,) = tmp_path.iterdir()
    sweep_drafts(tmp_path)
    assert draft.exists()  # it may still be written to, as far as its age says
    os.utime(draft, (1, 1))
    sweep_drafts(tmp_path)
    assert list(tmp_path.iterdir()) == []
