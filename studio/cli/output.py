"""Checks where a result shall go before anything is computed, and writes it there whole or not at all."""

import os
from collections.abc import Sequence
from pathlib import Path

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_


def check(path: Path, suffixes: Sequence[str]) -> None:
    """Raise UserError where `path` cannot be written, or where its suffix names none of the formats."""
    if path.suffix.lower() not in suffixes:
        raise UserError(
            N_("“{name}” has no file extension that can be written here.").format(name=printable(path.name)),
            N_("You can use: {known}.").format(known=", ".join(suffixes)),
        )
    check_place(path)


def check_place(path: Path) -> None:
    """Raise UserError where no file can be written at `path`."""
    name = printable(str(path))
    try:
        if path.is_dir():
            raise UserError(N_("“{name}” is a folder.").format(name=name), N_("Give the name of a file."))
        if path.exists() and not path.is_file():
            raise UserError(N_("“{name}” is a device or a pipe, not a file.").format(name=name))
        if not path.parent.is_dir():
            raise UserError(N_("There is no folder “{name}”.").format(name=printable(str(path.parent))))
        is_writable = os.access(path if path.exists() else path.parent, os.W_OK)
    except OSError as error:  # such as a name that is too long
        raise UserError(N_("“{name}” cannot be used as a file name.").format(name=name)) from error
    if not is_writable:
        raise UserError(N_("You do not have permission to write “{name}”.").format(name=name))


def make_folder(path: Path) -> None:
    """Make a folder and those above it; raises UserError where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The folder “{name}” cannot be created.").format(name=printable(str(path))), N_("Choose another one.")
        ) from error
