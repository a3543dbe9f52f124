"""StyleGAN3: its layers move with what they lie on, as the paper measures it, and nothing is cut off."""

import itertools
import math
from typing import Any

import pytest
import torch

from plugins.gan.foreign.stylegan.layers import MappingConfig
from plugins.gan.foreign.stylegan.stylegan3 import StyleGan3Config, bands

from .stylegan_made import THREE, THREE_R, made

PAPER = StyleGan3Config(MappingConfig(512, (512, 512)), 1024, (512,) * 14 + (3,))
# Channels fall with the cutoff, so that a small network aliases as little as a large one.
MOVED = StyleGan3Config(MappingConfig(16, (16, 16)), 64, (24,) * 10 + (3,))
TURNED = StyleGan3Config(MappingConfig(16, (16, 16)), 64, (24,) * 10 + (3,), kernel_px=1, is_radial=True)


def test_the_bands_are_those_of_the_paper() -> None:
    """Table in the appendix: 1024 px, 14 layers; 36 px in the beginning and 1044 px before the last two."""
    found = bands(PAPER)
    sizes = [36, 36, 52, 52, 84, 148, 148, 276, 276, 532, 1044, 1044, 1044, 1024, 1024]
    assert [band.size_px for band in found] == sizes
    assert found[0].cutoff == 2
    assert found[-1].cutoff == 512
    ratios = [after.cutoff / before.cutoff for before, after in itertools.pairwise(found[:13])]
    assert ratios == pytest.approx([256 ** (1 / 12)] * 12)
    assert all(band.cutoff + band.half_width >= band.rate / 2 for band in found)


def test_layer_sizes_are_those_that_the_bands_promise() -> None:
    for config in (THREE, THREE_R):
        network = made(config)
        x = network.synthesis.input(torch.randn(1, 24))
        for layer, band in zip(network.synthesis.layers(), network.synthesis.bands, strict=True):
            x = layer(x, torch.randn(1, 24))
            assert x.shape == (1, band.n_channels, band.size_px, band.size_px)
        assert len(network.layer_px) == config.n_layers + 2


def drawn(network: Any, ws: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    network.synthesis.input.transform = matrix
    picture: torch.Tensor = network.draw(ws)[0]
    network.synthesis.input.transform = torch.eye(3)
    return picture


def equivariance_db(wanted: torch.Tensor, found: torch.Tensor, edge_px: int) -> float:
    """Ratio of the signal's range and the error in the middle, as the paper's EQ-T and EQ-R measure it (range 2)."""
    inner = (slice(None), slice(edge_px, -edge_px), slice(edge_px, -edge_px))
    spread = float(wanted.std((1, 2)).mean()) * 4  # random pictures fill about this range
    return 20 * math.log10(spread / float((wanted - found)[inner].square().mean().sqrt()))


def moved(right_px: float, size_px: int) -> torch.Tensor:
    matrix = torch.eye(3)
    matrix[0, 2] = -right_px / size_px
    return matrix


def shifted_by_sinc(picture: torch.Tensor, right_px: float) -> torch.Tensor:
    """A picture moved to the right by a fraction of a pixel, as the Fourier transform does it."""
    n = picture.shape[-1]
    waves = torch.exp(-2j * math.pi * torch.fft.rfftfreq(n) * right_px)
    return torch.fft.irfft(torch.fft.rfft(picture) * waves, n=n)


@pytest.mark.parametrize("config", [MOVED, TURNED], ids=["T", "R"])
@pytest.mark.parametrize("right_px", [4.0, 1.0, 0.5, -0.3])
def test_a_moved_input_moves_the_picture(config: StyleGan3Config, right_px: float) -> None:
    """EQ-T: in the paper 60 dB and more."""
    network = made(config)
    ws = torch.randn(1, 12, 16, generator=torch.Generator().manual_seed(3))
    still, moving = drawn(network, ws, torch.eye(3)), drawn(network, ws, moved(right_px, 64))
    found = equivariance_db(shifted_by_sinc(still, right_px), moving, 12)
    assert found > 50
    assert found > 10 + equivariance_db(still, moving, 12)  # it did move


def test_a_turned_input_turns_the_picture_where_filters_are_radial() -> None:
    """EQ-R at a right angle, where no resampling stands between; with 3x3 weights it is far worse."""
    quarter = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    ws = torch.randn(1, 12, 16, generator=torch.Generator().manual_seed(3))
    found = {}
    for name, config in (("T", MOVED), ("R", TURNED)):
        network = made(config)
        still, turned = drawn(network, ws, torch.eye(3)), drawn(network, ws, quarter)
        found[name] = max(equivariance_db(still.rot90(k, (1, 2)), turned, 12) for k in (1, 3))
    assert found["R"] > 80
    assert found["T"] < 40


def test_w_turns_and_moves_the_waves() -> None:
    """The numbers (0, 1, 0, 0) are a quarter turn, (1, 0, x, y) a shift."""
    source = made(THREE).synthesis.input
    source.affine.weight.zero_()

    def waves(*numbers: float) -> torch.Tensor:
        source.affine.bias.copy_(torch.tensor(numbers))
        picture: torch.Tensor = source(torch.zeros(1, 24))[0]
        return picture

    plain = waves(1, 0, 0, 0)
    turned = waves(0, 1, 0, 0)
    assert min(float((plain.rot90(k, (1, 2)) - turned).abs().max()) for k in (1, 3)) < 1e-4
    rate = bands(THREE)[0].rate
    right = waves(1, 0, 1 / rate, 0)
    torch.testing.assert_close(right[:, :, 1:], plain[:, :, :-1], atol=1e-4, rtol=0)
    down = waves(2, 0, 0, 2 / rate)  # only the direction of the first two numbers counts, and scales the others
    torch.testing.assert_close(down[:, 1:], plain[:, :-1], atol=1e-4, rtol=0)


def test_magnitudes_and_output_scale_only_scale() -> None:
    network = made(THREE)
    ws = torch.randn(1, 8, 24)
    before = network.draw(ws)
    network.synthesis.config = THREE.__class__(**{**THREE.__dict__, "output_scale": 0.5})
    torch.testing.assert_close(network.draw(ws), 2 * before)
    layer = next(iter(network.synthesis.layers()))
    x = torch.randn(1, 12, 36, 36)
    layer.bias.zero_()
    plain = layer(x, ws[:, 0])
    layer.magnitude_ema.fill_(4.0)
    torch.testing.assert_close(layer(x, ws[:, 0]), plain / 2, atol=1e-5, rtol=1e-4)


def test_other_pictures_in_the_batch_change_nothing() -> None:
    network = made(THREE)
    ws = torch.randn(3, 8, 24)
    torch.testing.assert_close(network.draw(ws)[1:2], network.draw(ws[1:2]), atol=1e-5, rtol=1e-4)
