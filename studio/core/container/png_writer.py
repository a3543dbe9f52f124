"""Writes a PNG row by row, so that a large picture is never held, and no single step takes long."""

import struct
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from studio.core.container.metadata import KEYWORD, metadata_text
from studio.core.container.png_file import SIGNATURE

_COLOUR_KINDS = {1: 0, 3: 2, 4: 6}  # by number of channels
_LEVEL = 6


class PngWriter:
    """Takes the rows of a picture from top to bottom; the same rows give the same bytes."""

    def __init__(
        self, file: BinaryIO, width_px: int, height_px: int, n_channels: int, metadata: Mapping[str, Any]
    ) -> None:
        """`n_channels` is 1 (grey), 3 or 4; raises UserError where the metadata is not allowed."""
        self._file = file
        self._packer = zlib.compressobj(_LEVEL)
        self._above = np.zeros((width_px, n_channels), np.uint8)
        file.write(SIGNATURE)
        self._put(b"IHDR", struct.pack(">2I5B", width_px, height_px, 8, _COLOUR_KINDS[n_channels], 0, 0, 0))
        self._put(b"tEXt", KEYWORD.encode() + b"\0" + metadata_text(metadata).encode())

    def write(self, rows: NDArray[np.uint8]) -> None:
        """Add rows (N, W, C)."""
        above = np.concatenate([self._above[None], rows[:-1]])
        self._above = rows[-1]
        self._put(b"IDAT", self._packer.compress(_filtered(rows, above).tobytes()))

    def finish(self) -> None:
        """Write the end; all rows must have been written."""
        self._put(b"IDAT", self._packer.flush())
        self._put(b"IEND", b"")

    def _put(self, kind: bytes, body: bytes) -> None:
        self._file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))


def _filtered(rows: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Write each row as it is, or as differences to the left or above: what gives the smallest numbers.

    Shapes: (N, W, C) twice; returns (N, 1 + W * C), the number of the filter first.
    """
    left = np.zeros_like(rows)
    left[:, 1:] = rows[:, :-1]
    ways = np.stack([rows, rows - left, rows - above]).reshape(3, len(rows), -1)  # (3, N, W * C), modulo 256
    sizes = np.abs(ways.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)  # (3, N)
    best = sizes.argmin(axis=0)
    chosen = ways[best, np.arange(len(rows))]
    return np.concatenate([best.astype(np.uint8)[:, None], chosen], axis=1)
