"""Styled convolution and mapping network are held against what their definitions say."""

import math
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from plugins.gan.foreign.stylegan.layers import MappingConfig, StyleMapping, mean_place, styled
from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2Layer, ToRgb

from .stylegan_made import CLASSES, MAPPING, TWO, filled, made


def per_picture(x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """Every picture with weights of its own, each of norm 1."""
    out = []
    for picture, row in zip(x, style, strict=True):
        own = weight * row[None, :, None, None]
        own = own / (own.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        out.append(F.conv2d(picture[None], own, padding=1))
    return torch.cat(out)


def test_a_styled_convolution_has_weights_of_its_own_for_each_picture() -> None:
    torch.manual_seed(0)
    x, weight, style = torch.randn(3, 5, 8, 8), torch.randn(7, 5, 3, 3), torch.randn(3, 5)
    found = styled(x, weight, style, lambda x, w: F.conv2d(x, w, padding=1))
    torch.testing.assert_close(found, per_picture(x, weight, style), atol=1e-5, rtol=1e-5)


def test_its_output_has_variance_one_whatever_style_and_weights() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 64, 40, 40)
    style = torch.randn(2, 64) * torch.tensor([[0.1], [30.0]])
    found = styled(x, 5 * torch.randn(32, 64, 3, 3), style, F.conv2d)
    torch.testing.assert_close(found.var((1, 2, 3)), torch.ones(2), atol=0.03, rtol=0)


def test_a_layer_that_enlarges_is_a_plain_one_on_a_picture_with_zeros_between() -> None:
    """Its transposed convolution equals: put zeros between, filter, convolve with turned weights."""
    torch.manual_seed(0)
    layer: Any = filled(StyleGan2Layer(4, 6, TWO, 16, is_up=True))
    x, w = torch.randn(2, 4, 8, 8), torch.randn(2, 24)
    wide = torch.zeros(2, 4, 16, 16)
    wide[:, :, ::2, ::2] = x
    taps = (layer.resample_filter * 4).expand(4, 1, 4, 4)
    smooth = F.conv2d(F.pad(wide, (3, 2, 3, 2)), taps, groups=4)  # (2, 4, 18, 18)
    y = per_picture(smooth, layer.weight.flip((2, 3)), layer.affine(w))[:, :, 1:-1, 1:-1]
    y = y + layer.noise_const * layer.noise_strength + layer.bias[:, None, None]
    found = layer(x, w, noise=made_noise(), index=0)
    torch.testing.assert_close(found, F.leaky_relu(y, 0.2) * math.sqrt(2), atol=1e-5, rtol=1e-4)


def made_noise() -> Any:
    from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2Noise

    return StyleGan2Noise()


def test_weights_are_scaled_when_they_are_used() -> None:
    """Equalised learning rate: 1 / sqrt(inputs), times the pace in the mapping network, whose bias is scaled too."""
    torch.manual_seed(0)
    mapping: Any = filled(StyleMapping(MappingConfig(16, (24,), pace=0.01)))
    mapping.fc0.bias.fill_(3.0)
    z = torch.randn(4, 16)
    z = z / z.square().mean(1, keepdim=True).sqrt()
    wanted = z @ (mapping.fc0.weight * 0.01 / 4).T + 0.03
    torch.testing.assert_close(mapping(z), F.leaky_relu(wanted, 0.2) * math.sqrt(2), atol=1e-5, rtol=1e-4)
    colours: Any = filled(ToRgb(16, TWO))
    x, w = torch.randn(1, 16, 4, 4), torch.randn(1, 24)
    wanted = torch.einsum("oc,bc,bchw->bohw", colours.weight[:, :, 0, 0] / 4, colours.affine(w), x)
    torch.testing.assert_close(colours(x, w), wanted + colours.bias[:, None, None], atol=1e-5, rtol=1e-4)


def test_places_and_classes_count_by_their_direction_only() -> None:
    mapping = made(TWO).mapping
    z = torch.randn(3, 16)
    torch.testing.assert_close(mapping(z), mapping(7 * z))
    torch.manual_seed(0)
    conditional = filled(StyleMapping(CLASSES))
    one = torch.eye(5)[:3]
    assert not torch.allclose(conditional(z, one), conditional(z, torch.eye(5)[1:4]))
    torch.testing.assert_close(conditional(z), conditional(z, torch.zeros(3, 5)))


@pytest.mark.parametrize("config", [MAPPING, CLASSES])
def test_the_mean_is_that_of_many_places_and_always_the_same(config: MappingConfig) -> None:
    torch.manual_seed(0)
    mapping = filled(StyleMapping(config))
    c = torch.eye(5)[2:3] if config.n_classes else None
    mean = mean_place(mapping, 4096, c)
    torch.testing.assert_close(mean, mean_place(mapping, 4096, c))
    others = mapping(torch.randn(4096, 16), None if c is None else c.expand(4096, -1))
    spread = others.std(0) / 64
    assert ((mean - others.mean(0)).abs() < 6 * spread + 1e-6).all()
