"""The networks of the styles: their shapes, what they cost, and that a file brings them back."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from plugins.gan.shared.weights import load_network
from plugins.gan.styles.model.cyclegan import StylesConfig, StylesNetwork, StylesResidualBlock, smoothed
from plugins.gan.styles.training.recipe import CONFIG
from studio.nn.network_file import save_network

TINY = StylesConfig(fine_width=4, width=8, n_blocks=1, discriminator_widths=(4, 4, 4))


def test_pictures_keep_their_size_and_range():
    torch.manual_seed(0)
    network = StylesNetwork(TINY).eval().requires_grad_(False)
    pictures = 6 * torch.rand(2, 3, 64, 64) - 3
    for is_back in (False, True):
        out = network.translated(pictures, is_back)
        assert out.shape == pictures.shape
        assert float(out.min()) >= -1
        assert float(out.max()) <= 1
    assert not torch.equal(network.translated(pictures, False), network.translated(pictures, True))


def test_a_translator_without_weights_leaves_pictures_as_they_are():
    network = StylesNetwork(TINY)
    for weight in network.to_glossy.leave.parameters():
        torch.nn.init.zeros_(weight)
    pictures = 2 * torch.rand(1, 3, 64, 64) - 1
    assert torch.equal(network.to_glossy(pictures), pictures)


def test_a_residual_block_adds_instance_normed_maps():
    torch.manual_seed(0)
    block = StylesResidualBlock(4)
    x = torch.randn(2, 4, 8, 8)
    added = block(x) - x
    torch.testing.assert_close(added.mean((2, 3)), torch.zeros(2, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(added.var((2, 3), unbiased=False), torch.ones(2, 4), atol=1e-3, rtol=0)


def test_a_discriminator_scores_each_style_by_itself():
    torch.manual_seed(0)
    network = StylesNetwork(TINY).eval().requires_grad_(False)
    pictures = 2 * torch.rand(3, 3, 64, 64) - 1
    assert network.discriminator["flat"](pictures).shape == (3, 1, 8, 8)
    assert network.score(pictures, True).shape == (3,)
    assert not torch.equal(network.score(pictures, True), network.score(pictures, False))


def test_a_translation_costs_little():
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        StylesNetwork(CONFIG).to_glossy(torch.zeros(1, 3, 64, 64))
    assert counter.get_total_flops() / 2 <= 0.35e9


def test_a_file_brings_the_network_back(tmp_path):
    torch.manual_seed(0)
    network = StylesNetwork(TINY).eval().requires_grad_(False)
    save_network(tmp_path / "it.safetensors", network, exact=("discriminator.",))
    again = load_network(tmp_path / "it.safetensors", StylesNetwork)
    assert again.config == TINY
    pictures = 2 * torch.rand(1, 3, 64, 64) - 1
    torch.testing.assert_close(again.score(pictures, True), network.score(pictures, True), atol=2e-3, rtol=0)
    torch.testing.assert_close(again.to_flat(pictures), network.to_flat(pictures), atol=0.1, rtol=0)


def test_smoothing_takes_patterns_of_every_other_pixel_and_keeps_the_rest():
    board = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(4, 4)[None, None]
    stripes = torch.tensor([1.0, -1.0]).repeat(8, 4)[None, None]
    for pattern in (board, stripes):
        torch.testing.assert_close(smoothed(pattern)[..., 1:-1, 1:-1], torch.zeros(1, 1, 6, 6))
    slope = torch.arange(8.0).expand(1, 1, 8, 8)
    torch.testing.assert_close(smoothed(slope)[..., 1:-1], slope[..., 1:-1])
    dot = torch.zeros(1, 1, 5, 5)
    dot[0, 0, 2, 2] = 16
    assert smoothed(dot)[0, 0, 1:4, 1:4].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
