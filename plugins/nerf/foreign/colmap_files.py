"""Reads the files of a COLMAP model: cameras, the photos' places, points; binary or text, each within bounds.

Their layout is in the documentation of COLMAP, “Output Format”.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.container.source import cut_short, file_size, is_file, open_regular, printable, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

from .shots import LENS, MAX_NUMBER, check_count, numbers

Doubles: TypeAlias = npt.NDArray[np.float64]

MAX_POINTS: Final = 200_000
"""So many of the first points say where the scene is."""
MAX_NAME_BYTES: Final = 1024
MAX_LINE_BYTES: Final = 16 << 20
_POINT_BYTES: Final = 24
# By COLMAP's number: the name, what the parameters are, and whether it is a fisheye. One focal length stands for both.
_FOCAL, _BOTH, _MIDDLE = ("fl_x",), ("fl_x", "fl_y"), ("cx", "cy")
_MODELS: Final = {
    0: ("SIMPLE_PINHOLE", (*_FOCAL, *_MIDDLE), False),
    1: ("PINHOLE", (*_BOTH, *_MIDDLE), False),
    2: ("SIMPLE_RADIAL", (*_FOCAL, *_MIDDLE, "k1"), False),
    3: ("RADIAL", (*_FOCAL, *_MIDDLE, "k1", "k2"), False),
    4: ("OPENCV", (*_BOTH, *_MIDDLE, "k1", "k2", "p1", "p2"), False),
    5: ("OPENCV_FISHEYE", (*_BOTH, *_MIDDLE, "k1", "k2", "k3", "k4"), True),
    8: ("SIMPLE_RADIAL_FISHEYE", (*_FOCAL, *_MIDDLE, "k1"), True),
    9: ("RADIAL_FISHEYE", (*_FOCAL, *_MIDDLE, "k1", "k2"), True),
}
_NUMBERS: Final = {name: number for number, (name, _, _) in _MODELS.items()}


@dataclass(frozen=True, eq=False)
class ColmapCamera:
    """One lens: its intrinsics by the names of transforms.json; lens float64 (6,): k1, k2, k3, k4, p1, p2."""

    table: dict[str, float]
    lens: Doubles
    is_fisheye: bool


@dataclass(frozen=True, eq=False)
class ColmapPhoto:
    """One photo: `turn` float64 (4,) is the quaternion w, x, y, z and `shift` (3,) the way from world to camera."""

    name: str
    camera: int
    turn: Doubles
    shift: Doubles


@dataclass(frozen=True, eq=False)
class ColmapModel:
    """What the three files say; points float64 (P, 3) in the world, of which there may be none."""

    cameras: dict[int, ColmapCamera]
    photos: tuple[ColmapPhoto, ...]
    points: Doubles


def ending_of(folder: Path) -> str:
    """`.bin` or `.txt`, where a model of that sort lies in a folder, else empty."""
    has = (all(is_file(folder / f"{name}{ending}") for name in ("cameras", "images")) for ending in (".bin", ".txt"))
    return next((ending for ending, found in zip((".bin", ".txt"), has, strict=True) if found), "")


def read_model(folder: Path) -> ColmapModel:
    """Read a model that lies in this folder; raises UserError where it is damaged or too large."""
    ending = ending_of(folder)
    readers = (_cameras, _photos, _points) if ending == ".bin" else (_text_cameras, _text_photos, _text_points)
    with open_regular(folder / f"cameras{ending}") as file:
        cameras = dict(readers[0](file))
    with open_regular(folder / f"images{ending}") as file:
        photos = tuple(readers[1](file))
    points = folder / f"points3D{ending}"
    if not is_file(points):
        return ColmapModel(cameras, photos, np.zeros((0, 3)))
    with open_regular(points) as file:
        found = np.array(list(islice(readers[2](file), MAX_POINTS)), np.float64).reshape(-1, 3)
    return ColmapModel(cameras, photos, found[(np.abs(found) <= MAX_NUMBER).all(-1)])


def _camera(model: int | None, width: int, height: int, params: list[float]) -> ColmapCamera:
    _, keys, is_fisheye = _MODELS[_known(model)]
    if len(params) != len(keys):
        raise _broken()
    table = numbers({"w": width, "h": height, **dict(zip(keys, params, strict=True))})
    return ColmapCamera(table, np.array([table.get(key, 0.0) for key in LENS]), is_fisheye)


def _known(model: int | None, name: str = "") -> int:
    if model is None or model not in _MODELS:
        raise UserError(
            N_("The photos were taken with a kind of camera that cannot be used: {name}.").format(
                name=printable(name or str(model))
            ),
            N_("Let COLMAP undistort the photos (image_undistorter), then choose what it writes."),
        )
    return model


def _photo(values: tuple[float, ...], camera: int, name: bytes) -> ColmapPhoto:
    turn, shift = np.array(values[:4]), np.array(values[4:])
    return ColmapPhoto(name.decode("utf-8", "replace"), camera, turn, shift)


def _cameras(file: BinaryIO) -> Iterator[tuple[int, ColmapCamera]]:
    for _ in range(_count(file)):
        number, model, width, height = _unpack(file, "<IiQQ")
        n_params = len(_MODELS[_known(model)][1])
        yield number, _camera(model, width, height, list(_unpack(file, f"<{n_params}d")))


def _photos(file: BinaryIO) -> Iterator[ColmapPhoto]:
    n_bytes = file_size(file)
    for _ in range(_count(file)):
        _, *values = _unpack(file, "<I7d")
        (camera,) = _unpack(file, "<I")
        name = b"".join(islice(iter(lambda: read_exactly(file, 1), b"\0"), MAX_NAME_BYTES))
        yield _photo(tuple(values), camera, name)
        _skip(file, _unpack(file, "<Q")[0] * _POINT_BYTES, n_bytes)


def _points(file: BinaryIO) -> Iterator[tuple[float, ...]]:
    n_bytes = file_size(file)
    (n_points,) = _unpack(file, "<Q")
    for _ in range(min(n_points, MAX_POINTS)):
        _, x, y, z, _, _, _, _, n_seen = _unpack(file, "<Q3d3BdQ")
        yield x, y, z
        _skip(file, n_seen * 8, n_bytes)


def _count(file: BinaryIO) -> int:
    (n,) = _unpack(file, "<Q")
    check_count(n)
    return int(n)


def _unpack(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    return struct.unpack(layout, read_exactly(file, struct.calcsize(layout)))


def _skip(file: BinaryIO, n_bytes: int, size: int) -> None:
    if n_bytes > size - file.tell():
        raise cut_short()
    file.seek(n_bytes, 1)


def _text_cameras(file: BinaryIO) -> Iterator[tuple[int, ColmapCamera]]:
    for words in map(bytes.split, _lines(file)):
        number, model, width, height, *params = words + [b""] * (4 - len(words))
        name = model.decode("utf-8", "replace")
        known = _known(_NUMBERS.get(name), name)
        yield _whole(number), _camera(known, _whole(width), _whole(height), [_float(one) for one in params])


def _text_photos(file: BinaryIO) -> Iterator[ColmapPhoto]:
    for n, line in enumerate(_lines(file)):
        check_count(n + 1)
        words = line.split(None, 9)
        if len(words) != 10:
            raise _broken()
        yield _photo(tuple(map(_float, words[1:8])), _whole(words[8]), words[9])
        _line(file)  # the places of its points, or an empty line


def _text_points(file: BinaryIO) -> Iterator[tuple[float, ...]]:
    for line in _lines(file):
        words = line.split(None, 4)
        if len(words) < 4:
            raise _broken()
        yield tuple(map(_float, words[1:4]))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines that say something; those after a line may be taken out of the file meanwhile."""
    while line := _line(file):
        if (words := line.strip()) and not words.startswith(b"#"):
            yield words


def _line(file: BinaryIO) -> bytes:
    line = file.readline(MAX_LINE_BYTES)
    if len(line) == MAX_LINE_BYTES:
        raise _broken()
    return line


def _whole(word: bytes) -> int:
    if not word.isdigit() or len(word) > 10:
        raise _broken()
    return int(word)


def _float(word: bytes) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise _broken() from error


def _broken() -> UserError:
    return UserError(N_("The files of the COLMAP model are damaged."), N_("Let COLMAP write the model again."))
