"""Writes meshes as PLY, OBJ and glTF, and points as PLY; whole or not at all.

PLY keeps the axes of the scene. OBJ and glTF have y upwards, so a scene whose z points up is turned.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_file
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_

from ...foreign.splats.gltf import pack_glb
from ...foreign.splats.scene import to_bytes
from ...shared.shading import linear
from ..model.field import FloatArray
from .mesh import Mesh
from .surface import Surface

_ROWS: Final = 1 << 14
_POINT: Final = np.dtype([*((name, "<f4") for name in ("x", "y", "z", "nx", "ny", "nz")), ("rgb", "u1", 3)])
_FACE: Final = np.dtype([("n", "u1"), ("corners", "<i4", 3)])


def write_mesh(path: Path, mesh: Mesh, up: str) -> None:
    """Write a mesh in the format that the name says; raises UserError where it says none."""
    write = MESH_WRITERS.get(path.suffix.lower())
    if write is None:
        raise UserError(N_("The name must end in one of these: {endings}.").format(endings=", ".join(MESH_WRITERS)))
    write(path, mesh, up)


def write_points(path: Path, surface: Surface) -> None:
    """Write points with normals and colours as PLY."""
    _write_ply(path, _points(surface.positions, surface.normals, surface.colours), None)


def _mesh_ply(path: Path, mesh: Mesh, up: str) -> None:
    faces = np.empty(len(mesh.faces), _FACE)
    faces["n"], faces["corners"] = 3, mesh.faces
    _write_ply(path, _points(mesh.vertices, mesh.normals, mesh.colours), faces)


def _points(positions: FloatArray, normals: FloatArray, colours: FloatArray) -> npt.NDArray[Any]:
    rows = np.empty(len(positions), _POINT)
    for axis, name in enumerate("xyz"):
        rows[name], rows[f"n{name}"] = positions[:, axis], normals[:, axis]
    rows["rgb"] = to_bytes(colours)
    return rows


def _write_ply(path: Path, points: npt.NDArray[Any], faces: npt.NDArray[Any] | None) -> None:
    names = [f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")]
    names += [f"property uchar {name}" for name in ("red", "green", "blue")]
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}", *names]
    if faces is not None:
        lines += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    with atomic_file(path) as draft, draft.open("wb") as file:
        file.write("\n".join([*lines, "end_header\n"]).encode())
        for rows in (points, faces):
            for first in range(0, 0 if rows is None else len(rows), _ROWS):
                pause()
                assert rows is not None
                file.write(rows[first : first + _ROWS].tobytes())


def _mesh_obj(path: Path, mesh: Mesh, up: str) -> None:
    """With a colour behind each vertex, as most programs read it."""
    vertices, normals = (_y_up(array, up) for array in (mesh.vertices, mesh.normals))
    corners = (mesh.faces + 1).repeat(2, axis=1)
    with atomic_file(path) as draft, draft.open("w", encoding="ascii", newline="\n") as file:
        for rows, line in (
            (np.concatenate([vertices, mesh.colours], axis=1), "v %.6g %.6g %.6g %.4g %.4g %.4g\n"),
            (normals, "vn %.4g %.4g %.4g\n"),
            (corners, "f %d//%d %d//%d %d//%d\n"),
        ):
            for first in range(0, len(rows), _ROWS):
                pause()
                part = rows[first : first + _ROWS]
                file.write((line * len(part)) % tuple(part.ravel().tolist()))


def _mesh_glb(path: Path, mesh: Mesh, up: str) -> None:
    """Shown as it is, without lights; its colours are linear, as glTF has them."""
    light = np.concatenate([linear(mesh.colours), np.ones((len(mesh.colours), 1))], axis=1)
    vertices = _y_up(mesh.vertices, up)
    arrays: Sequence[npt.NDArray[Any]] = (
        vertices.astype("<f4"),
        _y_up(mesh.normals, up).astype("<f4"),
        to_bytes(light, 65535).astype("<u2"),
        mesh.faces.reshape(-1, 1).astype("<u4"),
    )
    kinds = ((5126, "VEC3"), (5126, "VEC3"), (5123, "VEC4"), (5125, "SCALAR"))
    accessors: list[dict[str, Any]] = [
        {"bufferView": n, "componentType": code, "count": len(array), "type": kind}
        for n, (array, (code, kind)) in enumerate(zip(arrays, kinds, strict=True))
    ]
    accessors[0] |= {"min": vertices.min(0).tolist(), "max": vertices.max(0).tolist()}
    accessors[2]["normalized"] = True
    attributes = {"POSITION": 0, "NORMAL": 1, "COLOR_0": 2}
    unlit = {"extensions": {"KHR_materials_unlit": {}}, "pbrMetallicRoughness": {"metallicFactor": 0}}
    document = {
        "extensionsUsed": ["KHR_materials_unlit"],
        "materials": [unlit],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 3, "material": 0}]}],
        "accessors": accessors,
    }
    pack_glb(path, document, arrays, (34962, 34962, 34962, 34963))


def _y_up(vectors: FloatArray, up: str) -> FloatArray:
    return vectors if up == "y" else np.asarray(vectors[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32))


MESH_WRITERS: Final[Mapping[str, Callable[[Path, Mesh, str], None]]] = {
    ".glb": _mesh_glb,
    ".ply": _mesh_ply,
    ".obj": _mesh_obj,
}
"""What writes a mesh under a name with such an ending."""
