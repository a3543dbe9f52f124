"""The .splat files of antimatter15's viewer: 32 bytes a splat and nothing else, not even a head."""

from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from studio.core.atomic import atomic_file
from studio.core.container.source import cut_short, file_size, read_exactly

from ...splats.model.splats import Splats
from .scene import (
    ROWS,
    SplatFile,
    empty_arrays,
    first_harmonics,
    logits_of,
    plain_colours,
    scene_of,
    to_bytes,
    turned_over,
)

SPLAT: Final = "splat"
_ROW: Final = np.dtype([("centre", "<f4", 3), ("scale", "<f4", 3), ("colour", "u1", 4), ("rotation", "u1", 4)])


def read_splat(file: BinaryIO) -> SplatFile:
    """Read all splats; raises UserError where the file is empty, cut short or too large."""
    n, rest = divmod(file_size(file), _ROW.itemsize)
    if rest:
        raise cut_short()
    arrays = empty_arrays(n, 0)
    for first in range(0, n, ROWS):
        rows = np.frombuffer(read_exactly(file, min(ROWS, n - first) * _ROW.itemsize), _ROW)
        part = slice(first, first + len(rows))
        arrays["centres"][part] = rows["centre"]
        arrays["log_scales"][part] = np.log(rows["scale"])
        colour = rows["colour"] / np.float32(255)
        arrays["harmonics"][part, 0] = first_harmonics(colour[:, :3])
        arrays["opacity_logits"][part] = logits_of(colour[:, 3])
        arrays["rotations"][part] = (rows["rotation"].astype(np.float32) - 128) / 128
    return scene_of(arrays, SPLAT, is_over=True)


def write_splat(path: Path, splats: Splats) -> None:
    """Write splats with y upwards, the largest first, without what changes with the side; whole or not at all."""
    weight = splats.log_scales.sum(1) - np.logaddexp(0, -splats.opacity_logits)
    splats = turned_over(splats.where(np.argsort(-weight, kind="stable")))
    rows = np.zeros(len(splats), _ROW)
    rows["centre"], rows["scale"] = splats.centres, np.exp(splats.log_scales)
    rows["colour"][:, :3], rows["colour"][:, 3] = to_bytes(plain_colours(splats)), to_bytes(splats.opacities)
    rows["rotation"] = np.clip(np.round(splats.rotations * 128 + 128), 0, 255)
    with atomic_file(path) as draft:
        draft.write_bytes(rows.tobytes())
