"""Emoji in two art styles, flat (Google's Noto Emoji) and glossy (Microsoft's Fluent Emoji), on white.

The split hangs on the code point alone, so an emoji that is held out in one style is held out in the other too. Left
out is what would make one emoji count several times, or what is a text: sequences of several code points (skin tones,
women and men of each trade, flags, keycaps), the categories Symbols, Flags and Component, and the 24 clock faces.
Both styles are cut to what they show and fitted to the same size, so that their margins do not tell them apart.
"""

import io
import json
import tarfile
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
from studio.datasets.package import fetch_package, read_member
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_share, stable_fraction

STYLES: Final = ("flat", "glossy")
SIDE_PX: Final = 64
FITTED_PX: Final = 58  # the longer side of what is shown
FLAT_PACKAGE: Final = "emoji-datasource-google@16.0.0"
GLOSSY_PACKAGE: Final = "@lobehub/fluent-emoji-3d@1.1.0"
FILE_NAME: Final = "emoji-styles.npz"
SMALL_NAME: Final = "datasets/emoji-styles.npz"
SHARE_VALIDATION: Final = 0.05
SHARE_TEST: Final = 0.12
N_SMALL: Final = {Split.TRAIN: 90, Split.VALIDATION: 12, Split.TEST: 48}
N_COLUMNS: Final = 10  # of the small set's mosaics
QUALITY: Final = 88
MAX_MEMBER_BYTES: Final = 1 << 20
MAX_TABLE_BYTES: Final = 16 << 20
MAX_ITEMS: Final = 4096
MAX_SIDE_PX: Final = 1024
_OPAQUE: Final = 16  # of 255: fainter pixels are the rim of a shadow
_LEFT_OUT: Final = ("Flags", "Symbols", "Component")
_CLOCKS: Final = range(0x1F550, 0x1F568)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class EmojiStyles:
    """One part of the data set; item i is the same emoji in both styles.

    Attributes:
        flat: (N, 64, 64, 3) uint8.
        glossy: (N, 64, 64, 3) uint8.
        codes: the code point of each, such as "1f98a".
        names: what each is called in Unicode, in lower case.
        is_full: whether it comes from the set that was built rather than from the small one.
    """

    flat: Pixels
    glossy: Pixels
    codes: tuple[str, ...]
    names: tuple[str, ...]
    is_full: bool


def load_emoji_styles(split: Split, folder: Path | None = None, is_small: bool = False) -> EmojiStyles:
    """One part of the set that has been built in `folder` or the data folder, else of the small one that is shipped.

    Raises:
        UserError: the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    is_full = path.is_file() and not is_small
    try:
        source = path if is_full else asset(SMALL_NAME)
        with source.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        pictures = [arrays[style] for style in STYLES]
        if not is_full:
            pictures = [_from_mosaic(mosaic, len(arrays["codes"])) for mosaic in pictures]
        if any(one.shape != (len(arrays["codes"]), SIDE_PX, SIDE_PX, 3) for one in pictures):
            raise ValueError("another shape")
        chosen = arrays["splits"] == split.value
        codes, names = (tuple(str(text) for text in arrays[key][chosen]) for key in ("codes", "names"))
        return EmojiStyles(pictures[0][chosen], pictures[1][chosen], codes, names, is_full)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The emoji on this computer are damaged."), N_("Build the data set again.")) from error


def split_of(code: str) -> Split:
    """The part that an emoji belongs to in both styles, by its code point ("1f98a")."""
    return split_by_share(code, SHARE_VALIDATION, SHARE_TEST)


def build_emoji_styles(to: Path) -> Iterator[Progress]:
    """Fetch both packages with npm and write the data set into folder `to`; yields the progress.

    Raises:
        UserError: npm is missing, or a package cannot be fetched or read.
    """
    with tempfile.TemporaryDirectory() as folder:
        archives = []
        for number, package in enumerate((FLAT_PACKAGE, GLOSSY_PACKAGE)):
            yield Progress(0.4 * number, N_("Downloading the package “{name}” with npm").format(name=package))
            place = Path(folder) / STYLES[number]
            place.mkdir()
            archives.append(fetch_package(package, place))
        yield Progress(0.7, N_("Reading the emoji"))
        arrays: dict[str, Any] = read_styles(*archives)
    yield Progress(0.9, N_("Writing the data set"))
    unfinished = (to / FILE_NAME).with_suffix(".part.npz")
    np.savez_compressed(unfinished, **arrays)
    unfinished.replace(to / FILE_NAME)
    yield Progress(1.0, N_("{n:,} emoji in two styles are ready").format(n=len(arrays["codes"])))


def read_styles(flat_archive: Path, glossy_archive: Path) -> dict[str, NDArray[Any]]:
    """What the data set's file holds, out of the packages' archives: "flat", "glossy", "codes", "names", "splits"."""
    try:
        with tarfile.open(flat_archive, "r:gz") as flat, tarfile.open(glossy_archive, "r:gz") as glossy:
            files = _files_by_code(glossy, "package/assets/")
            known = {code: entry for code, entry in _wanted(flat).items() if code in files}
            if not known:
                raise ValueError("no emoji is in both packages")
            pairs = [
                (
                    fitted(read_member(flat, f"package/img/google/64/{entry['image']}", MAX_MEMBER_BYTES)),
                    fitted(read_member(glossy, files[code], MAX_MEMBER_BYTES)),
                )
                for code, entry in known.items()
            ]
    except (tarfile.TarError, KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise UserError(N_("The packages with the emoji have changed and can no longer be used.")) from error
    return {
        "flat": np.stack([pair[0] for pair in pairs]),
        "glossy": np.stack([pair[1] for pair in pairs]),
        "codes": np.array(list(known)),
        "names": np.array([str(entry["name"]).lower() for entry in known.values()]),
        "splits": np.array([split_of(code).value for code in known]),
    }


def _wanted(archive: tarfile.TarFile) -> dict[str, dict[str, str]]:
    """The entries of the package's table that count, by their code point, in the order of these."""
    table = json.loads(read_member(archive, "package/emoji.json", MAX_TABLE_BYTES))
    entries = {bare(entry["unified"]): entry for entry in table if entry["category"] not in _LEFT_OUT}
    single = sorted(code for code in entries if "-" not in code and int(code, 16) not in _CLOCKS)
    return {code: entries[code] for code in single}


