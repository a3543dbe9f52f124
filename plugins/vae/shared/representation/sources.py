"""Where the pictures of a map come from: those that a model learnt from and was tested on, or a person's folder.

Shapes: B pictures of a batch, H W pixels.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from studio.api.training import (
    AVATAR_LABELS,
    FIELD_SCALE,
    FolderFiles,
    Split,
    load_avatars,
    load_digits,
    load_glyphs,
    walk_folder,
)
from studio.core.character import CHARACTERS
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.pausing import beside, silently
from studio.core.picture import read_picture
from studio.core.place import asset, data_dir
from studio.core.seed import generator
from studio.core.translation import N_
from studio.core.view import ByteArray

from ..ink import Array
from .encoded import FOLDER, MAX_LEFT_OUT, MAX_PLACES

HAIR_COLOURS: Final = (N_("black"), N_("dark brown"), N_("auburn"), N_("dark blond"), N_("blond"))
SKIN_COLOURS: Final = (N_("dark"), N_("brown"), N_("tan"), N_("rosy"), N_("light"))
CLOTHES_COLOURS: Final = (
    *(N_("blue"), N_("green"), N_("black"), N_("grey"), N_("purple")),
    *(N_("red"), N_("white"), N_("yellow"), N_("pink"), N_("orange")),
)
FACE_LABELS: Final = {
    "hair": (N_("Hair"), (N_("bun"), N_("side parting"), N_("spiky hair"), N_("undercut"))),
    "rear_hair": (
        N_("Long hair"),
        (N_("none"), N_("long, straight"), N_("long, wavy"), N_("to the neck"), N_("to the shoulders")),
    ),
    "beard": (
        N_("Beard"),
        (
            *(N_("no beard"), N_("chin beard"), N_("chin beard and moustache")),
            *(N_("full beard"), N_("long beard"), N_("twirled moustache")),
        ),
    ),
    "mouth": (N_("Mouth"), (N_("open mouth"), N_("angry mouth"), N_("laugh"), N_("sad mouth"), N_("smile"))),
    "eyes": (N_("Eyes"), (N_("curved eyes"), N_("happy eyes"), N_("calm eyes"), N_("wide eyes"), N_("wink"))),
    "brows": (
        N_("Brows"),
        (N_("angry brows"), N_("happy brows"), N_("level brows"), N_("raised brows"), N_("sad brows")),
    ),
    "clothes": (N_("Clothes"), (N_("dress"), N_("open jacket"), N_("shirt"), N_("T-shirt"), N_("polo neck"))),
    "hair_colour": (N_("Hair colour"), HAIR_COLOURS),
    "skin_colour": (N_("Skin colour"), SKIN_COLOURS),
    "clothes_colour": (N_("Clothes colour"), CLOTHES_COLOURS),
}


N_AT_ONCE: Final = 8
FULL: Final = {"avatars": "avatars.npz", "digits": "digits.npz", "glyphs": "glyphs/faces.json"}
"""Data sets of models that come along, and the file that is there where the full one was built."""
LETTER: Final = N_("Letter")
SORTS: Final = {"A": N_("capital"), "a": N_("small letter"), "0": N_("digit")}


@dataclass(frozen=True, eq=False)
class Batch:
    """Some pictures with what is known of them.

    Attributes:
        pictures: fields (B, 64, 64), ink (B, H, W) in 0..1 or colours (B, H, W, 3) in 0..1; integers hold
            `unit` times that.
        names: of each. letters: which each draws, "" for models without letters.
        kinds: what each is by each way to sort them.
        is_held_out: whether the model never learnt from them, where that is known.
    """

    pictures: npt.NDArray[Any]
    names: list[str]
    letters: str
    kinds: Sequence[tuple[str, ...]]
    is_held_out: bool
    unit: float = 1.0

    def parts(self) -> Iterator["Batch"]:
        """Yield some of them after others, as numbers that a model encodes."""
        for first in range(0, len(self.names), N_AT_ONCE):
            part = slice(first, first + N_AT_ONCE)
            pictures = self.pictures[part].astype(np.float32) / np.float32(self.unit)
            names, letters, kinds = self.names[part], self.letters[part], self.kinds[part]
            yield replace(self, pictures=pictures, names=names, letters=letters, kinds=kinds, unit=1.0)


class Source(Protocol):
    """Pictures for a map.

    Attributes:
        left_out: what could not be used so far, at most 1,000; `n_left_out` counts all.
        n: how many there are, 0 before that is known.
    """

    left_out: list[str]
    n_left_out: int
    n: int

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the ways to sort them."""

    def content(self) -> Generator[None, None, object]:
        """Find out what the pictures depend on; yields meanwhile."""

    def batches(self) -> Iterator[Batch | None]:
        """Yield some pictures after others, None while they are read."""


