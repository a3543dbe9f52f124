"""Photos and the cameras that took them, as every reader of a scene's folder tells them before a pixel is read."""

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import is_file, printable
from studio.core.error import UserError
from studio.core.picture import picture_orientation, picture_size
from studio.core.translation import N_

from ..field.photos.photos import Part

MAX_FRAMES: Final = 10_000
MIN_FRAMES: Final = 2
HELD_OUT_EVERY: Final = 8
PARTS: Final[tuple[Part, ...]] = ("train", "val", "test")
MAX_NUMBER: Final = 1e6
MAX_LENS_NUMBER: Final = 10.0
LENS: Final = ("k1", "k2", "k3", "k4", "p1", "p2")
_KEYS: Final = ("w", "h", "fl_x", "fl_y", "cx", "cy", "camera_angle_x", "camera_angle_y", "x_fov", "y_fov", "time")
_ENDINGS: Final = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff", "ppm")


@dataclass(frozen=True, eq=False)
class Shot:
    """One photo that a file names, before its pixels are read.

    Attributes:
        path, mask: files; the mask is black where a pixel tells nothing.
        camera_to_world: float64 (4, 4), OpenGL axes.
        table: what decides its intrinsics, and its time: numbers of the frame before those of the whole file.
        lens: float64 (6,): k1, k2, k3, k4, p1, p2.
        lighting: in which light it was taken, by name; empty where nothing tells.
    """

    path: Path
    mask: Path | None
    camera_to_world: npt.NDArray[np.float64]
    table: Mapping[str, float]
    lens: npt.NDArray[np.float64]
    is_fisheye: bool
    part: Part
    lighting: str = ""

    def intrinsics(self, width_px: int, height_px: int) -> tuple[float, float, float, float]:
        """fx, fy, cx, cy for a picture of this size."""
        table = self.table
        to_width, to_height = width_px / table.get("w", width_px), height_px / table.get("h", height_px)
        fx, fy = _focal(table, "x", width_px, to_width), _focal(table, "y", height_px, to_height)
        fx, fy = fx or fy, fy or fx
        if not fx or not fy:
            raise UserError(
                N_("The file does not give the cameras’ angle of view."),
                N_("It needs “camera_angle_x” or “fl_x”."),
            )
        cx = table["cx"] * to_width if "cx" in table else width_px / 2
        cy = table["cy"] * to_height if "cy" in table else height_px / 2
        return fx, fy, cx, cy

    def was_on_its_side(self, width_px: int, height_px: int) -> bool:
        """Whether a file of this size lies on its side, and its camera was measured on the upright picture."""
        table = self.table
        is_other = "w" in table and "h" in table and (table["w"] > table["h"]) != (width_px > height_px)
        return is_other and picture_orientation(self.path) >= 5

    def up(self) -> npt.NDArray[np.float64]:
        """Where the upper side of the upright picture points, (3,) in the world; raises UserError where it is none."""
        x, y = self.camera_to_world[:3, 0], self.camera_to_world[:3, 1]
        if self.was_on_its_side(*picture_size(self.path)):
            return y
        return {3: -y, 6: -x, 8: x}.get(picture_orientation(self.path), y)


@dataclass(frozen=True, eq=False)
class SceneFile:
    """What a folder says about the photos in it.

    Attributes:
        shots: in the natural order of their names, training photos first.
        box: corners (3,) of the scene in world units, where the file states them.
        left_out: sentences about photos that cannot be used.
    """

    folder: Path
    shots: tuple[Shot, ...]
    box: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = None
    left_out: tuple[str, ...] = ()


def scene_file(
    folder: Path,
    shots: Sequence[Shot],
    left_out: Sequence[str],
    box: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None,
) -> SceneFile:
    """A scene of these photos, some of them held out; raises UserError where too few can be used."""
    if len(shots) < MIN_FRAMES:
        problem = N_("The scene has fewer than {n} photos that can be used.").format(n=MIN_FRAMES)
        raise UserError(problem, left_out[0] if left_out else N_("Choose another folder."))
    return SceneFile(folder, _with_held_out(shots), box, tuple(left_out))


def check_count(n_photos: int) -> None:
    """Raise UserError where a file lists more photos than any scene has."""
    if n_photos > MAX_FRAMES:
        raise UserError(N_("The scene has more than {n:,} photos.").format(n=MAX_FRAMES), N_("Choose a smaller one."))


