"""Leaves out what lies outside a box: of a field by the cells that may hold something, of a baked one by its points."""

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...shared.camera.ray import FloatArray
from ..bake.bricks import N_CELLS, N_POINTS, BrickVolume
from ..box import Box
from ..model.field import OccupancyGrid, RadianceField
from ..model.numpy_field import NumpyField
from .hash_field import HashField


def box_round(occupancy: OccupancyGrid) -> Box:
    """The box round all of the innermost cells that may hold something, or round the grid where there are none."""
    full = np.argwhere(occupancy.cells[0])[:, ::-1]  # (N, 3): x, y, z
    low, high = occupancy.low, occupancy.high
    if len(full):
        cell = (high - low) / occupancy.resolution
        low, high = low + full.min(0) * cell, low + (full.max(0) + 1) * cell
    return (*(float(one) for one in low), *(float(one) for one in high))


def cropped_grid(occupancy: OccupancyGrid, box: Box) -> OccupancyGrid:
    """The same grid without the cells whose middle is outside."""
    cells, middle = occupancy.cells.copy(), (occupancy.low + occupancy.high) / 2
    for cascade, marked in enumerate(cells):
        size = (occupancy.high - occupancy.low) * 2**cascade
        places = (np.arange(occupancy.resolution)[:, None] + 0.5) / occupancy.resolution - 0.5
        np.multiply(marked, _inside(middle + places * size, box), out=marked)
    return OccupancyGrid(cells, occupancy.low, occupancy.high)


def cropped(field: Any, box: Box) -> Any:
    """The same field without what lies outside; one that draws its rays itself is asked at points of the grid then."""
    occupancy = cropped_grid(field.occupancy, box)
    if isinstance(field, HashField | NumpyField):
        found = copy(field)
        found.occupancy = occupancy
        return found
    return CroppedField(field, occupancy)


class CroppedField:
    """A field of another kind, asked only where its smaller grid says."""

    def __init__(self, field: RadianceField, occupancy: OccupancyGrid) -> None:
        self._field, self.occupancy, self.step = field, occupancy, field.step
        self.density, self.density_colour = field.density, field.density_colour


def cropped_volume(volume: BrickVolume, box: Box) -> BrickVolume:
    """The same baked scene; points outside are clear."""
    opacity = volume.opacity.copy()
    place = np.argwhere(volume.index >= 0)  # (N, 3): z, y, x
    number = volume.index[tuple(place.T)]
    points = place[:, None, ::-1] * N_CELLS + np.arange(N_POINTS)[None, :, None]  # (N, 9, 3)
    at = volume.low + volume.voxel * points
    x, y, z = ((at[..., axis] >= box[axis]) & (at[..., axis] <= box[3 + axis]) for axis in range(3))
    opacity[number] *= z[:, :, None, None] & y[:, None, :, None] & x[:, None, None, :]
    return replace(volume, opacity=opacity)


def _inside(places: FloatArray, box: Box) -> npt.NDArray[np.bool_]:
    """Which cells (R, R, R), [z, y, x], have their middles inside; their places along each axis are (R, 3)."""
    x, y, z = ((places[:, axis] >= box[axis]) & (places[:, axis] <= box[3 + axis]) for axis in range(3))
    return np.asarray(z[:, None, None] & y[:, None] & x)
