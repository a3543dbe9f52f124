"""Writes what a person takes home of a field, whichever kind of thing it is."""

from pathlib import Path

from ...foreign.splats.reader import write_splats
from ...shared.state import SceneFacts
from ...splats.model.splats import Splats
from ..model.field import RadianceField
from ..state import FieldRequest, Taking
from .depth import write_depth
from .mesh import mesh_of
from .mesh_files import write_mesh, write_points
from .surface import FEW_PX, SIDE_PX, seen_surface, splats_on


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
