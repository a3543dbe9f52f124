"""The noise of a step depends on a seed and a number, and on nothing else."""

import torch

from plugins.diffusion.shared.model.position import item_seeds, noise_of
from studio.core.seed import MAX_SEED, standard_normal

SHAPE = (4, 8, 8)


def test_independent_of_batch_and_order() -> None:
    batch = noise_of((4, 9, 2), 5, SHAPE)
    noise_of((1,), 5, SHAPE)
    for item, seed in enumerate((4, 9, 2)):
        assert torch.equal(noise_of((seed,), 5, SHAPE)[0], batch[item])
    assert torch.equal(noise_of((2, 4), 5, SHAPE), batch[[2, 0]])


def test_it_is_the_studio_noise() -> None:
    assert (noise_of((4,), 5, SHAPE)[0].numpy() == standard_normal(SHAPE, 4, "noise", 5)).all()


def test_steps_and_seeds_have_their_own() -> None:
    draws = torch.stack([noise_of((seed,), k, SHAPE).flatten() for seed in (1, 2, 3) for k in range(5)])
    likeness = torch.corrcoef(draws) - torch.eye(15)
    assert likeness.abs().max() < 5 / 256**0.5


def test_normal() -> None:
    draw = noise_of((1,), 0, (100_000,))
    assert abs(draw.mean()) < 0.02
    assert abs(draw.std() - 1) < 0.02


def test_seeds_of_a_batch() -> None:
    assert item_seeds(5, 3) == (5, 6, 7)
    assert item_seeds(MAX_SEED, 2) == (MAX_SEED, 0)