def _files_by_code(archive: tarfile.TarFile, folder: str) -> dict[str, str]:
    names = [name for name in archive.getnames() if name.startswith(folder) and name.endswith(".webp")]
    return {bare(Path(name).stem): name for name in names}


def bare(code: str) -> str:
    """Code points in lower case without the variation selector, which the packages set at will."""
    return "-".join(part for part in code.lower().split("-") if part != "fe0f")


def fitted(file: bytes) -> Pixels:
    """A picture file with a transparent ground as (64, 64, 3): what it shows, fitted to 58 pixels, on white.

    Raises:
        ValueError: it is larger than 1024 x 1024 pixels, or empty.
        OSError: it is no picture.
    """
    with Image.open(io.BytesIO(file)) as opened:
        if max(opened.size) > MAX_SIDE_PX:
            raise ValueError("the picture is larger than it was")
        picture = opened.convert("RGBA")
    box = picture.getchannel("A").point(lambda alpha: 255 * (alpha > _OPAQUE)).getbbox()
    if box is None:
        raise ValueError("the picture is empty")
    flat = Image.new("RGBA", picture.size, "white")
    flat.alpha_composite(picture)
    scale = FITTED_PX / max(box[2] - box[0], box[3] - box[1])
    width, height = (max(1, round((box[axis + 2] - box[axis]) * scale)) for axis in (0, 1))
    small = flat.convert("RGB").resize((width, height), Image.Resampling.LANCZOS, box)
    whole = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    whole.paste(small, ((SIDE_PX - width) // 2, (SIDE_PX - height) // 2))
    return np.asarray(whole)


def write_small_styles(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Pick emoji of each part by their hash and write both styles as WebP mosaics; `arrays` as of `read_styles`."""
    order = sorted(range(len(arrays["codes"])), key=lambda index: stable_fraction(f"small {arrays['codes'][index]}"))
    chosen: list[int] = []
    for split, count in N_SMALL.items():
        chosen += [index for index in order if arrays["splits"][index] == split.value][:count]
    texts: dict[str, Any] = {key: arrays[key][chosen] for key in ("codes", "names", "splits")}
    mosaics: dict[str, Any] = {style: _mosaic(arrays[style][chosen]) for style in STYLES}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **mosaics, **texts)


def _mosaic(pictures: Pixels) -> Pixels:
    """Pictures (N, 64, 64, 3) in rows of ten as the bytes of a WebP file; cells that stay empty are white."""
    n_rows = -(-len(pictures) // N_COLUMNS)
    cells = np.full((n_rows * N_COLUMNS, SIDE_PX, SIDE_PX, 3), 255, np.uint8)
    cells[: len(pictures)] = pictures
    rows = cells.reshape(n_rows, N_COLUMNS, SIDE_PX, SIDE_PX, 3).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(rows.reshape(n_rows * SIDE_PX, N_COLUMNS * SIDE_PX, 3)).save(
        file, "WEBP", quality=QUALITY, method=6
    )
    return np.frombuffer(file.getvalue(), np.uint8)


def _from_mosaic(file: Pixels, n: int) -> Pixels:
    """The n pictures of a mosaic; raises ValueError or OSError where it is no such mosaic."""
    n_rows = -(-n // N_COLUMNS)
    with Image.open(io.BytesIO(file.tobytes())) as picture:
        if n > MAX_ITEMS or picture.size != (N_COLUMNS * SIDE_PX, n_rows * SIDE_PX):
            raise ValueError("another size")
        whole = np.asarray(picture.convert("RGB"))
    rows = whole.reshape(n_rows, SIDE_PX, N_COLUMNS, SIDE_PX, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(-1, SIDE_PX, SIDE_PX, 3)[:n])
