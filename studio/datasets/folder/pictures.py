"""A training set out of a folder of one's own pictures: what cannot be used is said and left out."""

import contextlib
import hashlib
import json
import os
import time
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import psutil
from numpy.typing import NDArray

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.picture import MIN_PICTURES, fit_square, read_picture
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_count

Framing: TypeAlias = Literal["crop", "fit"]

MAX_FILES: Final = 200_000
MAX_SKIPPED: Final = 1000
MAX_KEPT_SETS: Final = 3
HELD_OUT_SHARE: Final = 0.05
MAX_HELD_OUT: Final = 1000
VERSION: Final = 2
NUMBERS: Final = ("n_skipped", "n_doubles", "n_enlarged")
YIELD_S: Final = 0.05
WHITE: Final = (255, 255, 255)


@dataclass(frozen=True)
class Skipped:
    """A file that was left out: its path within the folder, fit to be shown, and why."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class FolderPictures:
    """The pictures of a folder.

    Attributes:
        pictures: (N, size, size, 3) uint8 sRGB, in an order that depends on their content alone.
        splits: (N,) the part to which each belongs.
        names: (N,) the path of each within the folder.
        skipped: files that could not be used, at most 1,000 of them; `n_skipped` counts all.
        n_doubles: files left out since another one shows the same.
        n_enlarged: pictures that were smaller than half of size, where such are taken.
    """

    pictures: NDArray[np.uint8]
    splits: NDArray[np.str_]
    names: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    n_skipped: int = 0
    n_doubles: int = 0
    n_enlarged: int = 0

    def part(self, split: Split) -> NDArray[np.uint8]:
        """The pictures of one part, (N, size, size, 3)."""
        chosen: NDArray[np.uint8] = self.pictures[self.splits == split.value]
        return chosen


@dataclass
class FolderFiles:
    """What a walk through a folder has found: paths within it with size and time, and what it could not enter."""

    files: list[tuple[str, int, int]] = field(default_factory=list)
    closed: list[Skipped] = field(default_factory=list)


def load_folder(
    folder: Path, size_px: int, framing: Framing = "crop", enlarges: bool = False
) -> Generator[Progress, None, FolderPictures]:
    """Read all pictures in a folder and those within it; yields the progress, several times a second.

    Each becomes a square of size_px: its middle ("crop"), or all of it on white ("fit"), shrunk by averaging areas.
    Those with a side below half of that are left out, since a model would learn how enlarging looks, or are enlarged
    where they are only looked at (`enlarges`; bicubic).
    The result is kept in the data folder, so that the next time is quick unless a file has changed.

    Raises:
        UserError: there is no such folder, or it has fewer than 16 pictures or more files than memory allows.
    """
    if not folder.is_dir():
        raise UserError(
            N_("There is no folder “{name}”.").format(name=printable(str(folder))), N_("Choose a folder of pictures.")
        )
    found = yield from walk_folder(folder)
    _check_memory(len(found.files), size_px)
    kept = data_dir() / "datasets" / "folders" / f"{_fingerprint(found, size_px, framing, enlarges)}.npz"
    pictures = _read_kept(kept, size_px)
    if pictures is None:
        pictures = yield from _read(folder, found, size_px, framing, enlarges)
        _keep(kept, pictures)
    _check_number(pictures)
    return pictures


def walk_folder(folder: Path) -> Generator[Progress, None, FolderFiles]:
    """List the files of a folder and of those within it; raises UserError where they are more than 200,000."""
    found, last = FolderFiles(), time.monotonic()
    for entry in _entries(folder, found):
        found.files.append(entry)
        if len(found.files) > MAX_FILES:
            raise UserError(
                N_("The folder contains more than {n:,} files.").format(n=MAX_FILES), N_("Choose a smaller one.")
            )
        if time.monotonic() - last > YIELD_S:
            yield Progress(0.0, N_("Looking through the folder: {n:,} files").format(n=len(found.files)))
            last = time.monotonic()
    found.files.sort()
    return found


def _entries(folder: Path, found: FolderFiles) -> Iterator[tuple[str, int, int]]:
    """The files of a folder and of those within it; links to folders are not followed, since they may lead around."""

    def note(error: OSError) -> None:
        found.closed.append(
            Skipped(_shown(folder, str(error.filename)), N_("You do not have permission to open this folder."))
        )

    for place, _, names in os.walk(folder, onerror=note):
        for name in names:
            path = Path(place, name)
            try:
                about = path.stat()
            except OSError:
                found.closed.append(Skipped(_shown(folder, str(path)), N_("This link leads nowhere.")))
                continue
            yield os.path.relpath(path, folder), about.st_size, about.st_mtime_ns


def _shown(folder: Path, path: str) -> str:
    return printable(os.path.relpath(path, folder))


def _check_memory(n_files: int, size_px: int) -> None:
    n_bytes = 2 * n_files * 3 * size_px**2  # once more while they are put in order
    if n_bytes > psutil.virtual_memory().available:
        raise UserError(
            N_("The pictures in this folder need more memory than there is."), N_("Choose a folder with fewer of them.")
        )


def _fingerprint(found: FolderFiles, size_px: int, framing: Framing, enlarges: bool) -> str:
    """What the result depends on: how it is made, and the name, size and time of every file."""
    text = json.dumps([VERSION, size_px, framing, enlarges, found.files])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class _Collection:
    """The pictures so far, each once."""

    def __init__(self, n_files: int, size_px: int) -> None:
        self._squares = np.empty((n_files, size_px, size_px, 3), np.uint8)  # memory is taken when it is written to
        self._keys: dict[str, int] = {}
        self._names: list[str] = []
        self._skipped: list[Skipped] = []
        self._n_skipped = 0
        self._n_doubles = 0
        self._n_enlarged = 0

    def add(self, square: NDArray[np.uint8], name: str, is_enlarged: bool) -> None:
        key = hashlib.sha256(square.tobytes()).hexdigest()
        if key in self._keys:
            self._n_doubles += 1
            return
        self._squares[len(self._keys)] = square
        self._keys[key] = len(self._keys)
        self._names.append(name)
        self._n_enlarged += is_enlarged

    def skip(self, skipped: Skipped) -> None:
        self._n_skipped += 1
        if len(self._skipped) < MAX_SKIPPED:
            self._skipped.append(skipped)

    def result(self) -> FolderPictures:
        keys = sorted(self._keys)
        n_held_out = min(MAX_HELD_OUT, max(2, round(HELD_OUT_SHARE * len(keys))))
        splits = split_by_count([f"picture {key}" for key in keys], n_held_out, n_held_out)
        return FolderPictures(
            self._squares[[self._keys[key] for key in keys]],
            np.array([part.value for part in splits], np.str_),
            tuple(self._names[self._keys[key]] for key in keys),
            tuple(self._skipped),
            self._n_skipped,
            self._n_doubles,
            self._n_enlarged,
        )


def _read(
    folder: Path, found: FolderFiles, size_px: int, framing: Framing, enlarges: bool
) -> Generator[Progress, None, FolderPictures]:
    collection, n_files = _Collection(len(found.files), size_px), len(found.files)
    for skipped in found.closed:
        collection.skip(skipped)
    last = time.monotonic()
    for number, (name, _, _) in enumerate(found.files):
        try:
            square, is_enlarged = _square(folder / name, size_px, framing, enlarges)
            collection.add(square, name, is_enlarged)
        except UserError as error:
            collection.skip(Skipped(printable(name), error.title))
        if time.monotonic() - last > YIELD_S:
            sentence = N_("Reading the pictures: {n:,} of {total:,}").format(n=number + 1, total=n_files)
            yield Progress((number + 1) / n_files, sentence)
            last = time.monotonic()
    return collection.result()


def _square(path: Path, size_px: int, framing: Framing, enlarges: bool) -> tuple[NDArray[np.uint8], bool]:
    """One picture as (size, size, 3), and whether it had to be enlarged; raises UserError where it cannot be used."""
    rgb = read_picture(path).rgb
    shorter, longer = sorted(rgb.shape[:2])
    if shorter < size_px // 2 and not enlarges:
        raise UserError(N_("The picture has only {n} pixels on a side.").format(n=shorter))
    return framed(rgb, size_px, framing), (longer if framing == "fit" else shorter) < size_px // 2


def framed(rgb: NDArray[np.uint8], size_px: int, framing: Framing) -> NDArray[np.uint8]:
    """A picture (h, w, 3) as a square (size, size, 3): its middle, or all of it on white."""
    height, width = rgb.shape[:2]
    shorter = min(height, width)
    if framing == "crop":
        top, left = (height - shorter) // 2, (width - shorter) // 2
        rgb = rgb[top : top + shorter, left : left + shorter]
    return fit_square(np.ascontiguousarray(rgb), size_px, WHITE)


def _check_number(pictures: FolderPictures) -> None:
    n = len(pictures.pictures)
    if n >= MIN_PICTURES:
        return
    problem = N_("The folder has {n} pictures that can be used; at least {least} are needed.").format(
        n=n, least=MIN_PICTURES
    )
    raise UserError(problem, skipped_sentence(pictures, 3) or N_("Choose a folder with more pictures."))


def skipped_sentence(pictures: FolderPictures, n_named: int = 10) -> str:
    """Which files were left out and why, the first few by name; empty where there were none."""
    if not pictures.n_skipped:
        return ""
    named = "; ".join(f"{one.name}: {one.reason.rstrip('.')}" for one in pictures.skipped[:n_named])
    more = "; …" if pictures.n_skipped > n_named else "."
    return N_("Files left out: {n:,}. {named}").format(n=pictures.n_skipped, named=named) + more


def left_out_sentence(left_out: tuple[str, ...], n_named: int = 5) -> str:
    """The same for files that have a sentence each."""
    named = " ".join(left_out[:n_named]) + (" …" if len(left_out) > n_named else "")
    return N_("Files left out: {n:,}. {named}").format(n=len(left_out), named=named)


def _read_kept(path: Path, size_px: int) -> FolderPictures | None:
    """What was kept, None where there is nothing or it is damaged."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            pictures, splits, about = file["pictures"], file["splits"], json.loads(str(file["about"]))
        if pictures.shape != (len(splits), size_px, size_px, 3) or pictures.dtype != np.uint8:
            return None
        os.utime(path)
        skipped = tuple(Skipped(*one) for one in about["skipped"])
        names = tuple(str(name) for name in about["names"])
        numbers = (about[number] for number in NUMBERS)
        return FolderPictures(pictures, splits, names, skipped, *numbers)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path: Path, pictures: FolderPictures) -> None:
    """Keep a set for the next time, and forget those not used for longest; without room it is read anew then."""
    about: dict[str, Any] = {
        "names": pictures.names,
        "skipped": [[one.name, one.reason] for one in pictures.skipped],
        **{number: getattr(pictures, number) for number in NUMBERS},
    }
    unfinished = path.with_name(f"{path.stem}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            np.savez(file, pictures=pictures.pictures, splits=pictures.splits, about=np.array(json.dumps(about)))
        unfinished.replace(path)
        sets = sorted(path.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in sets[MAX_KEPT_SETS:]:
            old.unlink(missing_ok=True)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
