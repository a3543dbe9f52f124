"""Writes a clip as a WebP picture, animated where it has several frames.

Layout: Google, "WebP Container Specification". Pillow packs each frame; the file around them is written here, so that
frames come one after the other.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.container.metadata import xml_text
from studio.core.recording.clip import Clip
from studio.render.export.gif import delays_of
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.painter import FramePainter
from studio.render.export.wav import riff_chunk

QUALITY: Final = 90
_HAS_ANIMATION, _HAS_XMP, _HAS_ALPHA = 0x02, 0x04, 0x10
_REPLACES: Final = 0x02  # the frame is not blended with the one before
_PICTURE_KINDS: Final = (b"ALPH", b"VP8 ", b"VP8L")

ByteArray = NDArray[np.uint8]


def write_webp(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the frames of the range; equal frames give equal bytes."""
    start, stop = options.span(clip)
    n_frames = stop - start
    painter = FramePainter(clip, options)
    delays = delays_of(n_frames, options.fps_of(clip), 1000)
    note = xml_text(clip.made_from())
    with atomic_file(path) as draft, draft.open("wb") as file:
        _write_head(file, painter, n_frames > 1, options.is_looped)
        for number, (frame, delay) in enumerate(zip(clip.frames(start, stop), delays, strict=True)):
            picture = b"".join(riff_chunk(kind, body) for kind, body in _packed(painter.paint(frame)))
            file.write(picture if n_frames == 1 else riff_chunk(b"ANMF", _place(painter, delay) + picture))
            yield done(number + 1, n_frames)
        file.write(riff_chunk(b"XMP ", f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{note}</x:xmpmeta>'.encode()))
        n_bytes = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", n_bytes))
    return path


def _write_head(file: BinaryIO, painter: FramePainter, is_animated: bool, is_looped: bool) -> None:
    flags = _HAS_XMP | (_HAS_ANIMATION if is_animated else 0) | (_HAS_ALPHA if painter.n_channels == 4 else 0)
    size = _three(painter.width_px - 1) + _three(painter.height_px - 1)
    file.write(b"RIFF\0\0\0\0WEBP" + riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size))
    if is_animated:
        file.write(riff_chunk(b"ANIM", struct.pack("<IH", 0, 0 if is_looped else 1)))


def _place(painter: FramePainter, delay_ms: int) -> bytes:
    size = _three(painter.width_px - 1) + _three(painter.height_px - 1)
    return bytes(6) + size + _three(delay_ms) + bytes([_REPLACES])


def webp_of(picture: ByteArray) -> bytes:
    """Encode one picture, uint8 (H, W, 3 or 4) or grey (H, W), as a file of its own."""
    from PIL.Image import fromarray

    buffer = io.BytesIO()
    fromarray(picture).save(buffer, "WEBP", quality=QUALITY, method=0)
    return buffer.getvalue()


def _packed(picture: ByteArray) -> Iterator[tuple[bytes, bytes]]:
    """Encode one picture; yields the chunks that hold it."""
    data = webp_of(picture)
    position = 12
    while position < len(data):
        n_bytes = int.from_bytes(data[position + 4 : position + 8], "little")
        kind = data[position : position + 4]
        if kind in _PICTURE_KINDS:
            yield kind, data[position + 8 : position + 8 + n_bytes]
        position += 8 + n_bytes + n_bytes % 2


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
