"""Where splats begin: on the surfaces of a field that was learnt before, or anywhere that no photo sees through."""

from collections.abc import Generator
from typing import Final

import numpy as np
import numpy.typing as npt

from ...field.model.field import RadianceField
from ...field.photos.photos import Photos
from ...field.render.exact import draw_exact
from ...field.training.density_grid import carved_cells
from ..model.splats import SH_0, Splats, splats_of

FloatArray = npt.NDArray[np.float32]

SIDE_PX: Final = 96
"""Of the pictures of the field from which its surfaces are taken."""
N_CELLS: Final = 64
"""Along each axis of the box, to find out how close points lie."""
FLATNESS: Final = 0.3
"""How thick a splat on a surface is, in parts of its width."""


def splats_on_surfaces(
    field: RadianceField, photos: Photos, n_splats: int, degree: int, seed: int
) -> Generator[None, None, Splats]:
    """Flat splats on what a field shows from where photos were taken; yields after each."""
    random = np.random.default_rng(seed)
    parts = []
    for number in range(len(photos)):
        parts.append(_surface(field, photos, number))
        yield
    points, normals, colours = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    chosen = random.permutation(len(points))[:n_splats]
    points, normals, colours = points[chosen], normals[chosen], colours[chosen]
    widths = spacings(points)[:, None] * np.array([1, 1, FLATNESS], np.float32)
    return coloured_splats(points, colours, widths, _turned_to(normals), degree)


def splats_in_hull(photos: Photos, low: FloatArray, high: FloatArray, n_splats: int, degree: int, seed: int) -> Splats:
    """Round grey splats at random places of a box that no photo sees through."""
    random = np.random.default_rng(seed)
    is_solid = carved_cells(photos, low, high)
    cells = np.argwhere(is_solid)[:, ::-1]  # x, y, z
    places = cells[random.integers(0, len(cells), n_splats)] + random.random((n_splats, 3))
    points = np.asarray(low + places * (high - low) / is_solid.shape[0], np.float32)
    widths = spacings(points)[:, None] * np.ones(3, np.float32)
    still = np.tile(np.array([1, 0, 0, 0], np.float32), (n_splats, 1))
    return coloured_splats(points, random.random((n_splats, 3), np.float32), widths, still, degree)


def coloured_splats(
    points: FloatArray, colours: FloatArray, widths: FloatArray, rotations: FloatArray, degree: int
) -> Splats:
    """Half opaque splats at points (N, 3) with colours (N, 3) in 0..1, the same from all sides."""
    harmonics = np.zeros((len(points), (degree + 1) ** 2, 3), np.float32)
    harmonics[:, 0] = (colours - 0.5) / SH_0
    arrays = {"centres": points, "log_scales": np.log(widths), "rotations": rotations, "harmonics": harmonics}
    return splats_of(arrays | {"opacity_logits": np.zeros(len(points))})


def spacings(points: FloatArray) -> FloatArray:
    """About how far each of points (N, 3) is from its neighbours, if they lie on surfaces: float32 (N,)."""
    low, size = points.min(0), float(np.ptp(points, axis=0).max()) / N_CELLS
    cells = ((points - low) / size).astype(np.int64) @ np.array([1, 2 * N_CELLS, 4 * N_CELLS * N_CELLS])
    _, place, counts = np.unique(cells, return_inverse=True, return_counts=True)
    return np.asarray(size / np.sqrt(counts[place]), np.float32)


def _surface(field: RadianceField, photos: Photos, number: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points, normals and colours (P, 3) of what a field shows in one photo's place."""
    rays = photos.ray_grid(number).sized(SIDE_PX, SIDE_PX * photos.height // photos.width)
    found = draw_exact(field, rays, with_normals=True)
    is_there = found.opacity > 0.5
    points = rays.origin + rays.directions()[is_there] * found.depth[is_there][:, None]
    colours = found.colour[is_there] / found.opacity[is_there][:, None]
    return np.asarray(points, np.float32), found.normal[is_there], colours


def _turned_to(normals: FloatArray) -> FloatArray:
    """Quaternions (N, 4) that turn the third axis to unit normals (N, 3)."""
    x, y, z = normals.T
    rotations = np.stack([1 + z, -y, x, np.zeros_like(z)], axis=1)
    rotations[z < -0.9999] = (0, 1, 0, 0)
    return np.asarray(rotations / np.linalg.norm(rotations, axis=1, keepdims=True), np.float32)
