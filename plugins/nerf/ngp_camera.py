"""The cameras of an instant-ngp snapshot: the view that it was saved with, and those of its photos."""

import math
from collections.abc import Iterator
from pathlib import PureWindowsPath
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import printable

from .camera import camera_from_matrix, opengl_from_opencv
from .foreign_values import Table, array_of, wrong_value

MAX_VIEWS: Final = 20_000
_MAX_SIZE_PX: Final = 1 << 16
_FAR_FROM_ROTATION: Final = 0.02


def read_saved_view(camera: Table) -> dict[str, Any]:
    """The camera of the window when the snapshot was saved, as the position of a `Camera` in plain numbers."""
    matrix = _opengl_axes(camera.array("matrix", (3, 4)), "snapshot.camera.matrix")
    axis = camera.whole("fov_axis", range(2), 1)
    focal = float(camera.array("relative_focal_length", (2,))[axis]) * camera.number("zoom", 1e-3, 1e3, 1.0)
    distance = abs(camera.number("scale", -1e3, 1e3, 1.0)) or 1.0
    if not 0.05 < focal < 50:
        raise wrong_value("snapshot.camera.relative_focal_length")
    position = camera_from_matrix(matrix, 2 * math.atan(0.5 / focal), distance).position()
    return {name: values.tolist() for name, values in position.items()}


def read_views(dataset: Table) -> list[dict[str, Any]]:
    """The cameras of the photos that it learnt from, as values of `cameras`; raises UserError at a bad one."""
    return list(_views(dataset))


def _views(dataset: Table) -> Iterator[dict[str, Any]]:
    transforms = dataset.items("xforms", MAX_VIEWS)
    about = dataset.items("metadata", MAX_VIEWS)
    paths = dataset.items("paths", MAX_VIEWS)
    if len(about) != len(transforms) or len(paths) not in (0, len(transforms)):
        raise wrong_value("snapshot.nerf.dataset.metadata")
    for i, (transform, facts) in enumerate(zip(transforms, about, strict=True)):
        name = f"snapshot.nerf.dataset.xforms.{i}"
        matrix = _opengl_axes(array_of(Table(transform, name).values.get("start"), (3, 4), name), name)
        fov = _vertical_angle(Table(facts, f"snapshot.nerf.dataset.metadata.{i}"))
        yield {"camera_to_world": matrix.tolist(), "fov_y_rad": fov, "name": _shown(paths[i]) if paths else str(i + 1)}


def _vertical_angle(facts: Table) -> float:
    height = facts.array("resolution", (2,))[1]
    focal = facts.array("focal_length", (2,))[1]
    if not 1 <= height <= _MAX_SIZE_PX or not height * 1e-3 < focal < height * 1e3:
        raise wrong_value(facts.name)
    return 2 * math.atan(0.5 * float(height) / float(focal))


def _shown(path: Any) -> str:
    """The last part of a photo's path on whatever system."""
    return printable(PureWindowsPath(path).name) if isinstance(path, str) else ""


def _opengl_axes(matrix: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
    """A camera (3, 4) of instant-ngp as camera-to-world (4, 4) with the axes of OpenGL; raises UserError if skewed.

    The world stays instant-ngp's.
    """
    axes = opengl_from_opencv(matrix)[:, :3]
    if np.abs(axes.T @ axes - np.eye(3)).max() > _FAR_FROM_ROTATION or np.linalg.det(axes) < 0:
        raise wrong_value(name)
    left, _, right = np.linalg.svd(axes)  # the nearest rotation
    result = np.eye(4)
    result[:3, :3] = left @ right
    result[:3, 3] = matrix[:, 3]
    return result
