"""Splats come nearer to the photos, go on from a saved state to the same bits, and grow in number."""

import numpy as np
import pytest

from plugins.nerf.splats.training.density_control import DensitySettings
from plugins.nerf.splats.training.splat_learner import LearnSettings, SplatLearner
from plugins.nerf.splats.training.splats_lesson import spacings, splats_in_hull, splats_on_surfaces
from studio.core.pausing import result_of
from tests.plugins.nerf.field.analytic import Ball
from tests.plugins.nerf.field.made_scene import RADIUS, photos_of_ball

LOW, HIGH = np.full(3, -1, np.float32), np.full(3, 1, np.float32)
QUIET = DensitySettings(first=10**6)


@pytest.fixture(scope="module")
def photos():
    return photos_of_ball(6, 32, 0)


def learner(photos, density=QUIET):
    settings = LearnSettings(n_steps=60, degree=1, degree_every=10, density=density)
    return SplatLearner(splats_in_hull(photos, LOW, HIGH, 300, 1, 0), photos, settings, 2.0, seed=1)


def test_the_loss_falls(photos):
    learning = learner(photos)
    losses = [learning.step()["loss"] for _ in range(60)]
    assert np.mean(losses[-6:]) < 0.5 * np.mean(losses[:6])
    assert np.abs(learning.splats.harmonics[:, 1:]).max() > 0


@pytest.mark.long("computes for long")
def test_it_goes_on_to_the_same_bits(photos):
    density = DensitySettings(first=3, every=3, last=100, least_shift=0.0)
    whole, begun, resumed = (learner(photos, density) for _ in range(3))
    for _ in range(9):
        whole.step()
    for _ in range(5):
        begun.step()
    resumed.load(begun.state())
    for _ in range(4):
        resumed.step()
    for name, array in whole.splats.arrays().items():
        np.testing.assert_array_equal(array, getattr(resumed.splats, name))
    assert len(whole.splats) > 300


def test_opacities_are_lowered_when_it_is_time(photos):
    learning = learner(photos, DensitySettings(first=4, every=4, last=4, reset_every=4, reset_to=0.1))
    for _ in range(4):
        learning.step()
    assert learning.splats.opacities.max() <= 0.1 + 1e-6


def test_it_begins_where_no_photo_sees_through(photos):
    splats = splats_in_hull(photos, LOW, HIGH, 500, 2, 0)
    assert splats.degree == 2
    assert np.linalg.norm(splats.centres, axis=1).max() < 1.4 * RADIUS


def test_it_begins_on_the_surfaces_of_a_field(photos):
    ball = Ball()
    splats = result_of(splats_on_surfaces(ball, photos, 400, 1, 0))
    radii = np.linalg.norm(splats.centres, axis=1)
    np.testing.assert_allclose(radii, ball.radius, atol=0.05)
    wanted = np.clip(0.5 + 0.5 * splats.centres / ball.radius, 0, 1)
    np.testing.assert_allclose(0.5 + 0.28209479 * splats.harmonics[:, 0], wanted, atol=0.1)
    w, x, y, z = splats.rotations.T
    third = np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], axis=1)
    assert np.mean((third * splats.centres).sum(1) / radii) > 0.9
    assert (splats.log_scales.argmin(1) == 2).all()


def test_spacings_of_a_plane():
    grid = np.stack(np.meshgrid(np.arange(128), np.arange(128), [0.0]), -1).reshape(-1, 3) + 0.5
    assert np.median(spacings(grid.astype(np.float32))) == pytest.approx(1, rel=0.05)
