"""The surfaces of a field as points: what many cameras around it see."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_

from ...foreign.splats.scene import first_harmonics
from ...shared.band import drawn_in_bands
from ...shared.camera.ray import RayGrid, Rendering
from ...shared.camera.viewpoint import orbit_camera
from ...shared.state import SceneFacts
from ...splats.model.splats import Splats, splats_of
from ..model.field import FloatArray, RadianceField
from ..render.exact import draw_exact

N_TOGETHER: Final = 1 << 14
"""Points or rays between two looks at what else is wanted."""
SIDE_PX: Final = 160
FEW_PX: Final = 48
"""Pixels along the side of what each camera sees: for points, and where only the density of surfaces is wanted."""
N_AROUND: Final = 8
_ELEVATIONS_RAD: Final = (0.1, 0.5, 0.9)
_LEAST_OPACITY: Final = 0.8
_FAINT: Final = 0.1
_SPLAT_LOGIT: Final = 2.0
_WIDE, _FLAT = 0.9, 0.15  # of a splat, in distances from one point to the next


@dataclass(frozen=True, eq=False)
class Surface:
    """N points of surfaces.

    Attributes:
        positions: float32 (N, 3), in world units. normals: float32 (N, 3), unit, towards who saw it.
        colours: float32 (N, 3), sRGB 0..1. spacing: float32 (N,), world units from a point to the next.
        density: float32 (N,), per world unit.
    """

    positions: FloatArray
    normals: FloatArray
    colours: FloatArray
    spacing: FloatArray
    density: FloatArray

    def where(self, chosen: npt.NDArray[Any]) -> "Surface":
        """Some of the points, by a mask or by numbers."""
        return replace(self, **{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    @property
    def level(self) -> float:
        """The density at which a surface lies: half of what the middle one of the points has behind it."""
        return float(np.median(self.density)) / 2


def seen_surface(field: RadianceField, facts: SceneFacts, side_px: int) -> Surface:
    """What cameras all around the pivot of the first view see; raises UserError where that is nothing."""
    views = [(elevation, turn) for elevation in _ELEVATIONS_RAD for turn in range(N_AROUND)]
    seen = [_seen_from(field, facts, side_px, *view) for view in views]
    joined = Surface(*(np.concatenate([getattr(one, part.name) for one in seen]) for part in fields(Surface)))
    if not len(joined.positions):
        raise UserError(N_("There is nothing in this scene."))
    solid = joined.where(
        joined.density >= _FAINT * np.median(joined.density)
    )  # else between an edge and what is behind
    places = np.floor(solid.positions / np.median(solid.spacing)).astype(np.int64)
    return solid.where(np.unique(places, axis=0, return_index=True)[1])


def _seen_from(field: RadianceField, facts: SceneFacts, side_px: int, elevation: float, turn: int) -> Surface:
    home, azimuth = facts.home, 2 * math.pi * turn / N_AROUND + elevation
    camera = orbit_camera(home.pivot, home.distance, azimuth, elevation, home.fov_y_rad, facts.up)
    rays = camera.ray_grid(side_px, side_px)
    found = drawn(field, rays, with_normals=True)
    hit = (found.opacity > _LEAST_OPACITY) & found.normal.any(axis=-1)
    depth, opacity = found.depth[hit], found.opacity[hit]
    positions = np.asarray(rays.origin + rays.directions()[hit] * depth[:, None], np.float32)
    colours = np.clip(found.colour[hit] / opacity[:, None], 0, 1)
    spacing = np.asarray(depth / camera.focal(side_px), np.float32)
    return Surface(positions, found.normal[hit], colours, spacing, in_pieces(field.density, positions))


def drawn(field: RadianceField, rays: RayGrid, *, with_normals: bool = False) -> Rendering:
    """The whole picture of the field itself, with pauses."""

    def rows(grid: RayGrid, first: int, last: int) -> Rendering:
        pause()
        return draw_exact(field, grid, (first, last), with_normals=with_normals)

    *_, found = drawn_in_bands(rows, rays, N_TOGETHER)
    assert found is not None
    return found


def in_pieces(ask: Callable[..., FloatArray], *arrays: FloatArray) -> FloatArray:
    """What `ask` says of arrays with rows that belong together, a few thousand rows at a time, with pauses."""
    found = []
    for first in range(0, max(1, len(arrays[0])), N_TOGETHER):
        pause()
        found.append(ask(*(array[first : first + N_TOGETHER] for array in arrays)))
    return np.concatenate(found)


def splats_on(surface: Surface) -> Splats:
    """A flat splat on each point."""
    normals = surface.normals / np.linalg.norm(surface.normals, axis=1, keepdims=True)
    turn = np.stack([1 + normals[:, 2], -normals[:, 1], normals[:, 0], np.zeros(len(normals))], axis=1)  # z to normal
    sizes = surface.spacing[:, None] * np.array([_WIDE, _WIDE, _FLAT])
    return splats_of(
        {
            "centres": surface.positions,
            "log_scales": np.log(sizes),
            "rotations": turn,
            "opacity_logits": np.full(len(normals), _SPLAT_LOGIT),
            "harmonics": first_harmonics(surface.colours)[:, None],
        }
    )
