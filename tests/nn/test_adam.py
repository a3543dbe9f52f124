"""The optimiser against that of torch, step by step."""

import copy

import pytest
import torch
from torch import Tensor

from studio.nn.adam import AdamW

SHAPES = ((3, 4), (5,), (2, 3, 3, 3))
BETAS, DECAY = (0.7, 0.99), 0.05


def tensors() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in SHAPES]


def ours(values: list[Tensor]) -> AdamW:
    return AdamW(values, 0.03, BETAS, DECAY)


def theirs(values: list[Tensor]) -> torch.optim.AdamW:
    return torch.optim.AdamW(values, 0.03, BETAS, weight_decay=DECAY, fused=True)


def give_gradients(values: list[Tensor], step: int) -> None:
    """The second tensor learns at every other step only."""
    for place, value in enumerate(values):
        value.grad = None if place == 1 and step % 2 else torch.sin(value.detach() * (place + 2) + step)


def walk(optimiser: AdamW | torch.optim.AdamW, values: list[Tensor], first: int, n_steps: int) -> None:
    for step in range(first, first + n_steps):
        give_gradients(values, step)
        optimiser.step()


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_every_step_is_that_of_torch() -> None:
    mine, expected = tensors(), tensors()
    walk(ours(mine), mine, 0, 7)
    walk(theirs(expected), expected, 0, 7)
    assert same(mine, expected)
    assert not same(mine, tensors())


def test_the_rate_may_change_between_steps() -> None:
    mine, expected = tensors(), tensors()
    optimiser, peer = ours(mine), theirs(expected)
    for step, rate in enumerate((0.1, 0.01, 0.3)):
        optimiser.rate = peer.param_groups[0]["lr"] = rate
        walk(optimiser, mine, step, 1)
        walk(peer, expected, step, 1)
    assert same(mine, expected)


@pytest.mark.parametrize("before", [ours, theirs])
def test_it_goes_on_where_it_or_that_of_torch_was_saved(before) -> None:
    whole, values = tensors(), tensors()
    walk(ours(whole), whole, 0, 6)
    first = before(values)
    walk(first, values, 0, 3)
    resumed = ours(values)
    resumed.load_state_dict(copy.deepcopy(first.state_dict()))
    walk(resumed, values, 3, 3)
    assert same(values, whole)


def test_moments_of_other_tensors_are_refused_and_change_nothing() -> None:
    values = tensors()
    optimiser = ours(values)
    walk(optimiser, values, 0, 1)
    moments = optimiser.state_dict()["state"]
    for state in ({5: moments[0]}, {0: moments[1]}):
        with pytest.raises(ValueError, match="tensor"):
            optimiser.load_state_dict({"state": state})
    assert optimiser.state_dict()["state"].keys() == moments.keys()


def test_gradients_are_forgotten() -> None:
    values = tensors()
    give_gradients(values, 0)
    ours(values).zero_grad()
    assert all(value.grad is None for value in values)
