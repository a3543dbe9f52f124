"""A file is written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from studio.core.atomic import atomic_file, atomic_write
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
    abandoned, busy, foreign = (
        tmp_path / name for name in (f".{'a' * 16}.manifold.tmp", f".{'b' * 16}.manifold.tmp", ".mine.manifold.tmp")
    )
    for path in (abandoned, busy, foreign):
        path.write_bytes(b"half")
    for path in (abandoned, foreign):
        os.utime(path, (1, 1))
    with atomic_file(tmp_path / "a"):
        pass
    assert sorted(tmp_path.iterdir()) == sorted([busy, foreign, tmp_path / "a"])
