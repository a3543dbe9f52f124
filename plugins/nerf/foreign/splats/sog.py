"""SOG files of PlayCanvas: a few pictures in which a pixel is a splat, and a JSON text that says what their bytes mean.

The pictures lie in a zip file, or beside a meta.json. Version 1 spans each attribute from its least to its most value,
version 2 looks bytes up in lists. Harmonics stand in a palette of at most 65,536 entries, 64 to a row.
"""

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_file
from studio.core.container.json_text import parse_json
from studio.core.container.source import open_regular, printable
from studio.core.container.zip_file import open_zip, read_member
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import N_COEFFICIENTS, FloatArray, Splats
from .order import by_place, codebook, palette
from .scene import (
    ROWS,
    SQRT2,
    SplatFile,
    check_count,
    damaged,
    degree_of,
    empty_arrays,
    from_smallest_three,
    logits_of,
    scene_of,
    smallest_three,
    to_bytes,
    turned_over,
)

SOG: Final = "sog"
META: Final = "meta.json"
_MAX_META_BYTES: Final = 1 << 20
_MAX_PICTURE_BYTES: Final = 256 << 20
_MAX_PIXELS: Final = 1 << 23
# Places are noise in their lowest bits, so that no picture of them packs better.
_ALLOWANCE: Final = 1 << 18
_MAX_PER_BYTE: Final = 16
_A_ROW: Final = 64
_MAX_ENTRIES: Final = 1 << 16
_TAGS: Final = 252  # the fourth byte of a rotation: this, and which part is left out
_NAME: Final = re.compile(r"[\w][\w.-]{0,80}")
Bytes = npt.NDArray[np.uint8]
Picture = Callable[[str], Bytes]


def read_sog(file: BinaryIO) -> SplatFile:
    """Read a zip file; raises UserError where it is broken, too large, or of a version not known here."""
    with open_zip(file) as archive:
        members = {info.filename.rsplit("/", 1)[-1]: info for info in archive.infolist()}
        if META not in members:
            raise damaged()

        def data(name: str, max_bytes: int) -> bytes:
            if name not in members:
                raise _missing(name)
            return read_member(archive, members[name], max_bytes)

        return _read(data)


def read_sog_folder(meta: Path) -> SplatFile:
    """Read a meta.json and the pictures beside it; raises UserError like `read_sog`."""

    def data(name: str, max_bytes: int) -> bytes:
        with open_regular(meta.parent / name) as file:
            found = file.read(max_bytes + 1)
        if len(found) > max_bytes:
            raise damaged()
        return found

    return _read(data)


def looks_like_sog(meta: bytes) -> bool:
    """Whether a text begins like the one of a SOG scene."""
    return all(word in meta for word in (b'"means"', b'"quats"', b'"sh0"'))


def holds_sog(file: BinaryIO) -> bool:
    """Whether a zip file holds such a text."""
    with open_zip(file) as archive:
        found = [info for info in archive.infolist() if info.filename.rsplit("/", 1)[-1] == META]
        return bool(found) and looks_like_sog(read_member(archive, found[0], _MAX_META_BYTES))


def _read(data: Callable[[str, int], bytes]) -> SplatFile:
    meta = _Table(parse_json(data(META, _MAX_META_BYTES), _MAX_META_BYTES))
    version = meta.values.get("version", 1)
    if version not in (1, 2):
        raise UserError(N_("This scene was saved in a newer version of SOG than can be read here."))
    n = _count(meta, version)
    losses: list[str] = []

    def picture(name: str) -> Bytes:
        return _pixels(data(name, _MAX_PICTURE_BYTES), losses)

    if n > _ALLOWANCE + _MAX_PER_BYTE * len(data(meta.table("means").files(1)[0], _MAX_PICTURE_BYTES)):
        raise UserError(N_("This file would unpack to an impossible size."))
    degree, palette_of = _harmonics(meta, version, picture) if "shN" in meta.values else (0, None)
    arrays = empty_arrays(n, degree)
    _fill(arrays, meta, version, picture, n)
    if palette_of is not None:
        entries, labels = palette_of[0], _whole(palette_of[1], n)
        for first in range(0, n, ROWS):
            part = slice(first, first + ROWS)
            arrays["harmonics"][part, 1:] = entries[np.minimum(labels[part], len(entries) - 1)]
    return scene_of(arrays, SOG, is_over=True, warnings=tuple(dict.fromkeys(losses)))


