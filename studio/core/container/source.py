"""Opens foreign files without ever waiting on a device, and makes foreign names fit to be shown."""

import os
import stat
import unicodedata
from pathlib import Path
from typing import IO, BinaryIO

from studio.core.error import UserError
from studio.core.translation import N_

MAX_LABEL_LENGTH = 120
# Opening a named pipe would otherwise wait for its writer; O_BINARY exists on Windows only.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def printable(text: str) -> str:
    """Return `text` on one line without control, direction and half characters, cut at 120 characters."""
    shown = "".join("\ufffd" if unicodedata.category(char)[0] == "C" else char for char in text[:999])
    return shown if len(shown) <= MAX_LABEL_LENGTH else f"{shown[: MAX_LABEL_LENGTH - 1]}…"


def is_folder(path: Path) -> bool:
    """Whether it is a folder; False also where the system will not say."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether it is a regular file; False also where the system will not say."""
    try:
        return path.is_file()
    except OSError:  # a name too long, a folder that may not be entered
        return False


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; links are followed.

    Raises UserError for anything else (device, pipe, folder, broken link) and where the system refuses.
    """
    try:
        special = _special_kind(path.stat().st_mode)
        if special:
            raise UserError(special)
        descriptor = os.open(path, _OPEN_FLAGS)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise UserError(_refusal(path, error)) from error
    file = os.fdopen(descriptor, "rb")
    special = _special_kind(os.fstat(descriptor).st_mode)  # again: the name may mean another file by now
    if special:
        file.close()
        raise UserError(special)
    return file


def file_size(file: BinaryIO) -> int:
    """Size in bytes; the file is rewound."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def read_exactly(file: IO[bytes], n_bytes: int) -> bytes:
    """Read `n_bytes`; raises UserError when the file ends before."""
    data = file.read(n_bytes)
    if len(data) != n_bytes:
        raise cut_short()
    return data


def cut_short() -> UserError:
    """What to say when a file ends before its own account of it does."""
    return UserError(N_("The file has been cut short."), N_("Copy or download it again."))


def _special_kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISDIR(mode):
        return N_("This is a folder, not a file.")
    if stat.S_ISFIFO(mode):
        return N_("This is a named pipe, not a file.")
    return N_("This is a device or a socket, not a file.")


def _refusal(path: Path, error: Exception) -> str:
    name = printable(path.name)
    if isinstance(error, PermissionError):
        return N_("You do not have permission to read “{name}”.").format(name=name)
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return N_("“{name}” is a link to a file that does not exist.").format(name=name)
        return N_("There is no file called “{name}”.").format(name=name)
    return N_("“{name}” cannot be opened.").format(name=name)
