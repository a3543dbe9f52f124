"""The flat pictures of a folder (icons, logos, drawings) as maps of the few colours that they share."""

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.pausing import beside
from studio.core.picture import MIN_PICTURES, is_picture, picture_size, read_picture
from studio.core.translation import N_
from studio.datasets.folder.palette import Palette, colours_met
from studio.datasets.folder.pictures import FolderPictures, Framing, framed
from studio.datasets.part_maps import PartMaps, packed_map
from studio.datasets.progress import Progress
from studio.datasets.split import Split

T = TypeVar("T")

MAP_SIDES_PX: Final = 512, 256, 128
MOST_PICTURES: Final = 3000
N_LOOKED_AT: Final = 100
GLANCE_PX: Final = 128
N_GLANCES: Final = 3
N_NAMES_SEEN: Final = 2000
LEAST_FLAT: Final = 0.4  # icons have 0.9 and more, those that are JPEG files 0.6, photos on white 0.25


@dataclass(frozen=True, eq=False)
class FlatLook:
    """What some pictures have in common: their palette, how flat they are (0..1), and how large their maps are."""

    palette: Palette
    flatness: float
    size_px: int

    @property
    def is_flat(self) -> bool:
        """Whether few colours explain what is in them."""
        return self.flatness >= LEAST_FLAT

    @property
    def sentence(self) -> str:
        """The same in words."""
        return N_("{n} shared colours explain {share:.0f} % of what is in them.").format(
            n=len(self.palette.colours), share=100 * self.flatness
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class FlatPictures(FolderPictures):
    """The same with their parts.

    Attributes:
        maps: of each picture.
        look: the colours that they share.
    """

    maps: PartMaps
    look: FlatLook

    def maps_of(self, split: Split) -> PartMaps:
        """The maps of one part, in the order of its pictures."""
        return self.maps.only(np.flatnonzero(self.splits == split.value))

    def ranges(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The darkest that a part can be in each channel (K, 3), and how much more it is at most in any (K,)."""
        lowest, highest = self.maps.colours.min(0), self.maps.colours.max(0)
        widest = (highest - lowest).max(1)  # (K,)
        return np.minimum(lowest, 1 - widest[:, None]), widest


def is_flat_folder(folder: Path) -> bool:
    """Whether the first pictures of a folder are flat, at a glance: some of them, small."""
    files = [path for path in islice(folder.rglob("*"), N_NAMES_SEEN) if is_picture(path) and path.is_file()]
    if len(files) < MIN_PICTURES:
        return False
    squares = []
    for path in sorted(files)[:: len(files) // N_GLANCES]:
        with suppress(UserError):
            squares.append(_square(path, GLANCE_PX, "fit"))
    return bool(squares) and _look(squares).is_flat


def look_at_flat(folder: Path, pictures: FolderPictures, framing: Framing) -> Generator[Progress, None, FlatLook]:
    """Find the colours that some pictures of a folder share; raises UserError where these explain too little."""
    names = pictures.names[:: 1 + len(pictures.names) // N_LOOKED_AT]
    sides = [min(picture_size(folder / name)) for name in names]
    size_px = next((side for side in MAP_SIDES_PX if side <= np.median(sides)), MAP_SIDES_PX[-1])
    squares, label = [], N_("Looking for shared colours")
    for number, name in enumerate(names):
        work = partial(_square, folder / name, size_px, framing)
        squares.append((yield from _beside(work, Progress((number + 1) / len(names), label))))
    look = yield from _beside(partial(_look, squares), Progress(1.0, label))
    if not look.is_flat:
        problem = N_("These pictures are not flat. {found}").format(found=look.sentence)
        raise UserError(problem, N_("For photographs and shaded drawings, choose “Your pictures” instead."))
    return look


def load_flat(folder: Path, pictures: FolderPictures, framing: Framing) -> Generator[Progress, None, FlatPictures]:
    """Make maps of the pictures that were found in a folder, of at most 3,000 of them; raises UserError like the look.

    A map is as large as half of the pictures are at least, but 512 px at most.
    """
    look = yield from look_at_flat(folder, pictures, framing)
    names, found = pictures.names[:MOST_PICTURES], list[tuple[bytes, NDArray[np.float32]]]()
    for number, name in enumerate(names):
        sentence = N_("Finding flat parts: {n:,} of {total:,}").format(n=number + 1, total=len(names))
        work = partial(_packed, look, folder / name, framing)
        found.append((yield from _beside(work, Progress((number + 1) / len(names), sentence))))
    maps = PartMaps([packed for packed, _ in found], look.size_px, np.stack([colours for _, colours in found]))
    n = len(names)
    found_less = {name: getattr(pictures, name) for name in ("skipped", "n_skipped", "n_doubles")}
    return FlatPictures(pictures.pictures[:n], pictures.splits[:n], names, **found_less, maps=maps, look=look)


def _beside(work: Callable[[], T], news: Progress) -> Generator[Progress, None, T]:
    """Let work that is too long for one turn run beside the Worker; meanwhile these are the news."""
    yield news
    steps = beside(work)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        yield news


def _packed(look: FlatLook, path: Path, framing: Framing) -> tuple[bytes, NDArray[np.float32]]:
    found = look.palette.parts_of(_square(path, look.size_px, framing))
    return packed_map(found.parts), found.colours


def _square(path: Path, size_px: int, framing: Framing) -> NDArray[np.uint8]:
    return framed(read_picture(path).rgb, size_px, framing)


def _look(squares: Sequence[NDArray[np.uint8]]) -> FlatLook:
    palette = Palette(np.sum([colours_met(square) for square in squares], 0))
    flatness = float(np.mean([palette.parts_of(square).explained for square in squares]))
    return FlatLook(palette, flatness, len(squares[0]))
