"""SPZ files of Niantic: 20 bytes a splat without its harmonics, sorted by attribute and packed.

Versions 1 to 3 are one gzip stream, version 4 is a head and one Zstandard frame an attribute. Version 1 has positions
in half precision, later ones in 24 bits with a fixed point; versions 1 and 2 leave w out of a rotation, later ones the
largest part. The scene stands upright, as here.
"""

import gzip
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_write
from studio.core.container.source import cut_short, file_size
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import MAX_DEGREE, N_COEFFICIENTS, FloatArray, Splats
from .scene import (
    ROWS,
    SQRT2,
    SplatFile,
    check_count,
    damaged,
    empty_arrays,
    from_smallest_three,
    logits_of,
    scene_of,
    smallest_three,
    to_bytes,
)

SPZ: Final = "spz"
MAGIC: Final = b"NGSP"
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = struct.Struct("<4sIIBBBB")
_HEAD_4_BYTES: Final = 32
_MAX_VERSION: Final = 4
_MAX_DEGREE: Final = 4
_MAX_FILE_BYTES: Final = 1 << 30
# A small file may unpack to this much, a larger one to so many times its size.
_ALLOWANCE_BYTES: Final = 32 << 20
_MAX_RATIO: Final = 100
_MORE_BYTES: Final = 1 << 16  # some programs add to the end of a file
_HAS_EXTENSIONS: Final = 2
_MOST_FRACTION_BITS: Final = 23
_COLOUR: Final = 0.15  # a byte spans more than 0..1, since harmonics may bring a colour back
_ONE_9_BITS: Final = 511
_WRITTEN: Final = 3
_FRACTION_BITS: Final = 12
_STEPS: Final = (8, 16)  # of 256, that the first degree and higher ones are rounded to
Bytes = npt.NDArray[np.uint8]


class _Head(NamedTuple):
    magic: bytes
    version: int
    n: int
    degree: int
    fraction_bits: int
    flags: int
    n_streams: int

    @property
    def n_harmonics(self) -> int:
        """Coefficients a channel beyond the first."""
        return (self.degree + 1) ** 2 - 1

    def widths(self) -> tuple[int, ...]:
        """Bytes a splat of positions, opacities, colours, scales, rotations and harmonics."""
        return 6 if self.version == 1 else 9, 1, 3, 3, 4 if self.version > 2 else 3, 3 * self.n_harmonics


def looks_like_spz(start: bytes) -> bool:
    """Whether a file begins as one, of whichever version."""
    if start[:2] != _GZIP:
        return start[:4] == MAGIC
    try:
        return zlib.decompressobj(31).decompress(start, 4) == MAGIC
    except zlib.error:
        return False


def read_spz(file: BinaryIO) -> SplatFile:
    """Read all splats; raises UserError where the file is broken, too large, or of a version not known here."""
    if file_size(file) > _MAX_FILE_BYTES:
        raise UserError(N_("This file is too large to be a scene in SPZ."))
    data = file.read()
    if data[:2] == _GZIP:
        head, streams = _read_gzip(data)
    else:
        head, streams = _read_frames(data)
    arrays = empty_arrays(head.n, min(head.degree, MAX_DEGREE))
    for first in range(0, head.n, ROWS):
        part = slice(first, first + ROWS)
        _unpack(head, [stream[part] for stream in streams], {name: array[part] for name, array in arrays.items()})
    return scene_of(arrays, SPZ, is_over=False, warnings=tuple(_warnings(head)))


def _warnings(head: _Head) -> Iterator[str]:
    if head.degree > MAX_DEGREE:
        yield N_("The finest colours (spherical harmonics of degree 4) are not shown.")
    if head.flags & _HAS_EXTENSIONS:
        yield N_("What another program added to this file is not read.")


def _checked(data: bytes, n_packed: int, versions: range) -> _Head:
    if len(data) < _HEAD.size:
        raise cut_short()
    head = _Head(*_HEAD.unpack_from(data))
    if head.magic != MAGIC or head.version < 1:
        raise damaged()
    if head.version > _MAX_VERSION:
        raise UserError(N_("This scene was saved in a newer version of SPZ than can be read here."))
    if head.version not in versions or head.degree > _MAX_DEGREE or head.fraction_bits > _MOST_FRACTION_BITS:
        raise damaged()
    if head.version < _MAX_VERSION and head.flags & _HAS_EXTENSIONS:
        raise UserError(N_("This SPZ file has an extension that cannot be read here."))
    check_count(head.n)
    if head.n * sum(head.widths()) > _ALLOWANCE_BYTES + _MAX_RATIO * n_packed:
        raise UserError(N_("This file would unpack to an impossible size."))
    return head


def _read_gzip(data: bytes) -> tuple[_Head, list[Bytes]]:
    inflater = zlib.decompressobj(31)
    try:
        head = _checked(inflater.decompress(data, _HEAD.size), len(data), range(1, 4))
        wanted = head.n * sum(head.widths())
        body = inflater.decompress(inflater.unconsumed_tail, wanted + 8 * head.n + _MORE_BYTES)
    except zlib.error as error:
        raise damaged() from error
    if len(body) < wanted or not inflater.eof:  # at whose end the sum of all was checked
        raise cut_short()
    streams, start = [], 0
    for width in head.widths():
        streams.append(np.frombuffer(body, np.uint8, head.n * width, start).reshape(head.n, width))
        start += head.n * width
    return head, streams


