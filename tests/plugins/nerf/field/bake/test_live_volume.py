"""The volume that follows a field while it learns."""

import numpy as np

from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.field.bake.live_volume import LiveVolume
from plugins.nerf.field.model.field import OccupancyGrid
from tests.plugins.nerf.field.baked_ball import SoftBall, rays_from

EYE = (1.6, -1.9, 1.3)
SOON = 1e-9  # seconds: one chunk
LONG = 1e9


def live(field: SoftBall) -> LiveVolume:
    return LiveVolume(field.occupancy.low, field.occupancy.high, 48)


def test_colours_are_those_seen_from_the_eye() -> None:
    field = SoftBall()
    volume = live(field)
    for eye in (EYE, (-1.5, 0.4, 1.9)):
        rays = rays_from(eye, 40)
        assert volume.refresh(field, field.occupancy, rays.origin, LONG) == 1.0
        found = draw_baked(volume.volume, rays)
        points = rays.origin + rays.directions() * found.depth[..., None]
        sure = found.opacity > 0.99
        assert sure.mean() > 0.3
        assert np.abs(found.colour - field.colour(points, rays.directions()))[sure].mean() < 0.012
    volume.volume.check()


def test_a_pass_goes_on_where_it_stopped() -> None:
    field = SoftBall()
    volume, eye = live(field), np.array(EYE, np.float32)
    shares = [volume.refresh(field, field.occupancy, eye, SOON)]
    while shares[-1] < 1.0:
        shares.append(volume.refresh(field, field.occupancy, eye, SOON))
    assert len(shares) > 1
    assert (np.diff(shares) > 0).all()
    at_once = live(field)
    at_once.refresh(field, field.occupancy, eye, LONG)
    for name in ("opacity", "colour", "leap"):
        assert np.array_equal(getattr(volume.volume, name), getattr(at_once.volume, name)), name
    assert volume.refresh(field, field.occupancy, eye, SOON) == shares[0]


def test_what_is_not_occupied_any_more_is_emptied() -> None:
    field, small = SoftBall(), SoftBall(radius=0.2)
    volume, eye = live(field), np.array(EYE, np.float32)
    volume.refresh(field, field.occupancy, eye, LONG)
    volume.refresh(small, small.occupancy, eye, LONG)
    fresh = live(small)
    fresh.refresh(small, small.occupancy, eye, LONG)
    assert np.array_equal(volume.volume.opacity, fresh.volume.opacity)
    assert np.array_equal(volume.volume.leap, fresh.volume.leap)


def test_nothing_is_occupied() -> None:
    field = SoftBall()
    nothing = OccupancyGrid(np.zeros_like(field.occupancy.cells), field.occupancy.low, field.occupancy.high)
    volume = live(field)
    assert volume.refresh(field, nothing, np.array(EYE, np.float32), SOON) == 1.0
    assert not draw_baked(volume.volume, rays_from(EYE, 8)).opacity.any()


def test_neighbours_share_their_points() -> None:
    field = SoftBall()
    volume = live(field)
    volume.refresh(field, field.occupancy, np.array(EYE, np.float32), LONG)
    held = volume.volume
    for axis in range(3):
        first, second = (np.moveaxis(held.index, axis, 0)[part].ravel() for part in (slice(-1), slice(1, None)))
        for name in ("opacity", "colour"):
            values = getattr(held, name)
            last = np.take(values[first], 8, axis=1 + axis)
            assert np.array_equal(last, np.take(values[second], 0, axis=1 + axis))
