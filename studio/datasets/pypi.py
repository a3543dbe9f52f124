"""Fetches a source archive from the Python package index: pinned by its hash, only downloaded, nothing is installed."""

import subprocess
import sys
from pathlib import Path

from studio.core.error import UserError
from studio.core.text import N_


def fetch_source(requirement: str, sha256: str, folder: Path) -> Path:
    """Download the source archive of "name==version" into an empty folder; returns its path.

    pip reads the package's name out of an archive, which may run what builds it: so it must be the one with this hash.

    Raises:
        UserError: pip is missing, or could not fetch it.
    """
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(wanted)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tar.gz"))
    if result.returncode or len(archives) != 1:
        raise UserError(
            N_("pip could not fetch the package “{name}”.").format(name=requirement), N_("Is this computer online?")
        )
    return archives[0]
