"""Reads what COLMAP placed: a model in `sparse/0`, `sparse` or the folder itself, with `images` beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.container.source import is_folder, printable
from studio.core.error import UserError
from studio.core.translation import N_

from .colmap_files import ColmapCamera, ColmapPhoto, Doubles, ending_of, read_model
from .placing import placed
from .shots import MAX_NUMBER, SceneFile, Shot, file_in, inner_path, mask_beside, natural, scene_file

_PLACES: Final = ("sparse/0", "sparse", ".", "colmap/sparse/0")
PHOTO_FOLDERS: Final = ("images", "images_2", "images_4", "images_8", "input")
"""Where the photos lie, the largest first; next to the model where there is none of these folders."""
_TO_OPENGL: Final = np.diag([1.0, -1.0, -1.0])


def is_colmap(path: Path) -> bool:
    """Whether there is a model in a folder."""
    return _model_in(path) is not None


def read_colmap(path: Path, photos: Path | None = None) -> SceneFile:
    """Read the cameras of a folder; no pixel is read. `photos` is the folder with the photos, where it is another one.

    Raises:
        UserError: there is no model, it is damaged or too large, it names files outside its folder, its kind of
            camera cannot be drawn, or no photo of it can be used.
    """
    folder = _model_in(path)
    if folder is None:
        raise UserError(N_("There is no COLMAP model in “{name}”.").format(name=printable(path.name)))
    model = read_model(folder)
    root, inside = _photos_of(path) if photos is None else (photos, "")
    if photos is not None and photos.name in PHOTO_FOLDERS:
        root, inside = photos.parent, f"{photos.name}/"
    left_out: list[str] = []
    shots = []
    for photo in sorted(model.photos, key=lambda one: natural(one.name)):
        inner = inner_path(f"{inside}{inner_path(photo.name)}")
        file, matrix, camera = file_in(root, inner, ()), camera_to_world(photo), model.cameras.get(photo.camera)
        if file is None or matrix is None or camera is None:
            why = N_("“{name}” is missing.") if file is None else N_("“{name}” has no usable camera.")
            left_out.append(why.format(name=printable(inner)))
        else:
            shots.append(_shot(file, mask_beside(root, inner), matrix, camera))
    moved, box = placed(shots, model.points) if shots else ([], None)
    return scene_file(root, moved, left_out, box)


def camera_to_world(photo: ColmapPhoto) -> Doubles | None:
    """A photo's place (4, 4) in COLMAP's world with OpenGL's axes; None where its numbers are none."""
    length = float(np.linalg.norm(photo.turn))
    if not (1e-6 < length < MAX_NUMBER and (np.abs(photo.shift) <= MAX_NUMBER).all()):
        return None
    w, x, y, z = photo.turn / length
    across = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    to_camera = np.eye(3) + 2 * w * across + 2 * across @ across
    matrix = np.eye(4)
    matrix[:3, :3] = to_camera.T @ _TO_OPENGL
    matrix[:3, 3] = -to_camera.T @ photo.shift
    return matrix


def _shot(file: Path, mask: Path | None, matrix: Doubles, camera: ColmapCamera) -> Shot:
    return Shot(file, mask, matrix, camera.table, camera.lens, camera.is_fisheye, "train")


def _model_in(path: Path) -> Path | None:
    return next((path / place for place in _PLACES if is_folder(path) and ending_of(path / place)), None)


def _photos_of(path: Path) -> tuple[Path, str]:
    """The folder of the scene, and what stands before the photos' names in it; also where the model itself is meant."""
    for root in _roots(path):
        for name in PHOTO_FOLDERS:
            if is_folder(root / name):
                return root, f"{name}/"
    return path, ""


def _roots(path: Path) -> Iterator[Path]:
    yield path
    whole = path.resolve()
    if whole.parent.name == "sparse":
        yield whole.parent.parent
    elif whole.name == "sparse":
        yield whole.parent
