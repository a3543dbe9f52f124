"""Icons of Google's Noto Emoji project (Apache-2.0): what scenes are made of, and the pack that the program ships."""

import io
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_package, read_member
from studio.datasets.progress import Progress
from studio.datasets.small import EMOJI_NAME, read_small, write_small_icons

PACKAGE: Final = "emoji-datasource-google@16.0.0"
ICON_PX: Final = 64
MAX_MEMBER_BYTES: Final = 1 << 20
FILE_NAME: Final = "emoji.npz"
# The name of each thing, and its code point in Unicode, which the file of its icon is called by.
_OBJECT_CODES: Final = (
    "fox:1f98a cat:1f431 dog:1f436 bear:1f43b panda:1f43c lion:1f981 tiger:1f42f frog:1f438 monkey:1f435 "
    "pig:1f437 cow:1f42e rabbit:1f430 penguin:1f427 owl:1f989 octopus:1f419 ladybug:1f41e turtle:1f422 "
    "crab:1f980 apple:1f34e lemon:1f34b banana:1f34c strawberry:1f353 pear:1f350 grapes:1f347 "
    "watermelon:1f349 pineapple:1f34d avocado:1f951 carrot:1f955 mushroom:1f344 pizza:1f355 burger:1f354 "
    "donut:1f369 robot:1f916 alien:1f47d snowman:26c4 star:2b50 heart:2764-fe0f rocket:1f680 car:1f697 "
    "house:1f3e0 balloon:1f388 football:26bd cactus:1f335 tree:1f333 sunflower:1f33b gift:1f381 guitar:1f3b8 "
    "diamond:1f48e"
)
_ACCESSORY_CODES: Final = "sunglasses:1f576-fe0f top_hat:1f3a9 crown:1f451 cap:1f9e2 bow:1f380 flower:1f33a"


def _codes(pairs: str) -> dict[str, str]:
    return {name.replace("_", " "): code for name, code in (pair.split(":") for pair in pairs.split())}


OBJECT_CODES: Final = _codes(_OBJECT_CODES)
ACCESSORY_CODES: Final = _codes(_ACCESSORY_CODES)
OBJECTS: Final = tuple(OBJECT_CODES)
ACCESSORIES: Final = tuple(ACCESSORY_CODES)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Icons:
    """The pack.

    Attributes:
        objects: (48, 64, 64, 4) uint8 RGBA, in the order of OBJECTS.
        accessories: (6, 64, 64, 4) uint8 RGBA, in the order of ACCESSORIES.
    """

    objects: Pixels
    accessories: Pixels


@cache
def load_icons(folder: Path | None = None) -> Icons:
    """The pack that has been built in `folder` or the data folder, else the one that the program brings along.

    Raises:
        UserError: the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    try:
        icons = read_small(EMOJI_NAME, path if path.is_file() else None)["icons"]
        if icons.shape != (len(OBJECTS) + len(ACCESSORIES), ICON_PX, ICON_PX, 4):
            raise ValueError("another shape")
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise UserError(N_("The icons on this computer are damaged."), N_("Build the data set again.")) from error
    return Icons(icons[: len(OBJECTS)], icons[len(OBJECTS) :])


def build_emoji(to: Path) -> Iterator[Progress]:
    """Fetch the package with npm and write the pack into folder `to`; yields the progress.

    Raises:
        UserError: npm is missing, or the package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading the package “emoji-datasource-google” with npm"))
    with tempfile.TemporaryDirectory() as folder:
        archive = fetch_package(PACKAGE, Path(folder))
        yield Progress(0.7, N_("Reading the icons"))
        icons = read_icons(archive)
    yield Progress(0.9, N_("Writing the data set"))
    unfinished = (to / FILE_NAME).with_suffix(".part.npz")
    write_small_icons(unfinished, icons)
    unfinished.replace(to / FILE_NAME)
    load_icons.cache_clear()
    yield Progress(1.0, N_("{n:,} icons are ready").format(n=len(icons)))


def read_icons(archive: Path) -> Pixels:
    """The icons (54, 64, 64, 4) of the package's archive; the colour of what is fully transparent is black."""
    codes = [*OBJECT_CODES.values(), *ACCESSORY_CODES.values()]
    try:
        with tarfile.open(archive, "r:gz") as tar:
            names = [f"package/img/google/64/{code}.png" for code in codes]
            files = [read_member(tar, name, MAX_MEMBER_BYTES) for name in names]
        icons = np.stack([_read_icon(file) for file in files])
    except (tarfile.TarError, KeyError, ValueError, OSError, EOFError) as error:
        raise UserError(N_("The package “emoji-datasource-google” has changed and can no longer be used.")) from error
    icons[icons[..., 3] == 0] = 0
    return icons


def _read_icon(file: bytes) -> Pixels:
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("RGBA"))
