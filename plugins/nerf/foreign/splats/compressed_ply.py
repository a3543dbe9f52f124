"""The compressed PLY files of SuperSplat and PlayCanvas: 16 bytes a splat, within the bounds of its 256 neighbours.

A word packs x, y and z in 11, 10 and 11 bits, from the top; a rotation in 2 bits for the largest part and 10 for each
other one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_file

from ...splats.model.splats import FloatArray, Splats
from .order import by_place
from .ply_header import PlyHead, Rows, binary_rows
from .scene import (
    ORDER,
    ROWS,
    SQRT2,
    SplatFile,
    damaged,
    degree_of,
    empty_arrays,
    first_harmonics,
    from_smallest_three,
    logits_of,
    plain_colours,
    scene_of,
    smallest_three,
    to_bytes,
    turned_over,
)

COMPRESSED_PLY: Final = "compressed-ply"
_CHUNK: Final = 256
_BITS: Final = ((21, 11), (11, 10), (0, 11))
_PACKED: Final = ("packed_position", "packed_rotation", "packed_scale", "packed_color")
_BANDS: Final = (ORDER, ("scale_x", "scale_y", "scale_z"), ("r", "g", "b"))
_HARMONIC_RANGE: Final = 8.0  # coefficients from -4 to 4
Words = npt.NDArray[np.uint32]


def is_compressed(head: PlyHead) -> bool:
    """Whether a head says that its splats are packed."""
    vertex = head.element("vertex")
    return vertex is not None and set(_PACKED) <= set(vertex.columns)


def read_compressed_ply(file: BinaryIO, head: PlyHead) -> SplatFile:
    """Read the splats under a head; raises UserError where the file is broken or too large."""
    vertex, chunk, sh = head.element("vertex"), head.element("chunk"), head.element("sh")
    ends = [{f"{end}_{name}" for name in band for end in ("min", "max")} for band in _BANDS]
    if not head.order or vertex is None or chunk is None:
        raise damaged()
    if not ends[0] | ends[1] <= set(chunk.columns) or len(ends[2] & set(chunk.columns)) not in (0, 6):
        raise damaged()
    degree = 0 if sh is None else degree_of(1 + len(sh.columns) // 3)
    n_chunks = -(-vertex.count // _CHUNK)
    if degree is None or chunk.count != n_chunks or (sh is not None and sh.count != vertex.count):
        raise damaged()
    if {vertex.columns[name] for name in _PACKED} != {"u4"}:
        raise damaged()
    words = binary_rows(file, head, vertex, ROWS)
    arrays = empty_arrays(vertex.count, degree)
    bounds = np.concatenate(list(binary_rows(file, head, chunk, ROWS)))
    for n, rows in enumerate(words):
        part = slice(n * ROWS, n * ROWS + len(rows))
        _unpack(arrays, part, rows, np.repeat(bounds[part.start // _CHUNK :][: ROWS // _CHUNK], _CHUNK)[: len(rows)])
    if sh is not None and degree:
        names = [f"f_rest_{n}" for n in range(3 * len(arrays["harmonics"][0]) - 3)]
        if any(sh.columns.get(name) != "u1" for name in names):
            raise damaged()
        for n, rows in enumerate(binary_rows(file, head, sh, ROWS)):
            arrays["harmonics"][n * ROWS :][: len(rows), 1:] = _harmonics(rows, names)
    return scene_of(arrays, COMPRESSED_PLY, is_over=True)


def _unpack(arrays: Mapping[str, FloatArray], part: slice, rows: Rows, bounds: Rows) -> None:
    arrays["centres"][part] = _between(bounds, _BANDS[0], _unpacked(rows["packed_position"]))
    arrays["log_scales"][part] = _between(bounds, _BANDS[1], _unpacked(rows["packed_scale"]))
    rotation, colour = rows["packed_rotation"], rows["packed_color"]
    others = np.stack([(rotation >> shift) & 1023 for shift in (20, 10, 0)], 1) / np.float32(1023)
    arrays["rotations"][part] = from_smallest_three(rotation >> 30, ((others - 0.5) * SQRT2).astype(np.float32))
    shades = np.asarray(np.stack([(colour >> shift) & 255 for shift in (24, 16, 8)], 1) / 255, np.float32)
    if "min_r" in (bounds.dtype.names or ()):  # files of SuperSplat 1 have none
        shades = _between(bounds, _BANDS[2], shades)
    arrays["harmonics"][part, 0] = first_harmonics(shades)
    arrays["opacity_logits"][part] = logits_of((colour & 255) / 255)


def _unpacked(words: Words) -> FloatArray:
    """Three numbers 0..1 from each word, (N, 3)."""
    return np.stack([((words >> shift) & (2**bits - 1)) / np.float32(2**bits - 1) for shift, bits in _BITS], 1)


def _between(bounds: Rows, names: Sequence[str], shares: FloatArray) -> FloatArray:
    """What lies so far between the bounds of each splat's neighbours, (N, 3)."""
    columns = [
        bounds[f"min_{name}"] * (1 - share) + bounds[f"max_{name}"] * share
        for name, share in zip(names, shares.T, strict=True)
    ]
    return np.stack(columns, 1).astype(np.float32)


