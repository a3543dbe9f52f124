"""Writes files so that nobody ever sees half of one."""

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

_DRAFT_SUFFIX = ".manifold.tmp"
_DRAFT_NAME = re.compile(rf"\.[0-9a-f]{{16}}(?:-(\d+))?{re.escape(_DRAFT_SUFFIX)}")
_ABANDONED_S = 3600.0
_SENTENCES = {
    errno.ENOSPC: N_("The disk is full, so “{name}” was not saved. Free some space and try again."),
    errno.EDQUOT: N_("Your disk quota is used up: “{name}” was not saved. Free some space and try again."),
    errno.EACCES: N_("You do not have permission to write “{name}” there. Choose another folder."),
    errno.EPERM: N_("You do not have permission to write “{name}” there. Choose another folder."),
    errno.EROFS: N_("“{name}” cannot be saved there: the disk is read-only. Choose another folder."),
    errno.ENOENT: N_("“{name}” cannot be saved: its folder does not exist."),
    errno.ENOTDIR: N_("“{name}” cannot be saved: its folder does not exist."),
    errno.ENAMETOOLONG: N_("“{name}” cannot be saved: the name is too long."),
}
_OTHERWISE = N_("“{name}” could not be saved.")


def atomic_write(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`: afterwards the whole new file is there, or what was there before.

    A link is followed. Raises UserError where it cannot be written, or a folder or device has that name.
    """
    with _draft_of(path) as draft:
        draft.write_bytes(data)


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Hand out an empty file beside `path` to be written piece by piece; it takes the name of `path` at the end.

    Where the block ends in any other way the draft is gone and `path` is as it was. A draft that a killed process
    left in that folder is removed. A link is followed. Raises UserError where it cannot be written (an OSError in
    the block says so too), or a folder or device has that name.
    """
    with _draft_of(path) as draft:
        sweep_drafts(draft.parent)
        yield draft


@contextmanager
def _draft_of(path: str | Path) -> Iterator[Path]:
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise UserError(N_("“{name}” is not a file that can be replaced.").format(name=printable(target.name)))
    # Not tempfile: its files are readable by their owner only, and the mode would stay.
    draft = target.with_name(f".{secrets.token_hex(8)}-{os.getpid()}{_DRAFT_SUFFIX}")
    try:
        draft.open("xb").close()
        yield draft
        _flush(draft)
        draft.replace(target)
    except OSError as error:
        sentence = _SENTENCES.get(error.errno or 0, _OTHERWISE)
        raise UserError(sentence.format(name=printable(target.name))) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sweep_drafts(folder: Path) -> None:
    """Remove what killed processes left there half written: drafts of no living process, an hour old at least."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f".*{_DRAFT_SUFFIX}"):
            name = _DRAFT_NAME.fullmatch(path.name)
            if name and time.time() - path.stat().st_mtime > _ABANDONED_S and not _is_alive(name[1]):
                path.unlink(missing_ok=True)


def _is_alive(pid: str | None) -> bool:
    """Whether the process of a draft still runs; drafts of earlier versions do not say whose they are."""
    import psutil

    return pid is not None and psutil.pid_exists(int(pid[:9]))
