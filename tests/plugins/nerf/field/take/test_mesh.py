"""Meshes of a ball: where they lie, which way round, in which colours, and what other programs' layouts hold."""

import json
import struct
import sys

import numpy as np
import pytest

from plugins.nerf.field.take.mesh import mesh_of
from plugins.nerf.field.take.mesh_files import write_mesh
from plugins.nerf.field.take.surface import seen_surface
from plugins.nerf.foreign.splats.ply_header import parse_head
from plugins.nerf.shared.shading import linear
from studio.core.error import UserError
from tests.plugins.nerf.field.take.soft_ball import MIDDLE, RADIUS, RISE, SoftBall, facts

N, N_PX = 40, 48


@pytest.fixture(scope="module")
def mesh():
    pytest.importorskip("skimage", reason="the extra “mesh” is not installed")
    return mesh_of(SoftBall(), 200.0, N)


def volume_of(vertices, faces):
    a, b, c = (vertices[faces[:, corner]].astype(np.float64) for corner in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def edges_of(faces):
    pairs = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    return np.unique(np.sort(pairs, axis=1), axis=0, return_counts=True)[1]


def test_it_lies_on_the_ball_with_normals_outward(mesh) -> None:
    away = mesh.vertices - np.array(MIDDLE, np.float32)
    assert np.abs(np.linalg.norm(away, axis=1) - RADIUS).max() < 0.004
    assert ((away / np.linalg.norm(away, axis=1, keepdims=True)) * mesh.normals).sum(axis=1).min() > 0.97


def test_it_is_closed_and_its_volume_that_of_the_ball(mesh) -> None:
    assert (edges_of(mesh.faces) == 2).all()
    assert len(mesh.vertices) - len(mesh.faces) / 2 == 2  # Euler, of anything like a ball: all slabs are one
    assert volume_of(mesh.vertices, mesh.faces) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.01)


def test_each_place_has_its_colour(mesh) -> None:
    wanted = np.clip(0.5 + 0.5 * (mesh.vertices - np.array(MIDDLE, np.float32)) / RADIUS, 0, 1)
    assert np.abs(mesh.colours - wanted).max() < 0.04


@pytest.mark.parametrize(("share", "n_balls"), [(0.05, 1), (0.001, 2)])
def test_what_floats_alone_is_left_out_where_it_is_small(mesh, share, n_balls) -> None:
    found = mesh_of(SoftBall(((-0.8, 0.8, -0.8), 0.1)), 200.0, 48, share)
    assert len(found.vertices) - len(found.faces) / 2 == 2 * n_balls


@pytest.mark.long("computes for long")
def test_the_density_of_its_surface_is_the_one_that_is_seen() -> None:
    seen = seen_surface(SoftBall(), facts(), N_PX)
    at_level = RADIUS + RISE * (0.5 - seen.level / 400)
    assert at_level == pytest.approx(
        np.median(np.linalg.norm(seen.positions - np.array(MIDDLE, np.float32), axis=1)), abs=0.01
    )


def test_a_field_without_anything_makes_no_mesh(mesh) -> None:
    with pytest.raises(UserError, match="nothing in this scene"):
        mesh_of(SoftBall(), 500.0, N)


def test_ply_holds_all_of_it(mesh, tmp_path) -> None:
    write_mesh(tmp_path / "ball.ply", mesh, "z")
    data = (tmp_path / "ball.ply").read_bytes()
    head = parse_head(data)
    rows = np.frombuffer(data, head.dtype(head.elements[0]), len(mesh.vertices), head.n_bytes)
    assert np.array_equal(np.stack([rows[axis] for axis in "xyz"], axis=1), mesh.vertices)
    assert np.abs(np.stack([rows[c] for c in ("red", "green", "blue")], axis=1) / 255 - mesh.colours).max() < 0.003
    faces = np.frombuffer(data, [("n", "u1"), ("at", "<i4", 3)], offset=head.n_bytes + rows.nbytes)
    assert (faces["n"] == 3).all()
    assert np.array_equal(faces["at"], mesh.faces)


@pytest.mark.parametrize("up", ["z", "y"])
def test_obj_has_y_upwards_and_colours(mesh, up, tmp_path) -> None:
    write_mesh(tmp_path / "ball.obj", mesh, up)
    lines = [line.split() for line in (tmp_path / "ball.obj").read_text().splitlines()]
    vertices = np.array([line[1:] for line in lines if line[0] == "v"], np.float64)
    x, y, z = mesh.vertices.T
    assert np.allclose(vertices[:, :3].T, (x, z, -y) if up == "z" else (x, y, z), atol=1e-5)
    assert np.allclose(vertices[:, 3:], mesh.colours, atol=1e-3)
    faces = np.array([[int(corner.split("//")[0]) for corner in line[1:]] for line in lines if line[0] == "f"]) - 1
    assert volume_of(vertices[:, :3], faces) > 0


def test_glb_has_linear_colours_and_triangles_that_look_outward(mesh, tmp_path) -> None:
    write_mesh(tmp_path / "ball.glb", mesh, "z")
    data = (tmp_path / "ball.glb").read_bytes()
    magic, version, size, n_json = struct.unpack("<4sIII", data[:16])
    assert (magic, version, size) == (b"glTF", 2, len(data))
    document, start = json.loads(data[20 : 20 + n_json]), 28 + n_json
    kinds = {5126: "<f4", 5123: "<u2", 5125: "<u4"}
    widths = {"VEC3": 3, "VEC4": 4, "SCALAR": 1}
    vertices, _normals, colours, faces = (
        np.frombuffer(
            data,
            kinds[one["componentType"]],
            one["count"] * widths[one["type"]],
            start + document["bufferViews"][one["bufferView"]]["byteOffset"],
        ).reshape(-1, widths[one["type"]])
        for one in document["accessors"]
    )
    assert np.allclose(colours[:, :3] / 65535, linear(mesh.colours), atol=1e-4)
    assert volume_of(vertices, faces.reshape(-1, 3)) == pytest.approx(volume_of(mesh.vertices, mesh.faces), rel=1e-4)
    assert np.allclose(document["accessors"][0]["max"], vertices.max(axis=0))


def test_a_name_without_a_known_ending_is_refused(mesh, tmp_path) -> None:
    with pytest.raises(UserError, match=r"\.glb, \.ply, \.obj"):
        write_mesh(tmp_path / "ball.stl", mesh, "z")
    assert not list(tmp_path.iterdir())


def test_without_the_library_one_sentence_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(UserError, match=r"needs scikit-image.*extra “mesh”"):
        mesh_of(SoftBall(), 200.0, 16)
