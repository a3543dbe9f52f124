"""Encodes the frames of a family's living thumbnail as one WebP that Home takes."""

import io
import sys
from collections.abc import Sequence

from PIL import Image

LIMIT_BYTES = 150_000
QUALITIES = (80, 70, 60, 50, 40, 30, 20, 10)


def encoded(frames: Sequence[Image.Image], durations_ms: int | Sequence[int]) -> bytes:
    """The best quality that is not too large; ends the program where none is."""
    for quality in QUALITIES:
        file = io.BytesIO()
        frames[0].save(
            file,
            "WEBP",
            save_all=True,
            append_images=frames[1:],
            duration=durations_ms,
            loop=0,
            quality=quality,
            method=6,
        )
        if file.tell() <= LIMIT_BYTES:
            return file.getvalue()
    sys.exit("The thumbnail does not fit into 150 KB: show less.")