def _harmonics(rows: Rows, names: Sequence[str]) -> FloatArray:
    codes = np.stack([rows[name] for name in names], 1).astype(np.float32)
    shares = np.where(codes == 0, 0, np.where(codes == 255, 1, (codes + 0.5) / 256))
    found = ((shares - 0.5) * _HARMONIC_RANGE).astype(np.float32)
    return found.reshape(len(rows), 3, -1).transpose(0, 2, 1)


def write_compressed_ply(path: Path, splats: Splats) -> None:
    """Write splats with y upwards in 16 bytes each, neighbours together; whole or not at all."""
    splats = turned_over(splats.where(by_place(splats.centres)))
    chunks, words = zip(*(_packed(splats, first) for first in range(0, len(splats), ROWS)), strict=True)
    n_rest = 3 * (splats.harmonics.shape[1] - 1)
    names = [f"{end}_{name}" for band in _BANDS for end in ("min", "max") for name in band]
    lines = ["ply", "format binary_little_endian 1.0", f"element chunk {-(-len(splats) // _CHUNK)}"]
    lines += [*(f"property float {name}" for name in names), f"element vertex {len(splats)}"]
    lines += [f"property uint {name}" for name in _PACKED]
    if n_rest:
        lines += [f"element sh {len(splats)}", *(f"property uchar f_rest_{n}" for n in range(n_rest))]
    with atomic_file(path) as draft, draft.open("wb") as file:
        file.write("\n".join([*lines, "end_header\n"]).encode())
        for rows in (*chunks, *words):
            file.write(rows.tobytes())
        for first in range(0, len(splats) if n_rest else 0, ROWS):
            rest = splats.harmonics[first : first + ROWS, 1:].transpose(0, 2, 1)
            file.write(np.clip((rest / _HARMONIC_RANGE + 0.5) * 256, 0, 255).astype(np.uint8).tobytes())


def _packed(splats: Splats, first: int) -> tuple[FloatArray, Words]:
    """The bounds (chunks, 18) and words (N, 4) of up to `ROWS` splats from `first` on."""
    part = splats.where(np.arange(first, min(first + ROWS, len(splats))))
    scales = np.clip(part.log_scales, -20, 20)
    bounds, shares = zip(*map(_bounded, (part.centres, scales, plain_colours(part))), strict=True)
    largest, others = smallest_three(part.rotations)
    rotation = largest.astype(np.uint32) << 30
    for shift, column in zip((20, 10, 0), to_bytes(others / SQRT2 + 0.5, 1023).T, strict=True):
        rotation |= column << shift
    colour = to_bytes(part.opacities)
    for shift, column in zip((24, 16, 8), to_bytes(shares[2]).T, strict=True):
        colour |= column << shift
    words = np.stack([_packed_three(shares[0]), rotation, _packed_three(shares[1]), colour], 1)
    return np.concatenate(bounds, axis=1).astype("<f4"), words.astype("<u4")


def _bounded(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The least and the most (chunks, 6) of each chunk of rows, and where each row lies between them, (N, 3)."""
    starts = np.arange(0, len(values), _CHUNK)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    each = np.arange(len(values)) // _CHUNK
    return np.concatenate([low, high], axis=1), (values - low[each]) / np.maximum(high - low, 1e-20)[each]


def _packed_three(shares: FloatArray) -> Words:
    columns = [to_bytes(shares[:, n], 2**bits - 1) << shift for n, (shift, bits) in enumerate(_BITS)]
    return np.bitwise_or.reduce(columns)
