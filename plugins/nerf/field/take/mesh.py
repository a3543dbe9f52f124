"""A field as a surface of triangles: marching cubes (Lewiner 2003) through its density, in slabs.

V vertices, F triangles, grids indexed [z, y, x].
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_

from ..model.field import FloatArray, OccupancyGrid, RadianceField
from .surface import in_pieces

IntArray = npt.NDArray[np.int64]

LEAST_SHARE: Final = 0.01
"""Pieces with fewer triangles than this share of the largest one's are left out: they float about alone."""
_SLAB_POINTS: Final = 1 << 17
_FINE: Final = 1 << 14  # steps of a cell by which vertices on the plane between two slabs are told apart


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles whose corners go round counterclockwise, seen from outside.

    Attributes:
        vertices: float32 (V, 3), in world units. normals: float32 (V, 3), unit, outward.
        colours: float32 (V, 3), sRGB 0..1. faces: int64 (F, 3).
    """

    vertices: FloatArray
    normals: FloatArray
    colours: FloatArray
    faces: IntArray


@dataclass(frozen=True, eq=False)
class _Grid:
    """Points at which the density is asked for: `low` + `cell` * (x, y, z); the outermost ones are empty.

    Attributes:
        axes: for x, y and z, in which cell of the occupancy each point lies, -1 outside.
    """

    low: FloatArray
    cell: float
    axes: tuple[IntArray, IntArray, IntArray]


def mesh_of(field: RadianceField, level: float, n_cells: int, least_share: float = LEAST_SHARE) -> Mesh:
    """The surface where the density is `level`, with `n_cells` along the longest side of what is occupied.

    Raises UserError where there is none, or the library for it is not installed.
    """
    grid = _grid_over(field.occupancy, n_cells)
    found = list(_marched(field, grid, level))
    if not found:
        raise UserError(N_("There is nothing in this scene."))
    places, faces = _without_specks(*_welded(found), least_share)
    vertices = np.asarray(grid.low + grid.cell * places, np.float32)
    normals = _normals(vertices, faces)
    inside = np.asarray(vertices - 0.5 * grid.cell * normals, np.float32)
    colours = in_pieces(lambda at, along: field.density_colour(at, along)[1], inside, -normals)
    return Mesh(vertices, normals, np.clip(colours, 0, 1), faces)


def _grid_over(occupancy: OccupancyGrid, n_cells: int) -> _Grid:
    marked = np.argwhere(occupancy.cells[0])[:, ::-1]  # (N, 3): x, y, z
    if not len(marked):
        raise UserError(N_("There is nothing in this scene."))
    size = (occupancy.high - occupancy.low) / occupancy.resolution
    first, last = marked.min(axis=0), marked.max(axis=0) + 1
    cell = float(((last - first) * size).max()) / n_cells
    low = np.asarray(occupancy.low + first * size - 1.5 * cell, np.float32)
    counts = np.ceil((last - first) * size / cell).astype(int) + 3
    axes = tuple(_cells_of(occupancy, low[axis] + cell * np.arange(counts[axis]), axis) for axis in range(3))
    return _Grid(low, cell, (axes[0], axes[1], axes[2]))


def _cells_of(occupancy: OccupancyGrid, places: npt.NDArray[Any], axis: int) -> IntArray:
    share = (places - occupancy.low[axis]) / (occupancy.high[axis] - occupancy.low[axis])
    cells = np.floor(share * occupancy.resolution).astype(np.int64)
    return np.where((cells >= 0) & (cells < occupancy.resolution), cells, -1)


def _marched(field: RadianceField, grid: _Grid, level: float) -> Iterator[tuple[FloatArray, IntArray]]:
    """The vertices of each slab in cells of the whole grid, x, y, z, and its triangles; slabs share a layer."""
    march = partial(_library().marching_cubes, level=level, allow_degenerate=True)
    n_x, n_y, n_z = (len(axis) for axis in grid.axes)
    n_layers = max(1, _SLAB_POINTS // (n_x * n_y))
    below = _densities(field, grid, 0, 1)
    for first in range(0, n_z - 1, n_layers):
        pause()
        above = _densities(field, grid, first + 1, min(first + 1 + n_layers, n_z))
        slab = np.concatenate([below, above])
        below = above[-1:]
        if slab.max() > level:
            vertices, faces, _, _ = march(slab)
            yield vertices[:, ::-1] + np.array([0, 0, first], np.float32), faces.astype(np.int64)


def _densities(field: RadianceField, grid: _Grid, first: int, last: int) -> FloatArray:
    """Layers (last - first, Y, X) of the density; 0 where nothing is occupied."""
    x, y, z = grid.axes[0], grid.axes[1], grid.axes[2][first:last]
    is_inside = (z >= 0)[:, None, None] & (y >= 0)[:, None] & (x >= 0)
    marked = np.argwhere(is_inside & (field.occupancy.cells[0][np.ix_(z, y, x)] != 0))
    found = np.zeros((len(z), len(y), len(x)), np.float32)
    if len(marked):
        points = grid.low + grid.cell * (marked[:, ::-1] + np.array([0, 0, first]))
        found[tuple(marked.T)] = in_pieces(field.density, np.asarray(points, np.float32))
    return found


def _welded(found: list[tuple[FloatArray, IntArray]]) -> tuple[FloatArray, IntArray]:
    """One mesh of all slabs: what two of them have on the layer that they share becomes one vertex."""
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in found)])
    vertices = np.concatenate([vertices for vertices, _ in found])
    faces = np.concatenate([faces + start for (_, faces), start in zip(found, starts, strict=False)])
    pause()
    layer = np.rint(vertices[:, 2])
    on_layer = np.flatnonzero(np.abs(vertices[:, 2] - layer) * _FINE < 0.5)
    x, y = np.rint(vertices[on_layer, :2].T.astype(np.float64) * _FINE).astype(np.int64)
    keys = (layer[on_layer].astype(np.int64) << 48) + (y << 24) + x
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    stands_for = np.arange(len(vertices))
    stands_for[on_layer] = on_layer[first[which]]
    return vertices, stands_for[faces]


def _without_specks(vertices: FloatArray, faces: IntArray, least_share: float) -> tuple[FloatArray, IntArray]:
    """The mesh without pieces that have fewer triangles than this share of the largest, and without loose vertices."""
    from scipy.sparse import coo_matrix  # comes with scikit-image
    from scipy.sparse.csgraph import connected_components

    pause()
    ends = (np.concatenate([faces[:, 0], faces[:, 1]]), np.concatenate([faces[:, 1], faces[:, 2]]))
    edges = coo_matrix((np.ones(len(ends[0]), np.bool_), ends), shape=(len(vertices),) * 2)
    pieces = connected_components(edges, directed=False)[1][faces[:, 0]]
    pause()
    sizes = np.bincount(pieces)
    faces = faces[sizes[pieces] >= least_share * sizes.max()]
    used, numbers = np.unique(faces, return_inverse=True)
    return vertices[used], numbers.reshape(-1, 3)


def _normals(vertices: FloatArray, faces: IntArray) -> FloatArray:
    """Of each vertex, the mean of its triangles' by their area."""
    pause()
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    corners = faces.ravel()
    total = [np.bincount(corners, across[:, axis].repeat(3), len(vertices)) for axis in range(3)]
    normals = np.stack(total, axis=1)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-20), np.float32)


def _library() -> Any:
    try:
        from skimage import measure
    except ImportError as error:
        raise UserError(
            N_("Saving a mesh needs scikit-image, which is not installed."),
            N_("Install Manifold Studio with the extra “mesh”, or save points or splats instead."),
        ) from error
    return measure
