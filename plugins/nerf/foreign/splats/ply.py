"""The PLY files that trainings of 3D Gaussian splatting write: one row a splat, every number as it was learnt.

Coefficients f_rest stand channel by channel: all of red, then green, then blue.
"""

from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from studio.core.atomic import atomic_file
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import FloatArray, Splats
from .ply_header import Element, PlyHead, rows_of
from .scene import ORDER, ROWS, SplatFile, degree_of, empty_arrays, scene_of, turned_over

PLY: Final = "3dgs-ply"
_SCALES: Final = ("scale_0", "scale_1", "scale_2")
_ROTATION: Final = ("rot_0", "rot_1", "rot_2", "rot_3")
_COLOUR: Final = ("f_dc_0", "f_dc_1", "f_dc_2")
_WANTED: Final = (*ORDER, *_SCALES, *_ROTATION, "opacity", *_COLOUR)
_NORMALS: Final = ("nx", "ny", "nz")
_UP_IS_Z: Final = "vertical axis: z"  # as nerfstudio says it


def read_ply(file: BinaryIO, head: PlyHead) -> SplatFile:
    """Read the splats under a head; raises UserError where it has none, or the file is broken or too large."""
    vertex = head.element("vertex")
    if vertex is None or not set(_WANTED) <= set(vertex.columns):
        raise UserError(
            N_("This PLY file contains points or a mesh, but no Gaussian splats."),
            N_("Splats have columns such as scale_0 and rot_0. Choose the file that the training of the splats wrote."),
        )
    degree = _degree(vertex)
    names = (*_WANTED, *(f"f_rest_{n}" for n in range(_n_rest(vertex))))
    parts = rows_of(file, head, vertex, names)
    arrays, first = empty_arrays(vertex.count, degree), 0
    for rows in parts:
        _fill(arrays, slice(first, first + len(rows)), rows)
        first += len(rows)
    is_upright = any(comment.casefold() == _UP_IS_Z for comment in head.comments)
    return scene_of(arrays, PLY, is_over=not is_upright, up="z" if is_upright else "y")


def _n_rest(vertex: Element) -> int:
    return sum(name.startswith("f_rest_") for name in vertex.columns)


def _degree(vertex: Element) -> int:
    n_rest = _n_rest(vertex)
    degree = degree_of(1 + n_rest // 3)
    if degree is None or n_rest % 3 or any(f"f_rest_{n}" not in vertex.columns for n in range(n_rest)):
        raise UserError(N_("The colours in this PLY file have {n} coefficients, which no degree has.").format(n=n_rest))
    return degree


def _fill(arrays: dict[str, FloatArray], part: slice, rows: FloatArray) -> None:
    """Put rows (n, columns), in the order of `_WANTED` and f_rest, where they belong."""
    arrays["centres"][part], arrays["log_scales"][part] = rows[:, :3], rows[:, 3:6]
    arrays["rotations"][part], arrays["opacity_logits"][part] = rows[:, 6:10], rows[:, 10]
    arrays["harmonics"][part, 0] = rows[:, 11:14]
    if rows.shape[1] > len(_WANTED):
        arrays["harmonics"][part, 1:] = rows[:, 14:].reshape(len(rows), 3, -1).transpose(0, 2, 1)


def write_ply(path: Path, splats: Splats, up: str = "y") -> None:
    """Write splats with `up` upwards as trainings do; whole or not at all."""
    n_rest = 3 * (splats.harmonics.shape[1] - 1)
    names = (*ORDER, *_NORMALS, *_COLOUR, *(f"f_rest_{n}" for n in range(n_rest)), "opacity", *_SCALES, *_ROTATION)
    axis = ["comment Vertical Axis: z"] if up == "z" else []
    lines = ["ply", "format binary_little_endian 1.0", *axis, f"element vertex {len(splats)}"]
    lines += [*(f"property float {name}" for name in names), "end_header\n"]
    with atomic_file(path) as draft, draft.open("wb") as file:
        file.write("\n".join(lines).encode())
        for first in range(0, len(splats), ROWS):
            part = splats.where(np.arange(first, min(first + ROWS, len(splats))))
            file.write(_rows(part if up == "z" else turned_over(part)).astype("<f4").tobytes())


def _rows(splats: Splats) -> FloatArray:
    rest = splats.harmonics[:, 1:].transpose(0, 2, 1).reshape(len(splats), -1)
    columns = (
        splats.centres,
        np.zeros_like(splats.centres),
        splats.harmonics[:, 0],
        rest,
        splats.opacity_logits[:, None],
        splats.log_scales,
        splats.rotations,
    )
    return np.concatenate(columns, axis=1)