def file_in(folder: Path, inner: str, endings: Sequence[str] = _ENDINGS) -> Path | None:
    """The file of this name, or with one of these endings; None where there is none. Raises UserError for links out."""
    names = [inner, *(f"{inner}.{ending}" for ending in endings)]
    for name in names:
        path = folder / name
        if is_file(path):
            check_inside(folder, path)
            return path
    return None


def mask_beside(root: Path, inner: str) -> Path | None:
    """The mask of a photo in `masks/`, which is called like the photo, with or without its ending, and `.png`."""
    name = inner.partition("/")[2] or inner  # without the folder of the photos
    masks = (f"masks/{one}.png" for one in (name, name.rpartition(".")[0]))
    return next((found for found in (file_in(root, one, ()) for one in masks) if found is not None), None)


def inner_path(name: str) -> str:
    """A path within the folder with forward slashes; raises UserError where it leads out of it."""
    inner = os.path.normpath(name.replace("\\", "/")).replace("\\", "/")
    if inner.startswith(("/", "..")) or ":" in inner.split("/")[0] or "\0" in inner:
        raise UserError(
            N_("The file refers to a photo outside its own folder: “{name}”.").format(name=printable(name)),
            N_("Put the photos next to it."),
        )
    return inner


def check_inside(folder: Path, path: Path) -> None:
    """Raise UserError where a file is a link that leads out of a folder."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UserError(
            N_("“{name}” is a link that leads out of the scene’s folder.").format(name=printable(path.name)),
            N_("Put the photos next to the file."),
        )


def natural(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts numbers in names by their value."""
    pieces = re.split(r"(\d{1,18})", name.replace("\\", "/"))
    return [(0, int(piece)) if piece.isdecimal() else (1, piece) for piece in pieces]


def _focal(table: Mapping[str, float], axis: str, size_px: int, to_size: float) -> float | None:
    """The focal length along an axis in pixels of a picture `size_px` long; None where nothing tells it."""
    if f"fl_{axis}" in table:
        return table[f"fl_{axis}"] * to_size
    if f"camera_angle_{axis}" in table:
        return 0.5 * size_px / math.tan(table[f"camera_angle_{axis}"] / 2)
    if f"{axis}_fov" in table:
        return 0.5 * size_px / math.tan(math.radians(table[f"{axis}_fov"]) / 2)
    return None


def numbers(table: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that decide a camera; raises UserError where one is out of its bounds."""
    found = {}
    for key in (*_KEYS, *LENS):
        if table.get(key) is not None:
            found[key] = number(table[key], key)
    for key, highest in (("camera_angle_x", math.pi), ("camera_angle_y", math.pi), ("x_fov", 180), ("y_fov", 180)):
        if not 0 < found.get(key, 1e-3) < highest:
            raise no_number(key)
    for key in ("w", "h", "fl_x", "fl_y"):
        if found.get(key, 1.0) <= 0:
            raise no_number(key)
    for key in LENS:
        if abs(found.get(key, 0.0)) > MAX_LENS_NUMBER:
            raise no_number(key)
    return found


def number(value: Any, key: str) -> float:
    """A number of no more than a million; raises UserError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
        raise no_number(key)
    return float(value)


def no_number(key: str) -> UserError:
    """What to say of a number that cannot be used."""
    return UserError(N_("“{key}” of the cameras is not a usable number.").format(key=printable(key)))


def _with_held_out(shots: Sequence[Shot]) -> tuple[Shot, ...]:
    """Where no photo is set apart, every eighth is, so that what was learnt can be measured."""
    parts = {shot.part for shot in shots}
    if parts != {"train"} or len(shots) < HELD_OUT_EVERY:
        if "train" not in parts:
            raise UserError(N_("The file does not say which photos are for training."), N_("Choose another folder."))
        return tuple(sorted(shots, key=lambda shot: PARTS.index(shot.part)))
    training = [shot for number, shot in enumerate(shots) if number % HELD_OUT_EVERY != HELD_OUT_EVERY // 2]
    held_out = [replace(shot, part="val") for shot in shots[HELD_OUT_EVERY // 2 :: HELD_OUT_EVERY]]
    return (*training, *held_out)
