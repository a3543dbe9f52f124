"""Reads transforms.json, the cameras of a scene as NeRF-synthetic, instant-ngp and nerfstudio write them."""

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.container.json_text import parse_json
from studio.core.container.source import is_file, open_regular, printable
from studio.core.error import UserError
from studio.core.translation import N_

from ..field.photos.photos import Part

Table: TypeAlias = Mapping[str, Any]

NAME: Final = "transforms.json"
MAX_FRAMES: Final = 10_000
MAX_JSON_BYTES: Final = 32 << 20
MAX_TOKENS: Final = 2_000_000
MAX_NUMBER: Final = 1e6
MAX_LENS_NUMBER: Final = 10.0
MIN_FRAMES: Final = 2
HELD_OUT_EVERY: Final = 8
PARTS: Final[tuple[Part, ...]] = ("train", "val", "test")
_ENDINGS: Final = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff", "ppm")
_LENS: Final = ("k1", "k2", "k3", "k4", "p1", "p2")
_FISHEYES: Final = {"OPENCV_FISHEYE"}
_PLAIN_CAMERAS: Final = {"", "OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE", "SIMPLE_RADIAL", "RADIAL"}
_NGP_SCALE: Final = 0.33
"""By which instant-ngp shrinks a scene before its box of side `aabb_scale` is laid round it."""


@dataclass(frozen=True, eq=False)
class Shot:
    """One photo that a file names, before its pixels are read.

    Attributes:
        path, mask: files; the mask is black where a pixel tells nothing.
        camera_to_world: float64 (4, 4), OpenGL axes.
        table: what decides its intrinsics: numbers of the frame before those of the whole file.
        lens: float64 (6,): k1, k2, k3, k4, p1, p2.
    """

    path: Path
    mask: Path | None
    camera_to_world: npt.NDArray[np.float64]
    table: Mapping[str, float]
    lens: npt.NDArray[np.float64]
    is_fisheye: bool
    part: Part

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


def is_scene(path: Path) -> bool:
    """Whether there are transforms in a folder, or the file is one of them."""
    return bool(_files_of(path))


def read_transforms(path: Path) -> SceneFile:
    """Read the cameras of a folder, or of the folder of a transforms file; no pixel is read.

    Raises:
        UserError: there is no such file, it is damaged or too large, it names files outside its folder, or no photo
            of it can be used.
    """
    files = _files_of(path)
    if not files:
        raise UserError(
            N_("There is no “transforms.json” in “{name}”.").format(name=printable(path.name)),
            N_("Choose the folder that contains it."),
        )
    shots: list[Shot] = []
    left_out: list[str] = []
    tables = [(_read_table(file), part) for file, part in files]
    for table, part in tables:
        reader = _TransformsReader(files[0][0].parent, table, part)
        shots += reader.shots()
        left_out += reader.left_out
    if len(shots) < MIN_FRAMES:
        problem = N_("The scene has fewer than {n} photos that can be used.").format(n=MIN_FRAMES)
        raise UserError(problem, left_out[0] if left_out else N_("Choose another folder."))
    return SceneFile(files[0][0].parent, _with_held_out(shots), _box(tables[0][0]), tuple(left_out))


def _files_of(path: Path) -> list[tuple[Path, Part | None]]:
    """The files to read, with the part that each stands for; None where the file itself says that."""
    folder = path if path.is_dir() else path.parent
    if path.name != NAME:
        by_part = [(folder / f"transforms_{part}.json", part) for part in PARTS]
        if is_file(by_part[0][0]):
            return [(file, part) for file, part in by_part if is_file(file)]
    named = path if path.suffix == ".json" and is_file(path) else folder / NAME
    return [(named, None)] if is_file(named) and named.name.startswith("transforms") else []


def _read_table(path: Path) -> Table:
    with open_regular(path) as file:
        table = parse_json(file.read(MAX_JSON_BYTES + 1), MAX_JSON_BYTES, MAX_TOKENS)
    if not isinstance(table, dict) or not isinstance(table.get("frames"), list):
        raise UserError(
            N_("“{name}” lists no photos.").format(name=printable(path.name)), N_("It needs a list called “frames”.")
        )
    if len(table["frames"]) > MAX_FRAMES:
        raise UserError(N_("The scene has more than {n:,} photos.").format(n=MAX_FRAMES), N_("Choose a smaller one."))
    return table