def _count(meta: "_Table", version: int) -> int:
    shape = meta.table("means").values.get("shape")
    n = meta.values.get("count") if version == 2 else shape[0] if isinstance(shape, list) and shape else None
    if type(n) is not int:
        raise damaged()
    check_count(n)
    return n


def _fill(arrays: dict[str, FloatArray], meta: "_Table", version: int, picture: Picture, n: int) -> None:
    means, scales, colours = meta.table("means"), meta.table("scales"), meta.table("sh0")
    low, high = (_first(picture(name), n)[:, :3].astype(np.uint16) for name in means.files(2))
    logs = means.spanned((low | high << 8) / np.float32(65535), 3)
    arrays["centres"][:] = np.sign(logs) * np.expm1(np.abs(logs))
    rotations = _first(picture(meta.table("quats").files(1)[0]), n)
    others = (rotations[:, :3] / np.float32(255) - 0.5) * SQRT2
    if (rotations[:, 3] < _TAGS).any():
        raise damaged()
    arrays["rotations"][:] = from_smallest_three(rotations[:, 3] - _TAGS, others.astype(np.float32))
    sizes, shades = (_first(picture(table.files(1)[0]), n) for table in (scales, colours))
    if version == 2:
        arrays["log_scales"][:] = scales.looked_up(sizes[:, :3])
        arrays["harmonics"][:, 0] = colours.looked_up(shades[:, :3])
        arrays["opacity_logits"][:] = logits_of(shades[:, 3] / 255)
    else:
        arrays["log_scales"][:] = scales.spanned(sizes[:, :3] / np.float32(255), 3)
        colour = colours.spanned(shades / np.float32(255), 4)
        arrays["harmonics"][:, 0], arrays["opacity_logits"][:] = colour[:, :3], colour[:, 3]


