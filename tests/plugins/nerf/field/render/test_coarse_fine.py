"""A ray as the original NeRF looks along it, against torch and against a ball whose surface is known."""

import numpy as np
import torch

from plugins.nerf.field.model.config import RaySampling
from plugins.nerf.field.model.networks import resample
from plugins.nerf.field.render.coarse_fine import coarse_and_fine, resampled, through_box
from plugins.nerf.foreign.nerf_pytorch.checkpoint import CheckpointScene, NeRFWeights
from plugins.nerf.foreign.nerf_pytorch.field import NeRFField
from plugins.nerf.foreign.nerf_pytorch.occupancy import Grids
from tests.plugins.nerf.field.analytic import Ball
from tests.plugins.nerf.foreign.made_foreign import SMALL_NERF, make_network
from tests.plugins.nerf.foreign.test_nerf_field import everywhere

ORIGIN = np.array([4.0, 0.2, -0.1], np.float32)
TOWARDS = np.array([-1.0, 0.0, 0.0], np.float32)


def test_places_lie_where_torch_puts_them() -> None:
    random = np.random.default_rng(0)
    edges, weights = np.sort(random.uniform(2, 6, 64)), random.uniform(0.01, 1, 63)
    wanted = resample(torch.tensor(edges)[None], torch.tensor(weights)[None], 128, None)[0]
    np.testing.assert_allclose(resampled(edges, weights, 128), np.asarray(wanted), atol=1e-4)


def test_an_original_nerf_sees_what_its_author_draws() -> None:
    states = [{k: v.numpy() for k, v in make_network(SMALL_NERF, seed).state_dict().items()} for seed in (0, 1)]
    coarse, fine = (NeRFWeights(SMALL_NERF, state) for state in states)
    scene = CheckpointScene(coarse, fine, "somebody", 0)
    field = NeRFField(scene, Grids(everywhere(), everywhere()), RaySampling(2.0, 6.0, 16, 24))
    found = coarse_and_fine(field, ORIGIN, TOWARDS)
    drawn = field.draw_rays(ORIGIN, TOWARDS[None], 0.0)
    assert (len(found.t), int(found.is_coarse.sum()), len(found.coarse_weight)) == (40, 16, 16)
    np.testing.assert_allclose(found.weight.sum(), drawn.opacity[0], atol=1e-4)
    np.testing.assert_allclose(found.weight @ found.colour, drawn.colour[0], atol=1e-3)


def test_the_second_look_is_at_the_surface_that_the_first_one_saw() -> None:
    ball = Ball()
    found = coarse_and_fine(ball, ORIGIN, TOWARDS)
    entry, _ = ball.crossings(ORIGIN, TOWARDS)
    coarse, fine = found.t[found.is_coarse], found.t[~found.is_coarse]
    np.testing.assert_allclose(np.diff(coarse), 2 / 63, rtol=1e-3)
    assert (np.abs(fine - entry) < 3 * 2 / 63).mean() > 0.9
    np.testing.assert_allclose(found.weight.sum(), 1, atol=1e-3)
    assert (np.diff(found.t) >= 0).all()


def test_a_ray_beside_the_box_or_behind_the_near_plane_meets_nothing() -> None:
    low, high = through_box(Ball().occupancy, ORIGIN, TOWARDS)
    np.testing.assert_allclose([low, high], [3, 5])
    up = np.array([0, 0, 1], np.float32)
    assert len(coarse_and_fine(Ball(), ORIGIN, up).t) == 0
    assert len(coarse_and_fine(Ball(), ORIGIN, TOWARDS, near=9.0).t) == 0