class _TransformsReader:
    """Reads the frames of one file."""

    def __init__(self, folder: Path, table: Table, part: Part | None) -> None:
        self.left_out: list[str] = []
        self._folder = folder
        self._table = table
        self._part = part
        self._listed = {
            _inner_path(name): listed for listed in PARTS for name in _texts(table.get(f"{listed}_filenames", []))
        }

    def shots(self) -> list[Shot]:
        frames = [frame for frame in self._table["frames"] if isinstance(frame, dict)]
        named = sorted(frames, key=lambda frame: _natural(str(frame.get("file_path", ""))))
        found = (self._shot(frame) for frame in named)
        return [shot for shot in found if shot is not None]

    def _shot(self, frame: Table) -> Shot | None:
        name = frame.get("file_path")
        if not isinstance(name, str) or not name:
            self.left_out.append(N_("A photo without a name was left out."))
            return None
        inner = _inner_path(name)
        path, matrix = self._file(inner), _matrix(frame)
        if path is None or matrix is None:
            why = N_("“{name}” is missing.") if path is None else N_("“{name}” has no usable camera.")
            self.left_out.append(why.format(name=printable(inner)))
            return None
        table = _numbers({**self._table, **frame})
        lens = np.array([table.get(key, 0.0) for key in _LENS])
        is_fisheye = _is_fisheye({**self._table, **frame})
        part = self._part or self._listed.get(inner) or ("test" if self._listed else "train")
        return Shot(path, self._mask(frame, path), matrix, table, lens, is_fisheye, part)

    def _file(self, inner: str) -> Path | None:
        """The file of this name, or with one of the usual endings; None where there is none."""
        names = [inner, *(f"{inner}.{ending}" for ending in _ENDINGS)]
        for name in names:
            path = self._folder / name
            if is_file(path):
                _check_inside(self._folder, path)
                return path
        return None

    def _mask(self, frame: Table, path: Path) -> Path | None:
        name = frame.get("mask_path")
        if isinstance(name, str) and name:
            return self._file(_inner_path(name))
        return None


def _inner_path(name: str) -> str:
    """A path within the folder with forward slashes; raises UserError where it leads out of it."""
    inner = os.path.normpath(name.replace("\\", "/")).replace("\\", "/")
    if inner.startswith(("/", "..")) or ":" in inner.split("/")[0] or "\0" in inner:
        raise UserError(
            N_("The file refers to a photo outside its own folder: “{name}”.").format(name=printable(name)),
            N_("Put the photos next to it."),
        )
    return inner


