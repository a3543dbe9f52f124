"""The search for a picture, against distributions, distances and places that are known."""

import numpy as np
import pytest
import torch

from plugins.gan.people.model.projection import LatentProjection, ProjectionDistance, spread_of
from studio.api.training import AVATARS, Judge
from studio.nn.pyramid import pyramid_errors


def known_spread(n=4000):
    generator = np.random.default_rng(0)
    axes, _ = np.linalg.qr(generator.standard_normal((5, 5)))
    deviations = np.array([2.0, 1.0, 0.5, 0.25, 0.2])
    ws = 3 + (generator.standard_normal((n, 5)) * deviations) @ axes
    return ws.astype(np.float32), deviations


def test_the_spread_of_places_is_found():
    ws, deviations = known_spread()
    spread = spread_of(ws)
    assert np.allclose(np.sort(spread.deviations.numpy())[::-1], deviations, rtol=0.05)
    assert np.allclose(spread.axes @ spread.axes.T, np.eye(5), atol=1e-5)
    whitened = spread.whitened(torch.from_numpy(ws))
    assert np.allclose(np.cov(whitened.numpy(), rowvar=False), np.eye(5), atol=1e-3)
    assert torch.allclose(spread.placed(whitened), torch.from_numpy(ws), atol=1e-4)


def test_a_direction_that_no_place_leaves_has_room_still():
    ws = np.zeros((20, 3), np.float32)
    ws[:, 0] = np.linspace(-1, 1, 20)
    spread = spread_of(ws)
    assert float(spread.deviations.min()) == pytest.approx(0.05 * float(spread.deviations.max()))
    assert float(spread_of(np.ones((4, 2), np.float32)).deviations.min()) > 0


def test_the_distance_without_a_judge_is_that_of_the_pyramid():
    torch.manual_seed(0)
    target, pictures = torch.rand(1, 3, 16, 16), torch.rand(3, 3, 16, 16)
    likeness = ProjectionDistance(target)
    wanted = [pyramid_errors(one, target) for one in pictures.split(1)]
    assert torch.allclose(likeness.distances(pictures), torch.stack(wanted))
    assert float(likeness.distances(target)[0]) == 0
    assert likeness.error(target + 0.5) == pytest.approx(0.25)


def test_large_pictures_are_held_against_each_other_at_128_pixels():
    torch.manual_seed(1)
    small = torch.rand(1, 3, 128, 128)
    large = small.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert float(ProjectionDistance(large).distances(small)[0]) == pytest.approx(0, abs=1e-6)


def test_the_judge_sees_what_the_pyramid_sees_too_and_its_slope_is_right():
    class Tripled(Judge):
        def maps(self, pictures):
            return [pictures * 3, pictures.mean((2, 3), keepdim=True) + 0.1]

    torch.manual_seed(2)
    target, picture = torch.rand(1, 3, 8, 8) - 0.5, torch.rand(1, 3, 8, 8) - 0.5
    judge = Tripled(AVATARS)
    likeness = ProjectionDistance(target, judge)
    assert float(likeness.distances(target)[0]) == pytest.approx(0, abs=1e-6)
    assert float(likeness.distances(picture)[0]) > float(ProjectionDistance(target).distances(picture)[0])
    assert torch.autograd.gradcheck(
        ProjectionDistance(target.double(), judge).distances, picture.double().requires_grad_(), atol=1e-4
    )


def linear_draw(n_layers=4):
    """A generator whose pictures are a linear map of each row."""
    torch.manual_seed(3)
    weight = torch.randn(n_layers, 6, 3 * 8 * 8) / 6

    def draw(rows):
        return torch.einsum("bld,ldp->bp", rows, weight).reshape(-1, 3, 8, 8)

    return draw


def test_a_known_place_is_found_first_with_one_w_then_with_a_row_for_each_layer():
    draw, generator = linear_draw(), np.random.default_rng(4)
    spread = spread_of(generator.standard_normal((200, 6)).astype(np.float32))
    one = torch.from_numpy(generator.standard_normal(6).astype(np.float32))
    known = one.expand(4, 6) + 0.3 * torch.randn(4, 6, generator=torch.Generator().manual_seed(5))
    likeness = ProjectionDistance(draw(known[None]))
    projection = LatentProjection(draw, likeness, spread, np.zeros(6, np.float32), 4)
    first = [projection.step() for _ in range(150)]
    assert np.array_equal(projection.place, np.repeat(projection.place[:1], 4, 0))
    projection.widen()
    rows = [projection.step() for _ in range(300)]
    assert first[-1] < 0.6 * first[0]
    assert rows[0] == pytest.approx(first[-1], rel=0.2)
    assert rows[-1] < 0.35 * first[-1]
    assert not np.array_equal(projection.place[0], projection.place[1])
