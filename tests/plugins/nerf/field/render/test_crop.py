"""What lies outside a box is left out, by the network as by what is baked from it; what is inside stays as it was."""

import gc
from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest

from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.field.box import box_of_state, box_of_words, box_state, box_words, is_box
from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.field.model.weights import FieldParts
from plugins.nerf.field.render import renderer
from plugins.nerf.field.render.crop import box_round, cropped, cropped_grid, cropped_volume
from plugins.nerf.field.render.exact import draw_exact
from plugins.nerf.field.render.hash_field import HashField
from plugins.nerf.field.state import FieldRequest
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.camera.viewpoint import extent_of
from plugins.nerf.shared.shading import PictureLook
from plugins.nerf.shared.state import facts_of
from tests.plugins.nerf.field.analytic import Ball, ball_occupancy
from tests.plugins.nerf.field.baked_ball import SoftBall, baked
from tests.plugins.nerf.field.made_field import MOVING, make_config, make_weights

LOOK = PictureLook("colour", 1.0, (0.0, 0.0, 0.0), 0.0, 1.0, np.zeros((256, 3), np.uint8))
LEFT = (-9.0, -9.0, -9.0, 0.0, 9.0, 9.0)


@pytest.mark.parametrize(
    "numbers", [(), (0, 0, 0, 1, 1), (0, 0, 0, 1, 1, 0), (0, 0, 0, 1, 1, np.nan), (0, 0, 0, 1, 1, 1e9)]
)
def test_what_is_no_box(numbers):
    assert not is_box(numbers)


def test_a_box_is_said_and_kept():
    assert box_of_words(box_words(LEFT)) == LEFT
    assert box_of_words("0, 0, 0, 1 2 3") == (0, 0, 0, 1, 2, 3)
    assert box_of_words("") == ()
    assert box_of_state(box_state(LEFT)) == LEFT
    assert box_of_state(box_state(())) == ()
    with pytest.raises(ValueError, match="1 2"):
        box_of_words("1 2")


def test_cells_of_all_cascades_outside_are_cleared():
    cells = np.ones((2, 4, 4, 4), np.uint8)
    grid = OccupancyGrid(cells, np.full(3, -1, np.float32), np.ones(3, np.float32))
    assert box_round(grid) == (-1, -1, -1, 1, 1, 1)
    found = cropped_grid(grid, (-2, -2, 0.6, 2, 2, 2))
    assert found.cells[0].sum() == 16  # the uppermost layer: z is the first axis
    assert found.cells[0, 3].all()
    assert found.cells[1].sum() == 16
    assert cells.all()
    assert box_round(found) == (-1, -1, 0.5, 1, 1, 1)


def ball_field():
    config = make_config()
    weights = make_weights(config, 1)
    weights.density[-1][0] = 6 * np.abs(weights.density[-1][0])
    return HashField(config, weights, ball_occupancy(0.7, np.zeros(3, np.float32), 16))


@pytest.mark.parametrize("make", [ball_field, Ball])
def test_half_a_scene_is_drawn(make):
    field = make()
    rays = look_at((0, -4, 0), (0, 0, 0), 0.7).ray_grid(48, 48)
    whole, half = draw_exact(field, rays), draw_exact(cropped(field, LEFT), rays)
    assert whole.opacity[:, 26:].max() > 0.5
    assert half.opacity[:, 26:].max() == 0
    assert np.array_equal(half.opacity[:, :16], whole.opacity[:, :16])


@pytest.mark.long("computes for long")
def test_half_a_baked_scene_is_drawn():
    volume, rays = baked(SoftBall(), 32), look_at((0, -4, 0), (0, 0, 0), 0.7).ray_grid(48, 48)
    half = cropped_volume(volume, LEFT)
    half.check()
    whole, drawn = draw_baked(volume, rays), draw_baked(half, rays)
    assert whole.opacity[:, 26:].max() > 0.5
    assert drawn.opacity[:, 27:].max() == 0
    assert np.array_equal(drawn.opacity[:, :16], whole.opacity[:, :16])


@pytest.mark.long("computes for long")
def test_what_is_left_of_each_moment_is_worked_out_once(monkeypatch):
    config, volume = make_config(**MOVING), baked(SoftBall(), 32)
    occupancy = ball_occupancy(0.7, np.zeros(3, np.float32), 16)
    facts = facts_of({}, extent_of(occupancy.low, occupancy.high))
    scene = renderer.scene_of_parts(FieldParts(config, make_weights(config), occupancy), facts)
    drawing = renderer.SceneRenderer(Mock(), scene)
    for time in (0.0, 1.0):
        drawing.baked.put(time, replace(volume))
    times = []

    def counted(*given):
        times.append(1)
        return cropped_volume(*given)

    monkeypatch.setattr(renderer, "cropped_volume", counted)

    def play(box):
        for time in (0.0, 1.0, 0.0, 1.0):
            request = FieldRequest(look_at((0, -4, 0), (0, 0, 0), 0.7), 48, 48, LOOK, box=box, time=time)
            assert drawing.moving(request)[0].opacity[:, 27:].max() == 0

    play(LEFT)
    assert len(times) == 2
    play((*LEFT[:3], -0.1, *LEFT[4:]))
    assert len(times) == 4
    drawing.baked.put(0.0, replace(volume))
    gc.collect()
    assert len(drawing._cropped) == 1
