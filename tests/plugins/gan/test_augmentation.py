"""What the detective sees through: shifts over white, flips, and a share that adapts."""

import pytest
import torch

from plugins.gan.augmentation import MAX_SHARE, RATE, Changes, changed, drawn_changes, next_share


def picture():
    return torch.arange(2 * 3 * 16 * 16).reshape(2, 3, 16, 16).float() / 1000


def test_a_shift_moves_the_picture_and_shows_white_behind_it():
    found = changed(picture(), Changes(torch.tensor([[2, 0], [0, -3]]), torch.tensor([False, False])))
    assert torch.equal(found[0, :, :-2], picture()[0, :, 2:])
    assert (found[0, :, -2:] == 1).all()
    assert torch.equal(found[1, :, :, 3:], picture()[1, :, :, :-3])
    assert (found[1, :, :, :3] == 1).all()


def test_a_flip_mirrors_and_lets_gradients_through():
    x = picture().requires_grad_()
    found = changed(x, Changes(torch.zeros(2, 2, dtype=torch.long), torch.tensor([True, False])))
    assert torch.equal(found[0], x[0].flip(2))
    found[0, 0, 0, 0].backward()
    assert float(x.grad[0, 0, 0, -1]) == 1


def test_no_share_changes_nothing_and_a_full_one_nearly_all():
    nothing = drawn_changes(50, 0.0, 1, "x")
    assert not nothing.shifts.any()
    assert not nothing.flips.any()
    much = drawn_changes(400, 1.0, 1, "x")
    assert float(much.flips.float().mean()) == pytest.approx(0.5, abs=0.08)
    assert float((much.shifts != 0).any(1).float().mean()) > 0.95


def test_the_share_rises_while_the_detective_is_sure_and_stays_in_its_bounds():
    sure, unsure = torch.ones(8), torch.tensor([1.0, -1.0] * 4)
    assert next_share(0.2, sure) == pytest.approx(0.2 + RATE)
    assert next_share(0.2, unsure) == pytest.approx(0.2 - RATE)
    assert next_share(0.0, unsure) == 0
    assert next_share(MAX_SHARE, sure) == MAX_SHARE