def _check_inside(folder: Path, path: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UserError(
            N_("“{name}” is a link that leads out of the scene’s folder.").format(name=printable(path.name)),
            N_("Put the photos next to the file."),
        )


def _texts(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _natural(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts numbers in names by their value."""
    pieces = re.split(r"(\d{1,18})", name.replace("\\", "/"))
    return [(0, int(piece)) if piece.isdecimal() else (1, piece) for piece in pieces]


def _numbers(table: Table) -> dict[str, float]:
    """The numbers that decide a camera, each within its bounds."""
    found = {}
    for key in ("w", "h", "fl_x", "fl_y", "cx", "cy", "camera_angle_x", "camera_angle_y", "x_fov", "y_fov", *_LENS):
        if table.get(key) is not None:
            found[key] = _number(table[key], key)
    for key, highest in (("camera_angle_x", math.pi), ("camera_angle_y", math.pi), ("x_fov", 180), ("y_fov", 180)):
        if not 0 < found.get(key, 1e-3) < highest:
            raise _no_number(key)
    for key in ("w", "h", "fl_x", "fl_y"):
        if found.get(key, 1.0) <= 0:
            raise _no_number(key)
    for key in _LENS:
        if abs(found.get(key, 0.0)) > MAX_LENS_NUMBER:
            raise _no_number(key)
    return found


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
        raise _no_number(key)
    return float(value)


def _no_number(key: str) -> UserError:
    return UserError(N_("“{key}” of the cameras is not a usable number.").format(key=printable(key)))


def _focal(table: Mapping[str, float], axis: str, size_px: int, to_size: float) -> float | None:
    """The focal length along an axis in pixels of a picture `size_px` long; None where nothing tells it."""
    if f"fl_{axis}" in table:
        return table[f"fl_{axis}"] * to_size
    if f"camera_angle_{axis}" in table:
        return 0.5 * size_px / math.tan(table[f"camera_angle_{axis}"] / 2)
    if f"{axis}_fov" in table:
        return 0.5 * size_px / math.tan(math.radians(table[f"{axis}_fov"]) / 2)
    return None


def _is_fisheye(table: Table) -> bool:
    model = table.get("camera_model") or ""
    if not isinstance(model, str) or model not in _PLAIN_CAMERAS | _FISHEYES or "ftheta_p0" in table:
        raise UserError(
            N_("The photos were taken with a kind of camera that cannot be used: {name}.").format(
                name=printable(str(model or "f-theta"))
            ),
            N_("Ordinary and fisheye lenses (OPENCV, OPENCV_FISHEYE) can."),
        )
    return model in _FISHEYES or table.get("is_fisheye") is True


def _matrix(frame: Table) -> npt.NDArray[np.float64] | None:
    """The camera of a frame with axes of length 1; None where it is no rotation and place."""
    rows = frame.get("transform_matrix", frame.get("transform_matrix_start"))
    if not isinstance(rows, list) or len(rows) not in (3, 4) or not all(_is_row(row) for row in rows):
        return None
    matrix = np.eye(4)
    matrix[:3] = rows[:3]
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    if not (lengths > 1e-6).all():
        return None
    matrix[:3, :3] /= lengths
    is_turned = np.abs(matrix[:3, :3].T @ matrix[:3, :3] - np.eye(3)).max() < 1e-2
    return matrix if is_turned and np.linalg.det(matrix[:3, :3]) > 0 else None


def _is_row(row: Any) -> bool:
    def is_usable(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER

    return isinstance(row, list) and len(row) == 4 and all(is_usable(value) for value in row)


def _with_held_out(shots: Sequence[Shot]) -> tuple[Shot, ...]:
    """Where no photo is set apart, every eighth is, so that what was learnt can be measured."""
    parts = {shot.part for shot in shots}
    if parts != {"train"} or len(shots) < HELD_OUT_EVERY:
        if "train" not in parts:
            raise UserError(N_("The file does not say which photos are for training."), N_("Choose another folder."))
        return tuple(sorted(shots, key=lambda shot: PARTS.index(shot.part)))
    training = [shot for number, shot in enumerate(shots) if number % HELD_OUT_EVERY != HELD_OUT_EVERY // 2]
    held_out = [_as_validation(shot) for shot in shots[HELD_OUT_EVERY // 2 :: HELD_OUT_EVERY]]
    return (*training, *held_out)


def _as_validation(shot: Shot) -> Shot:
    return Shot(shot.path, shot.mask, shot.camera_to_world, shot.table, shot.lens, shot.is_fisheye, "val")


def _box(table: Table) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None:
    """The box that instant-ngp would take, in the units of the cameras; None where the file states none."""
    if table.get("aabb_scale") is None:
        return None
    side, scale = _number(table["aabb_scale"], "aabb_scale"), _number(table.get("scale", _NGP_SCALE), "scale")
    offset = table.get("offset", [0.5, 0.5, 0.5])
    if not isinstance(offset, list) or len(offset) != 3:
        raise _no_number("offset")
    if side <= 0 or scale <= 0:
        raise _no_number("aabb_scale")
    middle = 0.5 - np.array([_number(value, "offset") for value in offset])
    low, high = (middle - side / 2) / scale, (middle + side / 2) / scale
    return low.astype(np.float32), high.astype(np.float32)
