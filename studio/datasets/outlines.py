"""Icons with their outlines: Microsoft's Fluent Emoji (MIT), drawn flat, in black, and as glossy 3-D pictures.

The outline of an icon is where the colours of its flat drawing meet, a line as a pen would draw it; its black drawing
is kept too. The 3-D picture lies exactly upon both. Shape letters: N icons, S = 128 pixels a side.
"""

import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_package
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_share, stable_fraction

DRAWINGS_PACKAGE: Final = "fluentui-emoji@1.3.0"
PICTURES_PACKAGE: Final = "@lobehub/fluent-emoji-3d@1.1.0"
NAMES_PACKAGE: Final = "unicode-emoji-json@0.9.0"
FILE_NAME: Final = "outlines.npz"
SMALL_NAME: Final = "datasets/outlines.npz"
SIZE_PX: Final = 128
VALIDATION_SHARE, TEST_SHARE = 0.08, 0.12
N_SMALL: Final = {"train": 170, "validation": 16, "test": 48}
WEBP_QUALITY: Final = 80
MAX_MEMBER_BYTES: Final = 1 << 21
MAX_ICONS: Final = 4096
# Colours of the flat drawing that differ by more than this, of 255, have a line between them.
EDGE_STEP: Final = 24
_OPAQUE: Final = 127
_DAMAGED: Final = (
    *(OSError, ValueError, KeyError, IndexError, EOFError),
    *(zipfile.BadZipFile, Image.DecompressionBombError),
)
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outlines:
    """Some icons.

    Attributes:
        edges: (N, 128, 128) bool, lines one pixel wide between the colours of the flat drawing.
        solids: (N, 128, 128) bool, what is black in the black drawing.
        icons: (N, 128, 128, 3) uint8 sRGB, the 3-D pictures on white.
        names: N names in English.
        is_full: False for the small set that the program brings along.
    """

    edges: Mask
    solids: Mask
    icons: Pixels
    names: tuple[str, ...]
    is_full: bool


@dataclass(frozen=True)
class _Entry:
    """An icon's code points in hexadecimal without fe0f, and the name of its drawings."""

    code: str
    slug: str


def load_outlines(split: Split, folder: Path | None = None) -> Outlines:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one.

    Raises:
        UserError: the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    return _load(path, split, is_full=True) if path.is_file() else load_shipped_outlines(split)


def load_shipped_outlines(split: Split) -> Outlines:
    """One part of the small set that the program brings along; raises UserError where the file is damaged."""
    return _load(asset(SMALL_NAME), split, is_full=False)


def _load(path: Path, split: Split, is_full: bool) -> Outlines:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {key: file[key] for key in ("edges", "solids", "webp", "sizes", "names", "splits")}
        chosen = np.flatnonzero(arrays["splits"] == split.value)
        names = tuple(str(name) for name in arrays["names"][chosen])
        icons = _unpacked_icons(arrays["webp"], arrays["sizes"], chosen)
        return Outlines(_lines(arrays["edges"], chosen), _lines(arrays["solids"], chosen), icons, names, is_full)
    except _DAMAGED as error:
        raise UserError(N_("The outlines on this computer are damaged."), N_("Build the data set again.")) from error