def _harmonics(meta: "_Table", version: int, picture: Picture) -> tuple[int, tuple[FloatArray, Bytes]]:
    """The degree, the entries (E, K - 1, 3) of the palette, and the picture of which splat has which."""
    table = meta.table("shN")
    centroids, labels = (picture(name) for name in table.files(2))
    degree = degree_of(1 + centroids.shape[1] // _A_ROW)
    if degree in (None, 0) or centroids.shape[1] % _A_ROW or table.values.get("bands", degree) != degree:
        raise damaged()
    entries = centroids[..., :3].reshape(-1, centroids.shape[1] // _A_ROW, 3)[:_MAX_ENTRIES]
    found = table.looked_up(entries) if version == 2 else table.spanned(entries / np.float32(255), 1)
    return int(degree or 0), (found, labels)


def _whole(labels: Bytes, n: int) -> npt.NDArray[np.uint16]:
    return np.ascontiguousarray(_first(labels, n)[:, :2]).view("<u2")[:, 0]


def _first(pixels: Bytes, n: int) -> Bytes:
    """The first n pixels (n, 4), row by row."""
    rows = pixels.reshape(-1, 4)
    if len(rows) < n:
        raise damaged()
    return rows[:n]


def _pixels(data: bytes, losses: list[str]) -> Bytes:
    """The bytes (H, W, 4) of a picture as they stand in it."""
    from PIL import Image

    try:
        with warnings.catch_warnings(action="error"), Image.open(io.BytesIO(data), formats=("WEBP", "PNG")) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise damaged()
            if data[12:16] == b"VP8 ":
                losses.append(N_("The pictures in this file were packed with losses, which blurs places and sizes."))
            return np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise damaged() from error


def _missing(name: str) -> UserError:
    return UserError(N_("“{name}” is missing from this scene.").format(name=printable(name)))


class _Table:
    """A table of the JSON text, whose values are checked as they are asked for."""

    def __init__(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise damaged()
        self.values: Mapping[str, Any] = values

    def table(self, name: str) -> Self:
        return type(self)(self.values.get(name))

    def files(self, n: int) -> list[str]:
        """The names of its pictures; none leads anywhere else."""
        names = self.values.get("files")
        if not isinstance(names, list) or len(names) < n or not all(isinstance(name, str) for name in names):
            raise damaged()
        if not all(_NAME.fullmatch(name) for name in names[:n]):
            raise UserError(N_("A picture of this scene has a name that leads out of its folder."))
        return names[:n]

    def numbers(self, name: str, n: int) -> FloatArray:
        """A list of so many numbers, or a single one for each."""
        found = self.values.get(name)
        try:
            return np.broadcast_to(np.asarray(found, np.float32), (n,))
        except (TypeError, ValueError, OverflowError) as error:
            raise damaged() from error

    def spanned(self, shares: npt.NDArray[np.floating[Any]], n: int) -> FloatArray:
        """Shares 0..1 (…, n) of the way from the least to the most value."""
        low, high = self.numbers("mins", n), self.numbers("maxs", n)
        return np.asarray(low + (high - low) * shares, np.float32)

    def looked_up(self, codes: Bytes) -> FloatArray:
        """The values of bytes in the list of 256."""
        return self.numbers("codebook", 256)[codes]


def write_sog(path: Path, splats: Splats) -> None:
    """Write splats with y upwards in version 2, packed into one file; whole or not at all."""
    splats = turned_over(splats.where(by_place(splats.centres)))
    with atomic_file(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        meta: dict[str, Any] = {"version": 2, "asset": {"generator": "Manifold Studio"}, "count": len(splats)}
        for name, values, pictures in _parts(splats):
            files = [f"{picture}.webp" for picture in pictures]
            meta[name] = {**values, "files": files}
            for file, pixels in zip(files, pictures.values(), strict=True):
                archive.writestr(file, _webp(pixels))
        archive.writestr(META, json.dumps(meta))


_Part = tuple[str, dict[str, Any], dict[str, Bytes]]


def _parts(splats: Splats) -> Iterator[_Part]:
    """Each attribute: its name, what the text says of it, and its pictures by name."""
    logs = np.sign(splats.centres) * np.log1p(np.abs(splats.centres))
    low, high = logs.min(0), logs.max(0)
    whole = to_bytes((logs - low) / np.maximum(high - low, 1e-20), 65535)
    pictures = {"means_l": _square(whole & 255), "means_u": _square(whole >> 8)}
    yield "means", {"mins": low.tolist(), "maxs": high.tolist()}, pictures
    values, codes = codebook(splats.log_scales)
    yield "scales", {"codebook": values}, {"scales": _square(codes)}
    largest, others = smallest_three(splats.rotations)
    yield "quats", {}, {"quats": _square(np.c_[to_bytes(others / SQRT2 + 0.5), largest + _TAGS])}
    values, codes = codebook(splats.harmonics[:, 0])
    yield "sh0", {"codebook": values}, {"sh0": _square(np.c_[codes, to_bytes(splats.opacities)])}
    if splats.degree:
        yield _palette_part(splats)


def _palette_part(splats: Splats) -> _Part:
    n = N_COEFFICIENTS[splats.degree] - 1
    entries, labels = palette(splats.harmonics[:, 1:].reshape(len(splats), -1), _MAX_ENTRIES)
    values, codes = codebook(entries)
    rows = np.zeros((-(-len(entries) // _A_ROW) * _A_ROW, 3 * n), np.uint8)
    rows[: len(entries)] = codes
    pictures = {
        "shN_centroids": _opaque(rows.reshape(-1, _A_ROW * n, 3)),
        "shN_labels": _square(np.c_[labels & 255, labels >> 8, np.zeros(len(labels), np.uint8)]),
    }
    return "shN", {"count": len(entries), "bands": splats.degree, "codebook": values}, pictures


def _square(rows: npt.NDArray[Any]) -> Bytes:
    """Rows (N, 3 or 4) as the pixels of a picture that is about a square."""
    width = -(-int(np.ceil(len(rows) ** 0.5)) // 4) * 4
    pixels = np.zeros((-(-len(rows) // width), width, rows.shape[1]), np.uint8)
    pixels.reshape(-1, rows.shape[1])[: len(rows)] = rows
    return _opaque(pixels) if rows.shape[1] == 3 else pixels


def _opaque(pixels: Bytes) -> Bytes:
    return np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)


def _webp(pixels: Bytes) -> bytes:
    """A lossless picture, colours kept also where it is transparent."""
    from PIL.Image import fromarray

    buffer = io.BytesIO()
    fromarray(pixels).save(buffer, "WEBP", lossless=True, exact=True, quality=75, method=4)
    return buffer.getvalue()
