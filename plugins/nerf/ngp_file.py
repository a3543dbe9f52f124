"""Reads an instant-ngp snapshot (.ingp, .msgpack) as a hash-grid field with its cameras; nothing in it is run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import N_

from .field import FloatArray
from .foreign_values import Table, array_of, wrong_value
from .ngp_camera import read_saved_view, read_views
from .ngp_container import read_snapshot
from .ngp_network import read_network, read_weights, unsupported
from .ngp_occupancy import read_occupancy
from .weights import FieldParts

MAX_AABB_SCALE: Final = 128
_ROOT_KEYS: Final = {
    "encoding", "dir_encoding", "network", "rgb_network", "loss", "optimizer", "distortion_map", "envmap", "snapshot",
    "parent",
}  # fmt: skip
_SNAPSHOT_KEYS: Final = {
    "version", "mode", "n_params", "params_type", "params_binary", "optimizer", "density_grid_size",
    "density_grid_binary", "aabb", "render_aabb", "render_aabb_to_local", "bounding_radius", "up_dir", "sun_dir",
    "exposure", "background_color", "training_step", "loss", "camera", "nerf",
}  # fmt: skip
_NERF_KEYS: Final = {"aabb_scale", "cam_pos_offset", "cam_rot_offset", "extra_dims_opt", "rgb", "dataset"}
_DATASET_KEYS: Final = {
    "n_images", "paths", "metadata", "xforms", "render_aabb", "render_aabb_to_local", "up", "offset", "scale",
    "aabb_scale", "from_mitsuba", "is_hdr", "wants_importance_sampling", "n_extra_learnable_dims",
    "envmap_resolution",
}  # fmt: skip


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


def read_ngp(path: Path, picture: int = 0) -> NgpScene:
    """Read a snapshot.

    Args:
        picture: whose look the scene is given, where each photo has a code of its own.

    Raises:
        UserError: it is broken, too large, or needs what this program does not have.
    """
    root = Table(read_snapshot(path), "")
    snapshot = _scene(root)
    nerf = snapshot.table("nerf")
    dataset = nerf.table("dataset")
    aabb_scale = _aabb_scale(nerf)
    network = read_network(root, _box(snapshot, "aabb"), dataset, aabb_scale)
    latents = _latents(nerf, network.n_latents, picture)
    weights = read_weights(network, snapshot, latents)
    occupancy = read_occupancy(snapshot, aabb_scale)
    kind = snapshot.word("params_type", "__half")
    return NgpScene(
        FieldParts(network.config, weights, occupancy),
        snapshot.whole("n_params", range(1 << 32), 0),
        "float16" if kind == "__half" else "float32",
        _values(snapshot, dataset),
        tuple(_warnings(root, snapshot, nerf, dataset)),
    )


def _scene(root: Table) -> Table:
    """The table "snapshot" of a NeRF."""
    if "snapshot" not in root:
        raise UserError(N_("This file holds the settings of a network, but no trained scene."))
    snapshot = root.table("snapshot")
    mode = snapshot.word("mode", "nerf" if "nerf" in snapshot else "")
    if mode != "nerf":
        raise unsupported(N_("kind of scene"), mode, "nerf")
    if snapshot.whole("version", range(1 << 16), 1) > 1:
        raise UserError(N_("This snapshot was saved by a newer version of instant-ngp than can be read."))
    return snapshot


def _aabb_scale(nerf: Table) -> int:
    scale = nerf.whole("aabb_scale", range(1, MAX_AABB_SCALE + 1), 1)
    if scale & (scale - 1):
        raise wrong_value("snapshot.nerf.aabb_scale")
    return scale


def _box(snapshot: Table, key: str) -> tuple[FloatArray, FloatArray]:
    """Corners (3,) of a cube."""
    box = snapshot.table(key)
    low, high = box.array("min", (3,)), box.array("max", (3,))
    sides = high - low
    if sides.min() <= 1e-6 or sides.max() - sides.min() > 1e-3 * sides.max():
        raise wrong_value(box.name)
    return low.astype(np.float32), high.astype(np.float32)


def _latents(nerf: Table, n_latents: int, picture: int) -> npt.NDArray[np.float64]:
    """The code (n_latents,) of a picture, zeros where none was learnt."""
    codes = nerf.items("extra_dims_opt", 20_000)
    if not n_latents or not codes:
        return np.zeros(n_latents)
    if not 0 <= picture < len(codes):
        raise UserError(N_("This scene has no picture {n}.").format(n=picture + 1))
    code = Table(codes[picture], "snapshot.nerf.extra_dims_opt")
    return array_of(code.values.get("variable"), (n_latents,), code.name)


def _values(snapshot: Table, dataset: Table) -> dict[str, Any]:
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


def _warnings(root: Table, snapshot: Table, nerf: Table, dataset: Table) -> list[str]:
    """Sentences about everything in the file that is not used, and what stands in for what is missing."""
    found = []
    if not snapshot.data("density_grid_binary"):
        found.append(N_("The file does not say where the scene is empty, so drawing it takes longer."))
    if any(size > 0 for size in dataset.items("envmap_resolution", 2) if isinstance(size, int)):
        found.append(N_("The learnt surroundings (environment map) are not shown."))
    if dataset.whole("n_extra_learnable_dims", range(65), 0):
        found.append(N_("Each photo has a look of its own: the scene is shown in that of the first one."))
    known = [(root, _ROOT_KEYS), (snapshot, _SNAPSHOT_KEYS), (nerf, _NERF_KEYS), (dataset, _DATASET_KEYS)]
    unknown = [name for table, keys in known for name in table.unknown(keys)]
    if unknown:
        found.append(N_("Not read: {names}.").format(names=", ".join(unknown[:8])))
    return found
