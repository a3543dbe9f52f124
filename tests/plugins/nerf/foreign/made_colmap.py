"""Writes COLMAP models and LLFF folders by their documented layouts, with scipy's rotations: nothing of the readers."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from studio.core.picture import encode_png

NUMBERS = {
    "SIMPLE_PINHOLE": 0,
    "PINHOLE": 1,
    "SIMPLE_RADIAL": 2,
    "RADIAL": 3,
    "OPENCV": 4,
    "OPENCV_FISHEYE": 5,
    "FULL_OPENCV": 6,
}
FROM_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])


@dataclass
class Made:
    """A model to be written.

    Attributes:
        cameras: by id: model, width, height, parameters.
        photos: name, camera's id and its place (4, 4), OpenGL camera to world.
    """

    cameras: dict[int, tuple[str, int, int, list[float]]]
    photos: list[tuple[str, int, np.ndarray]]
    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))


def pose(camera_to_world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quaternion w, x, y, z and shift from world to camera, OpenCV's axes."""
    to_camera = np.linalg.inv(camera_to_world @ FROM_OPENGL)
    x, y, z, w = Rotation.from_matrix(to_camera[:3, :3]).as_quat()
    return np.array([w, x, y, z]), to_camera[:3, 3]


def write_binary(folder: Path, made: Made) -> Path:
    """Write cameras.bin, images.bin and points3D.bin; every photo sees two points."""
    folder.mkdir(parents=True, exist_ok=True)
    data = struct.pack("<Q", len(made.cameras))
    for number, (model, width, height, params) in made.cameras.items():
        data += struct.pack("<iiQQ", number, NUMBERS[model], width, height) + struct.pack(f"<{len(params)}d", *params)
    (folder / "cameras.bin").write_bytes(data)
    data = struct.pack("<Q", len(made.photos))
    for number, (name, camera, matrix) in enumerate(made.photos):
        turn, shift = pose(matrix)
        data += struct.pack("<i7di", number + 1, *turn, *shift, camera) + name.encode() + b"\0"
        data += struct.pack("<Q", 2) + 2 * struct.pack("<ddq", 1.5, 2.5, -1)
    (folder / "images.bin").write_bytes(data)
    data = struct.pack("<Q", len(made.points))
    for number, (x, y, z) in enumerate(made.points):
        data += struct.pack("<Q3d3BdQ", number, x, y, z, 9, 9, 9, 0.5, 2) + struct.pack("<4i", 1, 0, 2, 1)
    (folder / "points3D.bin").write_bytes(data)
    return folder


def write_text(folder: Path, made: Made) -> Path:
    """Write the same as text, with comments; the second photo sees no point, so that its second line is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    cameras = [f"{n} {one[0]} {one[1]} {one[2]} {' '.join(map(repr, one[3]))}" for n, one in made.cameras.items()]
    (folder / "cameras.txt").write_text("# Camera list\n" + "\n".join(cameras) + "\n")
    lines = ["# Image list", "#   IMAGE_ID, QW, ..."]
    for number, (name, camera, matrix) in enumerate(made.photos):
        turn, shift = pose(matrix)
        places = " ".join(repr(float(value)) for value in (*turn, *shift))
        lines += [f"{number + 1} {places} {camera} {name}", "" if number == 1 else "1.5 2.5 -1 3.0 4.0 -1"]
    (folder / "images.txt").write_text("\n".join(lines) + "\n")
    points = [f"{n} {x!r} {y!r} {z!r} 9 9 9 0.5 1 0 3 1" for n, (x, y, z) in enumerate(made.points.tolist())]
    (folder / "points3D.txt").write_text("# points\n" + "\n".join(points))
    return folder


def write_photo(path: Path, width: int = 16, height: int = 12, grey: int = 90) -> None:
    """A plain picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(np.full((height, width, 3), grey, np.uint8)))


def write_llff(
    folder: Path, cameras: np.ndarray, size: tuple[float, float, float], bounds: tuple[float, float]
) -> Path:
    """Write poses_bounds.npy for cameras (N, 4, 4), OpenGL; size is height, width, focal length."""
    folder.mkdir(parents=True, exist_ok=True)
    right, up, back, place = (cameras[:, :3, column] for column in range(4))
    hwf = np.tile(np.array(size), (len(cameras), 1))
    poses = np.stack([-up, right, back, place, hwf], axis=-1)
    rows = np.concatenate([poses.reshape(-1, 15), np.tile(np.array(bounds), (len(cameras), 1))], axis=-1)
    np.save(folder / "poses_bounds.npy", rows)
    return folder
