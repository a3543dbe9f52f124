"""Writes what a person takes home of a field, whichever kind of thing it is."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_

from ...foreign.splats.reader import write_splats
from ...shared.camera.camera import Camera
from ...shared.camera.ray import FloatArray
from ...shared.state import SceneFacts
from ...splats.model.splats import Splats
from ..model.field import RadianceField
from ..state import FieldRequest, Taking
from .mesh import mesh_of
from .mesh_files import write_mesh, write_points
from .surface import FEW_PX, SIDE_PX, drawn, seen_surface, splats_on

MOST: Final = 65535
"""The whole number in the picture that the farthest place has; 0 is where nothing is."""


def take_home(path: Path, field: RadianceField, facts: SceneFacts, request: FieldRequest, taking: Taking) -> int:
    """Write it in the format that the name says, with pauses; returns how many triangles, points or pixels it has.

    Raises UserError where the name says none, nothing is there, or a library is missing.
    """
    if taking.kind == "depth":
        write_depth(path, field, request)
        return request.width * request.height
    if taking.kind == "mesh":
        mesh = mesh_of(field, seen_surface(field, facts, FEW_PX).level, taking.n_cells)
        write_mesh(path, mesh, facts.up)
        return len(mesh.faces)
    if taking.kind == "points":
        surface = seen_surface(field, facts, SIDE_PX)
        write_points(path, surface)
        return len(surface.positions)
    splats = as_splats(field, facts)
    write_splats(path, splats, facts.up)
    return len(splats)


def as_splats(field: RadianceField, facts: SceneFacts) -> Splats:
    """Splats on all surfaces that can be seen; raises UserError where nothing is there."""
    return splats_on(seen_surface(field, facts, SIDE_PX))


def write_depth(path: Path, field: RadianceField, request: FieldRequest) -> None:
    """Write the depth of a view in the format that the name says; raises UserError where it says none.

    Depth is along the axis of the camera, in world units; 0 where nothing is.
    """
    write = DEPTH_WRITERS.get(path.suffix.lower())
    if write is None:
        raise UserError(N_("The name must end in one of these: {endings}.").format(endings=", ".join(DEPTH_WRITERS)))
    camera = request.camera
    rays = camera.ray_grid(request.width, request.height, request.near)
    found = drawn(field, rays)
    depth = np.asarray(found.depth * (rays.directions() @ camera.forward), np.float32)
    buffer = io.BytesIO()
    write(buffer, depth, found.depth, camera)
    atomic_write(path, buffer.getvalue())


def _write_numbers(buffer: io.BytesIO, depth: FloatArray, distance: FloatArray, camera: Camera) -> None:
    np.savez_compressed(
        buffer,
        depth=depth,
        distance=distance,
        camera_to_world=camera.camera_to_world(),
        intrinsics=intrinsics(camera, *depth.shape),
    )


def _write_picture(buffer: io.BytesIO, depth: FloatArray, distance: FloatArray, camera: Camera) -> None:
    unit = max(float(depth.max()), 1e-6) / MOST
    note = PngInfo()
    note.add_text(
        "Description", f"Depth along the axis of the camera: value times {unit:.9g} world units; 0 is nothing."
    )
    note.add_text("Depth unit", f"{unit:.9g}")
    note.add_text("Camera to world", " ".join(f"{value:.9g}" for value in camera.camera_to_world().ravel()))
    note.add_text("Intrinsics", " ".join(f"{value:.9g}" for value in intrinsics(camera, *depth.shape).ravel()))
    Image.fromarray(np.rint(depth / unit).astype(np.uint16)).save(buffer, "PNG", pnginfo=note)


def intrinsics(camera: Camera, height: int, width: int) -> FloatArray:
    """The matrix (3, 3) from the camera's coordinates (x right, y down, z ahead) to pixels."""
    focal = camera.focal(height)
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]], np.float32)


DEPTH_WRITERS: Final[Mapping[str, Callable[[io.BytesIO, FloatArray, FloatArray, Camera], Any]]] = {
    ".npz": _write_numbers,
    ".png": _write_picture,
}
"""What writes the depth (H, W) and distance (H, W) of a camera under a name with such an ending."""
