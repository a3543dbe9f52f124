"""Writes a clip as one PNG, a frame, a contact sheet or a strip: row by row, so that a large picture is never held."""

import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.container.metadata import KEYWORD, metadata_text
from studio.core.container.png_file import SIGNATURE
from studio.core.error import UserError
from studio.core.picture import MAX_PIXELS, MAX_SIDE_PX
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.painter import FramePainter

_COLOUR_KINDS = {1: 0, 3: 2, 4: 6}  # by number of channels
_LEVEL = 6
_GAP_SHARE: Final = 1 / 24  # of the side, between the pictures of a sheet
_ROWS_AT_ONCE: Final = 64

ByteArray = NDArray[np.uint8]


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


def write_png(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the first frame of the range."""
    return _write(clip, path, options, 1, 1)


def write_sheet(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write frames that are evenly spread over the range, in rows."""
    n_pictures = _n_pictures(clip, options)
    return _write(clip, path, options, n_pictures, math.ceil(math.sqrt(n_pictures)))


def write_strip(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write frames that are evenly spread over the range, in one row."""
    n_pictures = _n_pictures(clip, options)
    return _write(clip, path, options, n_pictures, n_pictures)


def spread(start: int, stop: int, n_pictures: int) -> list[int]:
    """Return `n_pictures` of the frames start .. stop - 1, evenly spread, the first and the last among them."""
    if n_pictures == 1:
        return [start]
    return [start + round(i * (stop - 1 - start) / (n_pictures - 1)) for i in range(n_pictures)]


def _n_pictures(clip: Clip, options: ExportOptions) -> int:
    start, stop = options.span(clip)
    return min(options.n_pictures, stop - start)


def _write(clip: Clip, path: Path, options: ExportOptions, n_pictures: int, n_columns: int) -> Export:
    painter = FramePainter(clip, options)
    indices = spread(*options.span(clip), n_pictures)
    gap_px = max(2, round(options.side_px * _GAP_SHARE)) if n_pictures > 1 else 0
    n_rows = -(-n_pictures // n_columns)
    width_px = n_columns * (painter.width_px + gap_px) + gap_px
    height_px = n_rows * (painter.height_px + gap_px) + gap_px
    if max(width_px, height_px) > MAX_SIDE_PX or width_px * height_px > MAX_PIXELS:
        raise UserError(N_("This picture would be too large."), N_("Choose a smaller size or fewer pictures."))
    n_steps = n_pictures + n_rows * -(-(painter.height_px + gap_px) // _ROWS_AT_ONCE)
    with atomic_file(path) as draft, draft.open("wb") as file:
        writer = PngWriter(file, width_px, height_px, painter.n_channels, clip.made_from())
        n_done = 0
        for first in range(0, n_pictures, n_columns):
            row = painter.blank(width_px, painter.height_px + gap_px)
            for column, index in enumerate(indices[first : first + n_columns]):
                left = gap_px + column * (painter.width_px + gap_px)
                row[gap_px:, left : left + painter.width_px] = painter.paint(clip.frame(index))
                n_done += 1
                yield done(n_done, n_steps)
            for band in _bands(row):
                writer.write(band)
                n_done += 1
                yield done(n_done, n_steps)
        if gap_px:
            writer.write(painter.blank(width_px, gap_px))
        writer.finish()
    return path


def _bands(rows: ByteArray) -> Iterator[ByteArray]:
    return (rows[top : top + _ROWS_AT_ONCE] for top in range(0, len(rows), _ROWS_AT_ONCE))