@dataclass(eq=False)
class Shipped:
    """The pictures of a model's own data set, all its parts."""

    name: str
    n: int = 0
    left_out: list[str] = field(default_factory=list)
    n_left_out: int = 0

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the ways to sort them."""
        glyphs = LETTER, N_("Typeface family"), N_("Sort of sign")
        faces = tuple(title for title, _kinds in FACE_LABELS.values())
        return {"avatars": faces, "digits": (N_("Digit"),), "glyphs": glyphs}[self.name]

    def content(self) -> Generator[None, None, object]:
        """Which file they lie in."""
        return (yield from beside(self._file))

    def _file(self) -> object:
        full = data_dir() / "datasets" / FULL[self.name]
        found = (full if full.is_file() else asset(f"datasets/{self.name}.npz")).stat()
        return self.name, found.st_size, found.st_mtime_ns

    def batches(self) -> Iterator[Batch | None]:
        """Yield some pictures after others."""
        loaded: list[Batch] = yield from beside(lambda: [LOADERS[self.name](split) for split in Split])
        self.n = sum(len(part.names) for part in loaded)
        for part in loaded:
            yield from part.parts()


def _faces(split: Split) -> Batch:
    found = load_avatars(split)
    kinds = [FACE_LABELS[label][1] for label in AVATAR_LABELS]
    of = [tuple(kinds[column][number] for column, number in enumerate(row)) for row in found.labels]
    names = [f"face {split.value} {number}" for number in range(len(of))]
    return Batch(found.pictures, names, "", of, split is not Split.TRAIN, 255)


def _digits(split: Split) -> Batch:
    found = load_digits(split)
    of = [(str(label),) for label in found.labels]
    names = [f"digit {label}, {split.value} {number}" for number, (label,) in enumerate(of)]
    return Batch(found.pictures, names, "", of, split is not Split.TRAIN, 255)


def _glyphs(split: Split) -> Batch:
    found = load_glyphs(split)
    of = [(letter, family, _sort(letter)) for family in found.families for letter in CHARACTERS]
    names = [f"{name} {letter}" for name in found.names for letter in CHARACTERS]
    fields = found.fields.reshape(-1, *found.fields.shape[2:])
    return Batch(fields, names, CHARACTERS * len(found.names), of, split is not Split.TRAIN, FIELD_SCALE)


def _sort(letter: str) -> str:
    return SORTS["0" if letter.isdigit() else "A" if letter.isupper() else "a"]


LOADERS: Final[dict[str, Callable[[Split], Batch]]] = {"avatars": _faces, "digits": _digits, "glyphs": _glyphs}


@dataclass(eq=False)
class Folder:
    """The pictures in a person's folder and in those within it, which are what they are sorted by, as are letters.

    Of more than 50,000 files some are taken by chance, always the same ones.

    Attributes:
        fitted: makes a picture (H, W, 3) what a model encodes, and says which letter it draws.
    """

    folder: Path
    fitted: Callable[[ByteArray], Generator[None, None, tuple[Array, str]]]
    has_letters: bool = False
    n: int = 0
    left_out: list[str] = field(default_factory=list)
    n_left_out: int = 0
    _found: FolderFiles = field(default_factory=FolderFiles)

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the ways to sort them."""
        return (LETTER, FOLDER) if self.has_letters else (FOLDER,)

    def content(self) -> Generator[None, None, object]:
        """Name, size and time of every file; yields while the folder is looked through."""
        if not self.folder.is_dir():
            raise UserError(
                N_("There is no folder “{name}”.").format(name=printable(str(self.folder))),
                N_("Choose a folder of pictures."),
            )
        self._found = yield from silently(walk_folder(self.folder))
        return self._found.files

    def batches(self) -> Iterator[Batch | None]:
        """Yield some pictures after others, one read at a time, and None between them."""
        files = [name for name, _size, _time in self._found.files]
        if len(files) > MAX_PLACES:
            chosen = generator(0, "map").permutation(len(files))[:MAX_PLACES]
            files = [files[index] for index in sorted(chosen)]
        self.n = len(files)
        for skipped in self._found.closed:
            self._leave_out(skipped.name, skipped.reason)
        found: list[tuple[str, Array, str]] = []
        for name in files:
            try:
                rgb = yield from beside(partial(_pixels, self.folder / name))
                found.append((printable(name), *(yield from self.fitted(rgb))))
            except UserError as error:
                self._leave_out(printable(name), error.title)
            if len(found) == N_AT_ONCE:
                yield self._batch(found)
                found = []
        if found:
            yield self._batch(found)

    def _batch(self, found: list[tuple[str, Array, str]]) -> Batch:
        names, pictures, letters = zip(*found, strict=True)
        folders = [Path(name).parts[0] if len(Path(name).parts) > 1 else self.folder.name for name in names]
        kinds = list(zip(letters, folders, strict=True) if self.has_letters else zip(folders, strict=True))
        return Batch(np.stack(pictures), list(names), "".join(letters), kinds, is_held_out=False)

    def _leave_out(self, name: str, reason: str) -> None:
        self.n_left_out += 1
        if len(self.left_out) < MAX_LEFT_OUT:
            self.left_out.append(f"{name}: {reason.rstrip('.')}")


def _pixels(path: Path) -> ByteArray:
    return read_picture(path).rgb
