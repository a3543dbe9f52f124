"""The ranking by visible effect on a decoder whose Jacobian is known."""

import pytest
import torch

from plugins.vae.shared.training.directions import (
    attribute_slopes,
    named_directions,
    ranking,
    readings_of,
    remaining_directions,
    visible_effects,
)
from studio.core.pausing import result_of


def hand_made_decoder(jacobian):
    """Pictures of 10 pixels that are linear in the place: their change per unit is the Jacobian's column."""
    return lambda places: (0.5 + places @ jacobian.T).unflatten(1, (2, 5))


def test_effects_are_the_mean_absolute_columns_of_the_jacobian():
    jacobian = torch.randn(10, 4, generator=torch.Generator().manual_seed(1)) * torch.tensor([0.1, 3.0, 0.0, 1.0])
    places = torch.randn(7, 4)
    effects = result_of(visible_effects(hand_made_decoder(jacobian), torch.eye(4), places))
    torch.testing.assert_close(effects, jacobian.abs().mean(0), atol=1e-5, rtol=1e-4)
    assert ranking(effects).tolist() == [1, 3, 0, 2]


def test_effects_are_measured_along_any_direction():
    jacobian = torch.randn(10, 3, generator=torch.Generator().manual_seed(2))
    directions = torch.tensor([[1.0, 1.0, 0.0], [0.0, -2.0, 1.0]])
    effects = result_of(visible_effects(hand_made_decoder(jacobian), directions, torch.randn(5, 3)))
    torch.testing.assert_close(effects, (directions @ jacobian.T).abs().mean(1), atol=1e-5, rtol=1e-4)


def test_a_direction_without_effect_is_found_in_a_curved_decoder():
    def draw(places):
        return torch.sin(places[:, :1]).expand(-1, 6)

    places = torch.randn(50, 2, generator=torch.Generator().manual_seed(3))
    effects = result_of(visible_effects(draw, torch.eye(2), places))
    assert float(effects[1]) == 0.0
    assert float(effects[0]) > 0.3


def test_equal_effects_keep_their_order():
    assert ranking(torch.tensor([1.0, 2.0, 2.0, 1.0])).tolist() == [1, 2, 0, 3]


def test_slopes_of_linear_attributes_are_found():
    random = torch.Generator().manual_seed(4)
    slopes = torch.randn(3, 8, generator=random) * 0.3
    places = torch.randn(4000, 8, generator=random)
    found = attribute_slopes(places, places @ slopes.T)
    torch.testing.assert_close(found, slopes, atol=0.05, rtol=0.1)


def test_a_named_direction_moves_its_attribute_by_one_and_others_less():
    slopes = torch.randn(4, 16, generator=torch.Generator().manual_seed(5))
    pure, leaky = (named_directions(slopes, leak) @ slopes.T for leak in (0.0, 0.1))
    torch.testing.assert_close(pure, torch.eye(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(leaky.diagonal(), torch.ones(4))
    assert 0 < (leaky - torch.eye(4)).abs().max() < 0.3


def test_a_leak_shortens_the_way_where_attributes_nearly_agree():
    slopes = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.2, 0.0]])
    lengths = [named_directions(slopes, leak).norm(dim=1).max() for leak in (0.0, 0.05, 0.4)]
    assert lengths[0] > lengths[1] > lengths[2]


def test_remaining_directions_change_no_attribute_and_are_the_axes_of_what_shows():
    random = torch.Generator().manual_seed(6)
    slopes = torch.zeros(1, 4)
    slopes[0, 0] = 1.0
    jacobian = torch.linalg.qr(torch.randn(10, 4, generator=random))[0] * torch.tensor([9.0, 1.0, 3.0, 0.2])
    found = result_of(remaining_directions(slopes, hand_made_decoder(jacobian), torch.zeros(2, 4)))
    torch.testing.assert_close((found @ slopes.T), torch.zeros(3, 1), atol=1e-6, rtol=0)
    torch.testing.assert_close(found @ found.T, torch.eye(3), atol=1e-5, rtol=0)
    expected = torch.eye(4)[[2, 1, 3]]
    torch.testing.assert_close(found.abs(), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("n_latent", [2, 9])
def test_readings_undo_directions(n_latent):
    directions = torch.randn(n_latent, n_latent, generator=torch.Generator().manual_seed(7))
    z = torch.randn(5, n_latent)
    values = z @ readings_of(directions).T
    torch.testing.assert_close(values @ directions, z, atol=1e-4, rtol=1e-4)