def _lines(packed: Pixels, chosen: NDArray[np.int64]) -> Mask:
    if packed.dtype != np.uint8 or packed.shape[1:] != (SIZE_PX, SIZE_PX // 8) or len(packed) > MAX_ICONS:
        raise ValueError("another shape")
    return np.unpackbits(packed[chosen], axis=-1).astype(np.bool_)


def _unpacked_icons(webp: Pixels, sizes: NDArray[np.int64], chosen: NDArray[np.int64]) -> Pixels:
    if webp.dtype != np.uint8 or sizes.ndim != 1 or len(sizes) > MAX_ICONS or (sizes < 0).any():
        raise ValueError("another shape")
    ends = np.cumsum(sizes)
    icons = np.empty((len(chosen), SIZE_PX, SIZE_PX, 3), np.uint8)
    for place, index in enumerate(chosen):
        with Image.open(io.BytesIO(webp[ends[index] - sizes[index] : ends[index]].tobytes()), formats=("WEBP",)) as one:
            if one.size != (SIZE_PX, SIZE_PX):  # known before anything is decoded
                raise ValueError("another size")
            icons[place] = np.asarray(one.convert("RGB"))
    return icons


def build_outlines(to: Path) -> Iterator[Progress]:
    """Fetch the packages with npm and write the full set into folder `to`; yields the progress.

    Raises:
        UserError: npm or the package resvg-py is missing, or a package cannot be fetched or read.
    """
    archives = []
    with tempfile.TemporaryDirectory() as folder:
        for number, package in enumerate((NAMES_PACKAGE, DRAWINGS_PACKAGE, PICTURES_PACKAGE)):
            yield Progress(0.15 * number, N_("Downloading the package “{name}” with npm").format(name=package))
            place = Path(folder) / str(number)
            place.mkdir()
            archives.append(fetch_package(package, place))
        yield Progress(0.45, N_("Reading the icons"))
        arrays = read_packages(*archives)
    yield Progress(0.9, N_("Writing the data set"))
    write_outlines(to / FILE_NAME, arrays)
    yield Progress(1.0, N_("{n:,} icons with outlines are ready").format(n=len(arrays["names"])))


def read_packages(names: Path, drawings: Path, pictures: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the data set out of the packages' archives, the icons in the order of the list of names."""
    try:
        entries = _entries(_members(names, {"package/data-by-emoji.json"})["package/data-by-emoji.json"])
        slugs = {entry.slug for entry in entries}
        drawn = _members(
            drawings, {f"package/icons/{kind}/{slug}.svg" for kind in ("flat", "high-contrast") for slug in slugs}
        )
        shown = {_bare_code(Path(name).stem): file for name, file in _members(pictures, None, ".webp").items()}
        return _arrays(entries, drawn, shown)
    except (tarfile.TarError, json.JSONDecodeError, *_DAMAGED) as error:
        raise UserError(N_("The packages of Fluent Emoji have changed and can no longer be used.")) from error


def _members(archive: Path, wanted: set[str] | None, suffix: str = "") -> dict[str, bytes]:
    """The wanted files of an archive, or all with a suffix, read in one pass; nothing is unpacked onto the disk."""
    found: dict[str, bytes] = {}
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            is_wanted = member.name in wanted if wanted is not None else member.name.endswith(suffix)
            if not (is_wanted and member.isfile()):
                continue
            file = tar.extractfile(member)
            if file is None or member.size > MAX_MEMBER_BYTES or len(found) > 2 * MAX_ICONS:
                raise ValueError(f"{member.name} is not what it was")
            found[member.name] = file.read()
    return found


def _entries(names: bytes) -> list[_Entry]:
    known = json.loads(names)
    return [
        _Entry(_bare_code("-".join(f"{ord(sign):04x}" for sign in emoji)), str(about["slug"]).replace("_", "-"))
        for emoji, about in known.items()
    ]


def _bare_code(code: str) -> str:
    """Without the mark that asks for colours, which not every package writes."""
    return "-".join(part for part in code.lower().split("-") if part != "fe0f")


def _arrays(entries: Sequence[_Entry], drawn: dict[str, bytes], shown: dict[str, bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of all icons that every package has, but for a few whose drawings are not on the same square."""
    edges, solids, icons, kept = [], [], [], []
    for entry in entries:
        flat, black = (drawn.get(f"package/icons/{kind}/{entry.slug}.svg") for kind in ("flat", "high-contrast"))
        picture = shown.get(entry.code)
        if flat is None or black is None or picture is None:
            continue
        coloured, dark = rasterised(flat), rasterised(black)
        if coloured.shape != dark.shape or len(dark) != dark.shape[1]:
            continue
        edges.append(edges_of(coloured))
        solids.append(dark[..., 3] > _OPAQUE)
        icons.append(_packed_icon(picture))
        kept.append(entry)
    return {
        "edges": np.packbits(np.stack(edges), axis=-1),
        "solids": np.packbits(np.stack(solids), axis=-1),
        "webp": np.frombuffer(b"".join(icons), np.uint8),
        "sizes": np.array([len(icon) for icon in icons]),
        "names": np.array([entry.slug.replace("-", " ") for entry in kept]),
        "codes": np.array([entry.code for entry in kept]),
        "splits": np.array([split_of(entry.code).value for entry in kept]),
    }


def split_of(code: str) -> Split:
    """The part of an icon by its code points."""
    return split_by_share(f"outlines {code}", VALIDATION_SHARE, TEST_SHARE)


def rasterised(svg: bytes) -> Pixels:
    """A square SVG drawing as (128, 128, 4) uint8 RGBA without smoothing, so that each pixel has one of its colours.

    Raises:
        UserError: the package resvg-py is missing.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise UserError(
            N_("Drawing outlines needs the package resvg-py."),
            N_("Install this program’s “data” extra; without the full set, the small one is used."),
        ) from error
    png = resvg_py.svg_to_bytes(
        svg_string=svg.decode("utf-8"),
        width=SIZE_PX,
        height=SIZE_PX,
        shape_rendering="crisp_edges",
        skip_system_fonts=True,
    )
    with Image.open(io.BytesIO(bytes(png))) as picture:
        return np.asarray(picture.convert("RGBA"))


def edges_of(picture: Pixels, step: int = EDGE_STEP) -> Mask:
    """Where a pixel (H, W) of an RGBA picture (H, W, 4) differs from its right or lower neighbour by more than `step`.

    What is not opaque is white, and differs from white that is.
    """
    opaque = picture[..., 3:] > _OPAQUE
    colours = np.where(opaque, picture[..., :3], 255).astype(np.int16)
    colours = np.concatenate([colours, 255 * opaque.astype(np.int16)], -1)  # (H, W, 4)
    edges = np.zeros(picture.shape[:2], np.bool_)
    edges[:, :-1] |= np.abs(np.diff(colours, axis=1)).max(-1) > step
    edges[:-1] |= np.abs(np.diff(colours, axis=0)).max(-1) > step
    return edges


def _packed_icon(webp: bytes) -> bytes:
    """A 3-D picture on white at 128 pixels, as WebP."""
    with Image.open(io.BytesIO(webp), formats=("WEBP",)) as picture:
        if max(picture.size) > 1024:
            raise ValueError("too large")
        whole = picture.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    ground.alpha_composite(whole)
    small = ground.convert("RGB").resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    small.save(packed, "WEBP", quality=WEBP_QUALITY, method=6)
    return packed.getvalue()


def write_outlines(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write arrays as `read_packages` gives them, packed as `np.load` reads them and a third smaller than it writes."""
    unfinished = path.with_suffix(".part.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_LZMA) as file:
        for name, values in arrays.items():
            with file.open(f"{name}.npy", "w") as part:
                np.lib.format.write_array(part, values, allow_pickle=False)
    unfinished.replace(path)


def small_arrays(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The icons with the smallest hashes of each part, as many as the program brings along, in the same layout."""
    order = sorted(range(len(arrays["names"])), key=lambda index: stable_fraction(str(arrays["codes"][index])))
    chosen = np.sort(
        np.concatenate(
            [[i for i in order if arrays["splits"][i] == part][:count] for part, count in N_SMALL.items()]
        ).astype(np.int64)
    )
    ends = np.cumsum(arrays["sizes"])
    webp = [arrays["webp"][ends[index] - arrays["sizes"][index] : ends[index]] for index in chosen]
    rest = {key: values[chosen] for key, values in arrays.items() if key != "webp"}
    return {**rest, "webp": np.concatenate(webp)}


def main() -> None:
    """Make the small set from the full one in the data folder, which `main.py data outlines` builds."""
    with (data_dir() / "datasets" / FILE_NAME).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        write_outlines(asset("datasets") / FILE_NAME, small_arrays({key: file[key] for key in file.files}))


if __name__ == "__main__":
    main()
