"""Reads `poses_bounds.npy`, the cameras of a scene as LLFF writes them: most of them look the same way."""

from pathlib import Path
from typing import Final

import numpy as np

from studio.core.container.source import file_size, is_file, is_folder, open_regular, printable
from studio.core.container.weights.npz_file import read_array_header
from studio.core.error import UserError
from studio.core.picture import is_picture
from studio.core.translation import N_

from .colmap import PHOTO_FOLDERS
from .colmap_files import Doubles
from .placing import placed
from .shots import (
    LENS,
    MAX_NUMBER,
    SceneFile,
    Shot,
    check_count,
    check_inside,
    mask_beside,
    natural,
    numbers,
    scene_file,
)

NAME: Final = "poses_bounds.npy"
N_COLUMNS: Final = 17
FARTHEST: Final = 20.0
"""Times the nearest bound: what lies further behind is as good as the sky."""


def is_llff(path: Path) -> bool:
    """Whether there are such cameras in a folder."""
    return is_file(path / NAME)


def read_llff(path: Path) -> SceneFile:
    """Read the cameras of a folder; no pixel is read.

    Raises:
        UserError: the file is damaged, or there are not as many photos as cameras, or too few.
    """
    rows, pictures = _rows(path / NAME), _pictures(path)
    if len(rows) != len(pictures):
        raise UserError(
            N_("“{name}” has {n:,} cameras, but there are {m:,} photos.").format(
                name=NAME, n=len(rows), m=len(pictures)
            ),
            N_("Put exactly the photos beside it that it was made from."),
        )
    shots, left_out, seen = [], [], []
    for picture, row in zip(pictures, rows, strict=True):
        matrix, (height, width, focal) = _camera_to_world(row), row[:15].reshape(3, 5)[:, 4]
        if matrix is None:
            left_out.append(N_("“{name}” has no usable camera.").format(name=printable(picture.name)))
            continue
        check_inside(path, picture)
        table = numbers({"w": float(width), "h": float(height), "fl_x": float(focal)})
        mask = mask_beside(path, picture.relative_to(path).as_posix())
        shots.append(Shot(picture, mask, matrix, table, np.zeros(len(LENS)), False, "train"))
        seen.append(_corners(matrix, (width / 2 / focal, height / 2 / focal), row[15:]))
    moved, box = placed(shots, np.concatenate(seen)) if shots else ([], None)
    return scene_file(path, moved, left_out, box)


def _rows(path: Path) -> Doubles:
    """The numbers (N, 17): a 3 x 5 matrix row by row, and the nearest and farthest that a photo shows."""
    with open_regular(path) as file:
        header = read_array_header(file.read)
        n_rows = header.shape[0] if len(header.shape) == 2 and header.shape[1] == N_COLUMNS else 0
        if not n_rows or file_size(file) != header.n_bytes + n_rows * N_COLUMNS * header.item_bytes:
            raise UserError(N_("“{name}” is not a table of cameras.").format(name=NAME))
        check_count(n_rows)
        file.seek(0)
        try:
            rows = np.asarray(np.load(file, allow_pickle=False))
        except ValueError as error:  # numpy is stricter about a header than we are
            raise UserError(N_("“{name}” is not a table of cameras.").format(name=NAME)) from error
    if rows.dtype.kind not in "fiu":
        raise UserError(N_("“{name}” is not a table of cameras.").format(name=NAME))
    return rows.astype(np.float64)


def _pictures(path: Path) -> list[Path]:
    """The photos in the order of their names, from the largest of the folders."""
    folders = (path / name for name in PHOTO_FOLDERS)
    folder = next((one for one in folders if is_folder(one)), path)
    return sorted(filter(is_picture, folder.iterdir()), key=lambda one: natural(one.name))


def _camera_to_world(row: Doubles) -> Doubles | None:
    """A camera (4, 4) with OpenGL's axes, from one whose axes are down, right and backwards; None where it is none."""
    pose = row[:15].reshape(3, 5)
    matrix = np.eye(4)
    matrix[:3] = np.stack([pose[:, 1], -pose[:, 0], pose[:, 2], pose[:, 3]], axis=-1)
    turn = matrix[:3, :3]
    is_turn = (np.abs(row) <= MAX_NUMBER).all() and np.abs(turn.T @ turn - np.eye(3)).max() < 1e-2
    return matrix if is_turn and np.linalg.det(turn) > 0 else None


def _corners(matrix: Doubles, half: tuple[float, float], bounds: Doubles) -> Doubles:
    """What a photo shows, as the eight corners (8, 3) between its bounds; none (0, 3) where they are no depths."""
    near, far = bounds
    if not 0 < near < far:
        return np.zeros((0, 3))
    depths = np.array([near, min(far, FARTHEST * near)])
    corners = [(x * half[0] * d, y * half[1] * d, -d) for d in depths for x in (-1, 1) for y in (-1, 1)]
    return np.asarray(np.array(corners) @ matrix[:3, :3].T + matrix[:3, 3])
