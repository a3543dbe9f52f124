"""Forger and discriminator of icons: shapes, cost, what they look at, and their file."""

import dataclasses

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from plugins.gan.shared.weights import load_network
from plugins.gan.sketch.model.pix2pix import DrawConfig, DrawNetwork
from plugins.gan.sketch.training.recipe import CONFIG
from studio.core.error import UserError
from studio.nn.network_file import save_network
from tests.plugins.gan.sketch.sketch_made import SMALL, made_network


def test_an_icon_has_the_size_of_its_drawing_and_colours_in_range():
    network = made_network()
    for side in (32, 64, 96):
        icon = network.generator(torch.rand(2, 5, side, side))
        assert icon.shape == (2, 3, side, side)
        assert icon.min() >= 0
        assert icon.max() <= 1
        assert network.discriminator(torch.rand(2, 5, side, side), icon).shape == (2, side // 4, side // 4)


def test_a_picture_costs_at_most_what_follows_a_hand():
    network = DrawNetwork(CONFIG)
    with FlopCounterMode(display=False) as counter:
        network.generator(torch.zeros(1, 5, 64, 64))
    assert counter.get_total_flops() / 2 <= 0.15e9  # multiply-adds
    assert sum(weight.numel() for weight in network.generator.parameters()) < 1_000_000


def test_every_channel_of_the_drawing_counts():
    network = made_network()
    drawing = torch.rand(1, 5, 32, 32, requires_grad=True)
    network.generator(drawing).sum().backward()
    assert drawing.grad is not None
    assert (drawing.grad.abs().amax((0, 2, 3)) > 0).all()


def test_the_discriminator_looks_at_the_drawing_and_the_icon():
    discriminator = made_network().discriminator
    drawing, icon = torch.rand(1, 5, 32, 32), torch.rand(1, 3, 32, 32)
    scores = discriminator(drawing, icon)
    assert not torch.equal(scores, discriminator(drawing.flip(3), icon))
    assert not torch.equal(scores, discriminator(drawing, icon.flip(3)))


def test_a_score_is_one_of_a_patch():
    """Two layers that halve and a kernel of three: what is far away leaves a score as it was."""
    discriminator = made_network().discriminator
    drawing, icon = torch.rand(1, 5, 64, 64), torch.rand(1, 3, 64, 64)
    other = icon.clone()
    other[..., 40:] = 0
    before, after = discriminator(drawing, icon), discriminator(drawing, other)
    assert torch.equal(before[..., :7], after[..., :7])
    assert not torch.equal(before[..., 10:], after[..., 10:])


def test_the_file_gives_the_network_back(tmp_path):
    network = made_network()
    save_network(tmp_path / "one.safetensors", network, exact=("discriminator.",))
    again = load_network(tmp_path / "one.safetensors", DrawNetwork)
    drawing, icon = torch.rand(1, 5, 64, 64), torch.rand(1, 3, 64, 64)
    torch.testing.assert_close(again.generator(drawing), network.generator(drawing), atol=0.02, rtol=0)
    torch.testing.assert_close(
        again.discriminator(drawing, icon), network.discriminator(drawing, icon), atol=2e-3, rtol=0
    )
    assert again.config == SMALL


@pytest.mark.parametrize(
    "wrong",
    [
        *({"widths": (8,)}, {"widths": (8,) * 6}, {"discriminator_widths": ()}),
        *({"n_middle": 0}, {"n_groups": 0}, {"n_groups": 3}),
    ],
)
def test_impossible_sizes_are_refused(tmp_path, wrong):
    class Claimed(nn.Module):
        config = dataclasses.replace(SMALL, **wrong)

    Claimed.__name__ = "DrawNetwork"
    save_network(tmp_path / "claimed.safetensors", Claimed())
    with pytest.raises(UserError):
        load_network(tmp_path / "claimed.safetensors", DrawNetwork)
    with pytest.raises((ValueError, ZeroDivisionError)):
        DrawNetwork(Claimed.config)


def test_the_recipe_names_possible_sizes():
    assert isinstance(CONFIG, DrawConfig)
    assert len(CONFIG.widths) == 4
