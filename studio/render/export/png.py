"""Writes a clip as one PNG: a frame, a contact sheet, or a strip."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.clip import Clip
from studio.core.container.png_writer import PngWriter
from studio.core.error import UserError
from studio.core.picture import MAX_PIXELS, MAX_SIDE_PX
from studio.core.text import N_
from studio.render.export.option import ExportOptions
from studio.render.export.painter import FramePainter
from studio.render.export.progress import Export, done

_GAP_SHARE: Final = 1 / 24  # of the side, between the pictures of a sheet
_ROWS_AT_ONCE: Final = 64

ByteArray = NDArray[np.uint8]


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
