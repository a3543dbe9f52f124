"""Reads transforms.json, the cameras of a scene as NeRF-synthetic, instant-ngp and nerfstudio write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.container.json_text import parse_json
from studio.core.container.source import is_file, open_regular, printable
from studio.core.error import UserError
from studio.core.translation import N_

from ..field.photos.photos import Part
from .shots import (
    LENS,
    MAX_NUMBER,
    PARTS,
    SceneFile,
    Shot,
    check_count,
    file_in,
    inner_path,
    mask_beside,
    natural,
    no_number,
    number,
    numbers,
    scene_file,
)

Table: TypeAlias = Mapping[str, Any]

NAME: Final = "transforms.json"
MAX_JSON_BYTES: Final = 32 << 20
MAX_TOKENS: Final = 2_000_000
MAX_WORD: Final = 80
_FISHEYES: Final = {"OPENCV_FISHEYE"}
_PLAIN_CAMERAS: Final = {"", "OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE", "SIMPLE_RADIAL", "RADIAL"}
_NGP_SCALE: Final = 0.33
"""By which instant-ngp shrinks a scene before its box of side `aabb_scale` is laid round it."""


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
    return scene_file(files[0][0].parent, shots, left_out, _box(tables[0][0]))


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
    check_count(len(table["frames"]))
    return table


class _TransformsReader:
    """Reads the frames of one file."""

    def __init__(self, folder: Path, table: Table, part: Part | None) -> None:
        self.left_out: list[str] = []
        self._folder = folder
        self._table = table
        self._part = part
        self._listed = {
            inner_path(name): listed for listed in PARTS for name in _texts(table.get(f"{listed}_filenames", []))
        }

    def shots(self) -> list[Shot]:
        frames = [frame for frame in self._table["frames"] if isinstance(frame, dict)]
        named = sorted(frames, key=lambda frame: natural(str(frame.get("file_path", ""))))
        found = (self._shot(frame) for frame in named)
        return [shot for shot in found if shot is not None]

    def _shot(self, frame: Table) -> Shot | None:
        name = frame.get("file_path")
        if not isinstance(name, str) or not name:
            self.left_out.append(N_("A photo without a name was left out."))
            return None
        inner = inner_path(name)
        path, matrix = file_in(self._folder, inner), _matrix(frame)
        if path is None or matrix is None:
            why = N_("“{name}” is missing.") if path is None else N_("“{name}” has no usable camera.")
            self.left_out.append(why.format(name=printable(inner)))
            return None
        table = numbers({**self._table, **frame})
        lens = np.array([table.get(key, 0.0) for key in LENS])
        is_fisheye = _is_fisheye({**self._table, **frame})
        part = self._part or self._listed.get(inner) or ("test" if self._listed else "train")
        return Shot(path, self._mask(frame, path), matrix, table, lens, is_fisheye, part, _lighting(frame))

    def _mask(self, frame: Table, path: Path) -> Path | None:
        name = frame.get("mask_path")
        if isinstance(name, str) and name:
            return file_in(self._folder, inner_path(name))
        return mask_beside(self._folder, inner_path(str(frame["file_path"])))


def _lighting(frame: Table) -> str:
    """In which light a photo was taken: the name of the light, else its number; empty where there is neither."""
    named = frame.get("lighting_name", frame.get("lighting"))
    return str(named)[:MAX_WORD] if isinstance(named, str | int) else ""


def _texts(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


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


def _box(table: Table) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None:
    """The box that instant-ngp would take, in the units of the cameras; None where the file states none."""
    if table.get("aabb_scale") is None:
        return None
    side, scale = number(table["aabb_scale"], "aabb_scale"), number(table.get("scale", _NGP_SCALE), "scale")
    offset = table.get("offset", [0.5, 0.5, 0.5])
    if not isinstance(offset, list) or len(offset) != 3:
        raise no_number("offset")
    if side <= 0 or scale <= 0:
        raise no_number("aabb_scale")
    middle = 0.5 - np.array([number(value, "offset") for value in offset])
    low, high = (middle - side / 2) / scale, (middle + side / 2) / scale
    return low.astype(np.float32), high.astype(np.float32)
