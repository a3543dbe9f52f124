"""Writes files so that nobody ever sees half of one."""

import contextlib
import errno
import os
import secrets
from pathlib import Path

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.text import N_

_SENTENCES = {
    errno.ENOSPC: N_("The disk is full, so “{name}” was not saved. Free some space and try again."),
    errno.EDQUOT: N_(
        "Your disk quota is used up: “{name}” was not saved. Free some space and try again."
    ),
    errno.EACCES: N_("“{name}” may not be written there. Choose another folder."),
    errno.EPERM: N_("“{name}” may not be written there. Choose another folder."),
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
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise UserError(
            N_("“{name}” is not a file that can be replaced.").format(name=printable(target.name))
        )
    # Not tempfile: its files are readable by their owner only, and the mode would stay.
    draft = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        sentence = _SENTENCES.get(error.errno or 0, _OTHERWISE)
        raise UserError(sentence.format(name=printable(target.name))) from error
