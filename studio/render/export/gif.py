"""Writes a clip as an animated GIF, one frame after the other.

Layout: W3C, "GRAPHICS INTERCHANGE FORMAT(sm) Version 89a"; the loop is Netscape's extension.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.container.metadata import labelled_text
from studio.core.recording.clip import Clip
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.painter import FramePainter

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_FPS: Final = 50.0  # what is faster, viewers slow down to ten
_N_COLOURS: Final = 256
_SAMPLE_PX: Final = 128
_BLOCK_BYTES: Final = 255

ByteArray = NDArray[np.uint8]


def write_gif(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the frames of the range, each with its own 256 colours; equal frames give equal bytes."""
    start, stop = options.span(clip)
    painter = FramePainter(clip, options.opaque())
    delays = delays_of(stop - start, min(options.fps_of(clip), MAX_FPS), 100)
    comment = labelled_text(clip.made_from()).encode()
    with atomic_file(path) as draft, draft.open("wb") as file:
        file.write(b"GIF89a" + struct.pack("<2H3B", painter.width_px, painter.height_px, 0x70, 0, 0))
        file.write(b"\x21\xfe" + b"".join(_blocks(comment)) + b"\0")
        if options.is_looped:
            file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")
        for number, (frame, delay) in enumerate(zip(clip.frames(start, stop), delays, strict=True)):
            file.write(b"\x21\xf9\x04" + struct.pack("<BHB", 0x04, delay, 0) + b"\0" + _encoded(painter.paint(frame)))
            yield done(number + 1, stop - start)
        file.write(b"\x3b")
    return path


def delays_of(n_frames: int, fps: float, ticks_per_s: int) -> list[int]:
    """How many ticks each frame stands: whole numbers whose sum is never off by more than half a tick."""
    ends = [round(ticks_per_s * (i + 1) / fps) for i in range(n_frames)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _blocks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _BLOCK_BYTES):
        part = data[start : start + _BLOCK_BYTES]
        yield bytes([len(part)]) + part


def _encoded(picture: ByteArray) -> bytes:
    """Return an image block with its own colours: Pillow writes a file of one picture, which is cut open."""
    buffer = io.BytesIO()
    _reduced(picture).save(buffer, "GIF", optimize=False, interlace=0)
    data = buffer.getvalue()
    n_bits = (data[10] & 7) + 1
    colours_end = 13 + (3 << n_bits)
    descriptor = data.index(b"\x2c", _after_extensions(data, colours_end))
    place = data[descriptor : descriptor + 9] + bytes([0x80 | (n_bits - 1)])
    return place + data[13:colours_end] + data[descriptor + 10 : -1]


def _after_extensions(data: bytes, position: int) -> int:
    while data[position] == 0x21:
        position += 2
        while data[position]:
            position += data[position] + 1
        position += 1
    return position


def _reduced(picture: ByteArray) -> "Image":
    """Reduce (H, W, 3) to 256 colours: exactly where there are no more, else dithered."""
    from PIL.Image import Dither, Quantize, Resampling, fromarray

    if (picture[..., :1] == picture[..., 1:]).all():
        return fromarray(np.ascontiguousarray(picture[..., 0]))
    image = fromarray(picture)
    if image.getcolors(_N_COLOURS) is not None:
        return image.quantize(_N_COLOURS, Quantize.MEDIANCUT, dither=Dither.NONE)
    sample = image.resize((min(image.width, _SAMPLE_PX), min(image.height, _SAMPLE_PX)), Resampling.NEAREST)
    palette = sample.quantize(_N_COLOURS, Quantize.FASTOCTREE)  # dithered no worse than median cut, 50 times as fast
    return image.quantize(palette=palette, dither=Dither.FLOYDSTEINBERG)
