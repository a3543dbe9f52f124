"""Learning through torch against the compiled learning: the same first step, and a ball that comes to be seen."""

import numpy as np
import pytest
import torch

from plugins.nerf.field.training.learner import FieldLearner, LearnSettings
from plugins.nerf.field.training.torch_learner import TorchLearner, packed_samples
from tests.plugins.nerf.field.made_field import make_config
from tests.plugins.nerf.field.made_scene import photos_of_ball

SETTINGS = LearnSettings(n_samples=4096, refresh_every=4, grid_spread=0.3)
CPU = torch.device("cpu")


def both(is_mip: bool = False) -> tuple[FieldLearner, TorchLearner]:
    config, photos = make_config(is_mip=is_mip), photos_of_ball(8, 24).part("train")
    return FieldLearner(config, photos, SETTINGS, 3), TorchLearner(config, photos, SETTINGS, 3, CPU)


@pytest.mark.long("trains a network")
@pytest.mark.parametrize("is_mip", [False, True])
def test_first_loss_and_gradients_are_those_of_the_compiled_pass(is_mip: bool) -> None:
    compiled, reference = both(is_mip)
    batch = compiled._draw()
    chosen = type(batch)(*(array[:160] for array in batch))  # all of them are taken, by both
    compiled._expected[:] = 0
    squares, n_rays, n_met, n_samples = compiled._learn(chosen)
    expected, n_all, n_meeting, n_packed = reference._learn(chosen)
    assert (n_rays, n_met) == (n_all, n_meeting) == (160, n_met)
    assert n_samples <= n_packed
    assert squares == pytest.approx(expected, rel=3e-3)  # light below a thousandth is cut off
    for found, wanted in (
        (compiled._gradient, reference._gradient),
        (compiled._weight_gradient, reference._weight_gradient),
    ):
        assert np.linalg.norm(found - wanted) < 0.01 * np.linalg.norm(wanted)


@pytest.mark.long("waits for compiled kernels")
def test_packed_samples_lie_ray_by_ray_in_occupied_cells() -> None:
    learner, _ = both()
    batch = learner._draw()
    packed = packed_samples(batch, learner.space)
    np.testing.assert_array_equal(np.bincount(packed.ray, minlength=len(packed.counts)), packed.counts)
    assert (np.diff(packed.ray) >= 0).all()
    low, high = learner.occupancy.low, learner.occupancy.high
    resolution = learner.occupancy.resolution
    cell = ((packed.positions - low) / (high - low) * resolution).astype(np.int64).clip(0, resolution - 1)
    is_occupied = learner.occupancy.cells[0][cell[:, 2], cell[:, 1], cell[:, 0]] != 0
    assert is_occupied.mean() > 0.999  # rounding at the cells' borders


@pytest.mark.long("trains a network")
def test_it_learns() -> None:
    _, reference = both()
    first = reference.step()["loss"]
    for _ in range(40):
        last = reference.step()["loss"]
    assert last < first / 3
