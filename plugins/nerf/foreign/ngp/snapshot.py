"""Reads an instant-ngp snapshot (.ingp, .msgpack) as a field with cameras and density grid; nothing in it is run."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from ...field.model.field import FloatArray, OccupancyGrid
from ...field.model.lights import MAX_LIGHTS, Lights
from ...field.model.weights import FieldParts
from ...shared.camera.camera import camera_from_matrix, opengl_from_opencv
from .container import read_snapshot
from .network import read_network, read_weights, unsupported
from .values import ForeignTable, array_of, wrong_value

MAX_VIEWS: Final = 20_000
_MAX_SIZE_PX: Final = 1 << 16
_FAR_FROM_ROTATION: Final = 0.02
# A cell counts where a shortest step through it would be this opaque, or as opaque as cells are on average.
_LARGEST_THRESHOLD: Final = 0.01
_UNKNOWN_CELLS: Final = 32
_SIZES: Final = (16, 32, 64, 128, 256)
MAX_CASCADES: Final = 8
MAX_AABB_SCALE: Final = 128
_ROOT_KEYS: Final = {
    "encoding",
    "dir_encoding",
    "network",
    "rgb_network",
    "loss",
    "optimizer",
    "distortion_map",
    "envmap",
    "snapshot",
    "parent",
}
_SNAPSHOT_KEYS: Final = {
    "version",
    "mode",
    "n_params",
    "params_type",
    "params_binary",
    "optimizer",
    "density_grid_size",
    "density_grid_binary",
    "aabb",
    "render_aabb",
    "render_aabb_to_local",
    "bounding_radius",
    "up_dir",
    "sun_dir",
    "exposure",
    "background_color",
    "training_step",
    "loss",
    "camera",
    "nerf",
}
_NERF_KEYS: Final = {"aabb_scale", "cam_pos_offset", "cam_rot_offset", "extra_dims_opt", "rgb", "dataset"}
_DATASET_KEYS: Final = {
    "n_images",
    "paths",
    "metadata",
    "xforms",
    "render_aabb",
    "render_aabb_to_local",
    "up",
    "offset",
    "scale",
    "aabb_scale",
    "from_mitsuba",
    "is_hdr",
    "wants_importance_sampling",
    "n_extra_learnable_dims",
    "envmap_resolution",
}


def read_saved_view(camera: ForeignTable) -> dict[str, Any]:
    """The camera of the window when the snapshot was saved, as the position of a `Camera` in plain numbers."""
    matrix = _opengl_axes(camera.array("matrix", (3, 4)), "snapshot.camera.matrix")
    axis = camera.whole("fov_axis", range(2), 1)
    focal = float(camera.array("relative_focal_length", (2,))[axis]) * camera.number("zoom", 1e-3, 1e3, 1.0)
    distance = abs(camera.number("scale", -1e3, 1e3, 1.0)) or 1.0
    if not 0.05 < focal < 50:
        raise wrong_value("snapshot.camera.relative_focal_length")
    position = camera_from_matrix(matrix, 2 * math.atan(0.5 / focal), distance).position()
    return {name: values.tolist() for name, values in position.items()}


def read_views(dataset: ForeignTable) -> list[dict[str, Any]]:
    """The cameras of the photos that it learnt from, as values of `cameras`; raises UserError at a bad one."""
    return list(_views(dataset))


def _views(dataset: ForeignTable) -> Iterator[dict[str, Any]]:
    transforms = dataset.items("xforms", MAX_VIEWS)
    about = dataset.items("metadata", MAX_VIEWS)
    paths = dataset.items("paths", MAX_VIEWS)
    if len(about) != len(transforms) or len(paths) not in (0, len(transforms)):
        raise wrong_value("snapshot.nerf.dataset.metadata")
    for i, (transform, facts) in enumerate(zip(transforms, about, strict=True)):
        name = f"snapshot.nerf.dataset.xforms.{i}"
        matrix = _opengl_axes(array_of(ForeignTable(transform, name).values.get("start"), (3, 4), name), name)
        fov = _vertical_angle(ForeignTable(facts, f"snapshot.nerf.dataset.metadata.{i}"))
        yield {"camera_to_world": matrix.tolist(), "fov_y_rad": fov, "name": _shown(paths[i]) if paths else str(i + 1)}


def _vertical_angle(facts: ForeignTable) -> float:
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


def read_occupancy(snapshot: ForeignTable, aabb_scale: int) -> OccupancyGrid:
    """Read the grid; a snapshot that never learnt has none, and then every cell counts.

    Raises UserError where its size does not fit, or it holds what is no number.
    """
    n_cascades = aabb_scale.bit_length()  # the largest cube has a side of 2^(K-1) = aabb_scale
    values = _read_values(snapshot, n_cascades)
    if values is None:
        cells = np.ones((n_cascades, *[_UNKNOWN_CELLS] * 3), np.uint8)
    else:
        cells = _with_finer_ones(_is_occupied(values))
    return OccupancyGrid(cells, np.zeros(3, np.float32), np.ones(3, np.float32))


def _read_values(snapshot: ForeignTable, n_cascades: int) -> npt.NDArray[np.float32] | None:
    """Optical thickness (K, R, R, R), indexed [cascade, z, y, x]; negative where it was never seen."""
    data = snapshot.data("density_grid_binary")
    size = snapshot.whole("density_grid_size", range(1, 513), 128)
    if size not in _SIZES:
        raise wrong_value("snapshot.density_grid_size")
    if not data:
        return None
    if len(data) != 2 * n_cascades * size**3:
        raise wrong_value("snapshot.density_grid_binary")
    values = np.frombuffer(data, "<f2").reshape(n_cascades, size**3)
    if not np.isfinite(values).all():
        raise wrong_value("snapshot.density_grid_binary")
    return values[:, _morton_codes(size)].astype(np.float32)


def _morton_codes(size: int) -> npt.NDArray[np.intp]:
    """Where cell [z, y, x] of a cube stands in its list: the bits of x, y and z taken in turn."""
    axis = np.arange(size)
    spread = np.zeros_like(axis)
    for bit in range(size.bit_length() - 1):
        spread |= ((axis >> bit) & 1) << (3 * bit)
    return spread[None, None, :] | (spread[None, :, None] << 1) | (spread[:, None, None] << 2)


def _is_occupied(values: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    mean = float(np.maximum(values[0], 0).mean(dtype=np.float64))
    return values > min(_LARGEST_THRESHOLD, mean)


def _with_finer_ones(occupied: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """A coarser cube also counts, in its central half, whatever the finer one inside it counts."""
    cells = occupied.astype(np.uint8)
    size = cells.shape[1]
    inner = slice(size // 4, size - size // 4)
    for finer, coarser in pairwise(cells):
        coarser[inner, inner, inner] |= _pooled(finer)
    return cells


def _pooled(cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
    half = len(cells) // 2
    return cells.reshape(half, 2, half, 2, half, 2).max(axis=(1, 3, 5))


@dataclass(frozen=True, eq=False)
class NgpScene:
    """A snapshot that was read.

    Attributes:
        n_params: how many weights the file holds, padding included.
        dtype: their type.
        values: what the panel wants to know, under the keys of importers.py.
        warnings: sentences about what is left out.
    """

    parts: FieldParts
    n_params: int
    dtype: str
    values: dict[str, Any]
    warnings: tuple[str, ...]


def read_ngp(path: Path) -> NgpScene:
    """Read a snapshot; where each photo has a code of its own, their looks are its lights.

    Raises:
        UserError: it is broken, too large, or needs what this program does not have.
    """
    root = ForeignTable(read_snapshot(path), "")
    snapshot = _scene(root)
    nerf = snapshot.table("nerf")
    dataset = nerf.table("dataset")
    aabb_scale = _aabb_scale(nerf)
    network = read_network(root, _box(snapshot, "aabb"), dataset, aabb_scale)
    weights, columns = read_weights(network, snapshot)
    values = _values(snapshot, dataset)
    lights = _lights(_latents(nerf, network.n_latents), columns, values["cameras"])
    if lights is not None:
        weights = replace(weights, colour_bias=lights.bias(1.0))
        values["lights"] = list(lights.names)
    occupancy = read_occupancy(snapshot, aabb_scale)
    kind = snapshot.word("params_type", "__half")
    return NgpScene(
        FieldParts(network.config, weights, occupancy, lights),
        snapshot.whole("n_params", range(1 << 32), 0),
        "float16" if kind == "__half" else "float32",
        values,
        tuple(_warnings(root, snapshot, nerf, dataset)),
    )


def _scene(root: ForeignTable) -> ForeignTable:
    """The table "snapshot" of a NeRF."""
    if "snapshot" not in root:
        raise UserError(N_("This file contains the settings of a network, but no trained scene."))
    snapshot = root.table("snapshot")
    mode = snapshot.word("mode", "nerf" if "nerf" in snapshot else "")
    if mode != "nerf":
        raise unsupported(N_("kind of scene"), mode, "nerf")
    if snapshot.whole("version", range(1 << 16), 1) > 1:
        raise UserError(N_("This snapshot was saved by a newer version of instant-ngp than can be read here."))
    return snapshot


def _aabb_scale(nerf: ForeignTable) -> int:
    scale = nerf.whole("aabb_scale", range(1, MAX_AABB_SCALE + 1), 1)
    if scale & (scale - 1):
        raise wrong_value("snapshot.nerf.aabb_scale")
    return scale


def _box(snapshot: ForeignTable, key: str) -> tuple[FloatArray, FloatArray]:
    """Corners (3,) of a cube."""
    box = snapshot.table(key)
    low, high = box.array("min", (3,)), box.array("max", (3,))
    sides = high - low
    if sides.min() <= 1e-6 or sides.max() - sides.min() > 1e-3 * sides.max():
        raise wrong_value(box.name)
    return low.astype(np.float32), high.astype(np.float32)


def _latents(nerf: ForeignTable, n_latents: int) -> npt.NDArray[np.float64]:
    """The codes (N, n_latents) of the photos; none where none were learnt."""
    codes = nerf.items("extra_dims_opt", MAX_VIEWS) if n_latents else []
    tables = [ForeignTable(code, "snapshot.nerf.extra_dims_opt") for code in codes]
    found = [array_of(table.values.get("variable"), (n_latents,), table.name) for table in tables[:MAX_LIGHTS]]
    return np.array(found).reshape(len(found), n_latents)


def _lights(codes: npt.NDArray[np.float64], columns: FloatArray, views: list[dict[str, Any]]) -> Lights | None:
    """The looks of the photos; in a network that is padded, each code goes on with the ones that it gets there."""
    if not len(codes):
        return None
    named = [str(view["name"]) for view in views] if len(views) >= len(codes) else []
    names = named[: len(codes)] or [str(number + 1) for number in range(len(codes))]
    ones = np.ones((len(codes), columns.shape[1] - codes.shape[1]))
    return Lights(tuple(names), np.concatenate([codes, ones], axis=1).astype(np.float32), columns)


def _values(snapshot: ForeignTable, dataset: ForeignTable) -> dict[str, Any]:
    values: dict[str, Any] = {"near": 0.05, "cameras": read_views(dataset)}
    if "camera" in snapshot:
        values["camera"] = read_saved_view(snapshot.table("camera"))
    if "background_color" in snapshot:
        values["background"] = snapshot.array("background_color", (4,))[:3].clip(0, 1).tolist()
    if "up_dir" in snapshot:
        values["up"] = _nearest_axis(snapshot.array("up_dir", (3,)))
    values["exposure"] = snapshot.number("exposure", -100, 100, 0.0)
    values["n_steps"] = snapshot.whole("training_step", range(1 << 40), 0)
    return values


def _nearest_axis(vector: npt.NDArray[np.float64]) -> str:
    return "xyz"[int(np.abs(vector).argmax())]


def _warnings(root: ForeignTable, snapshot: ForeignTable, nerf: ForeignTable, dataset: ForeignTable) -> list[str]:
    """Sentences about everything in the file that is not used, and what stands in for what is missing."""
    found = []
    if not snapshot.data("density_grid_binary"):
        found.append(N_("The file does not say where the scene is empty, so drawing it takes longer."))
    if any(size > 0 for size in dataset.items("envmap_resolution", 2) if isinstance(size, int)):
        found.append(N_("The learnt surroundings (environment map) are not shown."))
    if dataset.whole("n_extra_learnable_dims", range(65), 0):
        found.append(N_("Each photo has its own look; “Light” goes from one to the next."))
    known = [(root, _ROOT_KEYS), (snapshot, _SNAPSHOT_KEYS), (nerf, _NERF_KEYS), (dataset, _DATASET_KEYS)]
    unknown = [name for table, keys in known for name in table.unknown(keys)]
    if unknown:
        found.append(N_("Not read: {names}.").format(names=", ".join(unknown[:8])))
    return found
