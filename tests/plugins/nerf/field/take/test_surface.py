"""Points and splats on a ball, and how far it is, against what geometry says."""

import numpy as np
import pytest
from PIL import Image

from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.state import FieldRequest, Taking
from plugins.nerf.field.take.surface import seen_surface, splats_on
from plugins.nerf.field.take.taking import take_home
from plugins.nerf.foreign.splats.ply_header import parse_head
from plugins.nerf.foreign.splats.reader import read_splats
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.shading import picture_look_of
from studio.core.error import UserError
from tests.plugins.nerf.field.analytic import Ball
from tests.plugins.nerf.field.take.soft_ball import MIDDLE, RADIUS, SoftBall, facts

CAMERA = look_at((1.8, -1.1, 0.9), MIDDLE, 0.9)
SIZE, N_PX = (60, 44), 48


@pytest.fixture(scope="module")
def surface():
    return seen_surface(SoftBall(), facts(), N_PX)


def request():
    look = picture_look_of(FieldParams(), 0.0, 1.0, np.zeros((256, 3), np.uint8))
    return FieldRequest(CAMERA, *SIZE, look=look)


@pytest.fixture(autouse=True)
def few_pixels(monkeypatch):
    monkeypatch.setattr("plugins.nerf.field.take.taking.SIDE_PX", N_PX)


def taken(path, kind, field):
    return take_home(path, field, facts(), request(), Taking(kind))


def test_points_lie_on_the_ball_with_its_normals_and_colours(surface) -> None:
    away = surface.positions - np.array(MIDDLE, np.float32)
    distance = np.linalg.norm(away, axis=1)
    assert np.abs(distance - RADIUS).max() < 0.03
    assert np.median((away / distance[:, None] * surface.normals).sum(axis=1)) > 0.98
    assert np.abs(surface.colours - np.clip(0.5 + 0.5 * away / RADIUS, 0, 1)).max() < 0.05
    assert away[:, 2].max() > 0.55
    assert away[:, 2].min() < -0.45  # all around, but for what no camera sees


@pytest.mark.long("computes for long")
def test_splats_lie_flat_on_it_and_are_read_back(surface, tmp_path) -> None:
    splats = splats_on(surface)
    axes = np.exp(splats.log_scales)
    assert (axes[:, 2] < 0.2 * axes[:, :2].min(axis=1)).all()
    w, x, y, z = splats.rotations.T
    third = np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], axis=1)
    assert np.abs((third * surface.normals).sum(axis=1)).min() > 0.999
    n = taken(tmp_path / "ball.splats.ply", "splats", SoftBall())
    found = read_splats(tmp_path / "ball.splats.ply")
    assert (len(found.splats), found.up) == (n, "z")
    assert np.allclose(found.splats.centres, splats.centres, atol=1e-5)


@pytest.mark.long("computes for long")
def test_points_are_written_with_normals_and_colours(surface, tmp_path) -> None:
    n = taken(tmp_path / "ball.ply", "points", SoftBall())
    data = (tmp_path / "ball.ply").read_bytes()
    head = parse_head(data)
    assert list(head.elements[0].columns) == ["x", "y", "z", "nx", "ny", "nz", "red", "green", "blue"]
    rows = np.frombuffer(data, head.dtype(head.elements[0]), offset=head.n_bytes)
    assert len(rows) == n == len(surface.positions)
    assert np.array_equal(rows["nz"], surface.normals[:, 2])


def closed_form(field):
    rays = CAMERA.ray_grid(*SIZE)
    into, out_of = field.crossings(rays.origin, rays.directions())
    is_through_the_middle = out_of - into > 0.3
    return into + 1 / field.constant, is_through_the_middle, rays.directions() @ CAMERA.forward


def test_depth_as_numbers_is_that_of_a_sphere(tmp_path) -> None:
    field = Ball(middle=MIDDLE)
    assert taken(tmp_path / "depth.npz", "depth", field) == SIZE[0] * SIZE[1]
    distance, is_hit, along_axis = closed_form(field)
    with np.load(tmp_path / "depth.npz") as found:
        depth, matrix, pixels = found["depth"], found["camera_to_world"], found["intrinsics"]
        assert (depth.dtype, depth.shape) == (np.float32, SIZE[::-1])
        assert np.abs(found["distance"] - distance)[is_hit].max() < field.step
    assert np.abs(depth - distance * along_axis)[is_hit].max() < field.step
    assert not depth[0, 0]
    row, column = np.argwhere(is_hit)[len(np.argwhere(is_hit)) // 2]
    seen = np.linalg.inv(pixels) @ (column + 0.5, row + 0.5, 1) * depth[row, column]
    place = matrix[:3, :3] @ (seen * (1, -1, -1)) + matrix[:3, 3]
    assert np.linalg.norm(place - MIDDLE) == pytest.approx(field.radius - 1 / field.constant, abs=0.01)


def test_depth_as_a_picture_has_its_scale_in_the_file(tmp_path) -> None:
    field = Ball(middle=MIDDLE)
    taken(tmp_path / "depth.png", "depth", field)
    distance, is_hit, along_axis = closed_form(field)
    with Image.open(tmp_path / "depth.png") as picture:
        picture.load()
        values, words = np.asarray(picture), picture.info
        assert picture.mode == "I;16"
    unit = float(words["Depth unit"])
    assert "times" in words["Description"]
    matrix = [float(number) for number in words["Camera to world"].split()]
    assert np.allclose(matrix, CAMERA.camera_to_world().ravel())
    assert np.abs(values * unit - distance * along_axis)[is_hit].max() < field.step + unit
    assert values.max() == 65535


def test_an_empty_field_and_an_unknown_ending_are_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="nothing in this scene"):
        taken(tmp_path / "none.ply", "points", Ball(density=0.0))
    with pytest.raises(UserError, match=r"\.npz, \.png"):
        taken(tmp_path / "depth.jpg", "depth", Ball(middle=MIDDLE))
    assert not list(tmp_path.iterdir())