def _read_frames(data: bytes) -> tuple[_Head, list[Bytes]]:
    head = _checked(data, len(data), range(4, 5))
    widths = [width for width in head.widths() if width]
    (table_at,) = struct.unpack_from("<I", data.ljust(_HEAD_4_BYTES, b"\0"), _HEAD.size)
    start = table_at + 16 * len(widths)
    if len(data) < start or table_at < _HEAD_4_BYTES or head.n_streams != len(widths):
        raise damaged()
    streams = []
    for n, width in enumerate(widths):
        n_packed, n_bytes = struct.unpack_from("<QQ", data, table_at + 16 * n)
        if n_bytes != head.n * width:
            raise damaged()
        if start + n_packed > len(data):
            raise cut_short()
        frame = unpacked(data[start : start + n_packed], n_bytes)
        streams.append(np.frombuffer(frame, np.uint8).reshape(head.n, width))
        start += n_packed
    return head, [*streams, *[np.zeros((head.n, 0), np.uint8)] * (6 - len(streams))]


def _unpack(head: _Head, streams: Sequence[Bytes], arrays: dict[str, FloatArray]) -> None:
    """Fill slices of the arrays of a scene from the same splats of each stream."""
    positions, opacities, colours, scales, rotations, harmonics = streams
    if head.version == 1:
        arrays["centres"][:] = np.ascontiguousarray(positions).view("<f2")
    else:
        whole = np.zeros((len(positions), 3, 4), np.uint8)
        whole[..., 1:] = positions.reshape(-1, 3, 3)
        arrays["centres"][:] = (whole.view("<i4")[..., 0] >> 8) / np.float32(2**head.fraction_bits)
    arrays["opacity_logits"][:] = logits_of(opacities[:, 0] / 255)
    arrays["harmonics"][:, 0] = (colours / np.float32(255) - 0.5) / _COLOUR
    arrays["log_scales"][:] = scales / np.float32(16) - 10
    arrays["rotations"][:] = _rotations(rotations)
    known = arrays["harmonics"].shape[1] - 1
    arrays["harmonics"][:, 1:] = (harmonics.reshape(len(harmonics), -1, 3)[:, :known].astype(np.float32) - 128) / 128


def _rotations(packed: Bytes) -> FloatArray:
    """Quaternions w, x, y, z; the file counts x, y, z, w."""
    if packed.shape[1] == 3:
        xyz = packed / np.float32(127.5) - 1
        w = np.sqrt(np.maximum(1 - np.square(xyz).sum(1), 0))
        return np.concatenate([w[:, None], xyz], axis=1).astype(np.float32)
    words = np.ascontiguousarray(packed).view("<u4")[:, 0]
    fields = np.stack([(words >> shift) & 1023 for shift in (20, 10, 0)], 1)
    others = (fields & _ONE_9_BITS) / np.float32(_ONE_9_BITS * SQRT2) * np.where(fields > _ONE_9_BITS, -1, 1)
    return np.roll(from_smallest_three(words >> 30, others.astype(np.float32)), 1, axis=1)


def write_spz(path: Path, splats: Splats) -> None:
    """Write splats with y upwards in version 3, which most programs read; whole or not at all."""
    reach = float(np.abs(splats.centres).max())
    bits = next((bits for bits in range(_FRACTION_BITS, -1, -1) if reach * 2**bits < 2**23 - 1), None)
    if bits is None:
        raise UserError(N_("This scene is too wide for SPZ."), N_("Save it as PLY instead."))
    fixed = np.round(splats.centres * 2.0**bits).astype("<i4")
    steps = np.repeat(_STEPS, (3, N_COEFFICIENTS[-1]))[: splats.harmonics.shape[1] - 1, None]
    harmonics = np.clip((np.round(splats.harmonics[:, 1:] * 128 + 128) + steps // 2) // steps * steps, 0, 255)
    streams = (
        np.ascontiguousarray(fixed).view(np.uint8).reshape(-1, 3, 4)[..., :3],
        to_bytes(splats.opacities),
        to_bytes(splats.harmonics[:, 0] * _COLOUR + 0.5),
        to_bytes((splats.log_scales + 10) * (16 / 255)),
        _packed_rotations(splats.rotations),
        harmonics,
    )
    head = _HEAD.pack(MAGIC, _WRITTEN, len(splats), splats.degree, bits, 0, 0)
    body = b"".join(stream.astype(np.uint8).tobytes() for stream in streams)
    atomic_write(path, gzip.compress(head + body, 6, mtime=0))


def _packed_rotations(rotations: FloatArray) -> Bytes:
    largest, others = smallest_three(np.roll(rotations, -1, axis=1))
    sizes = np.clip(np.abs(others) * (_ONE_9_BITS * SQRT2) + 0.5, 0, _ONE_9_BITS).astype(np.uint32)
    words = largest.astype(np.uint32)
    for size, other in zip(sizes.T, others.T, strict=True):
        words = (words << 10) | ((other < 0).astype(np.uint32) << 9) | size
    return words.astype("<u4").view(np.uint8).reshape(-1, 4)


def unpacked(data: bytes, n_bytes: int) -> bytes:
    """Unpack data that are known to become exactly so many bytes; raises UserError where they do not."""
    library = _library()
    try:
        found: bytes = library.ZstdDecompressor().decompress(data, n_bytes + 1)
    except (library.ZstdError, EOFError) as error:
        raise damaged() from error
    if len(found) != n_bytes:
        raise damaged()
    return found


def _library() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise UserError(
            N_("SPZ files of version 4 are packed by Zstandard, which this Python cannot unpack."),
            N_("Install Manifold Studio with the extra “splats”, or save the scene as SPZ version 3."),
        ) from error
    return zstd
