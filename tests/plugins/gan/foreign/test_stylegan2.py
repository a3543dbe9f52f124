"""StyleGAN2 is held against a slow one after the paper, in all its architectures."""

from dataclasses import replace

import pytest
import torch

from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2Config, StyleGan2Noise, doubled

from .stylegan_made import TWO, kernel, made, rosinality_state
from .stylegan_plain import draw_plainly, place_plainly


def rows(config: StyleGan2Config, n_pictures: int = 2) -> torch.Tensor:
    shape = (n_pictures, 2 * len(config.widths), config.mapping.n_w)
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def test_it_draws_what_the_slow_one_draws() -> None:
    network, ws = made(TWO), rows(TWO)
    state = rosinality_state(network)
    wanted = draw_plainly(state, ws, kernel())
    torch.testing.assert_close(network.draw(ws, StyleGan2Noise(), 64), wanted, atol=1e-4, rtol=1e-4)
    z = torch.randn(3, 16)
    torch.testing.assert_close(network.mapping(z), place_plainly(state, z, 2))


def test_an_early_exit_is_the_picture_added_up_so_far() -> None:
    network, ws = made(TWO), rows(TWO)
    sizes = {px: network.draw(ws, StyleGan2Noise(), px) for px in (4, 8, 16, 30, 32, 64)}
    assert [picture.shape[-1] for picture in sizes.values()] == [4, 8, 16, 32, 32, 64]
    last = network.synthesis.b64
    x = network.synthesis.b4(ws, ws[:, 0:1], StyleGan2Noise(), 0)
    for row, block in zip((1, 3, 5), ("b8", "b16", "b32"), strict=True):
        x = network.synthesis.get_submodule(block)(x, ws[:, row : row + 2], StyleGan2Noise(), row)
    x = last(x, ws[:, 7:9], StyleGan2Noise(), 7)
    wanted = doubled(sizes[32], last.resample_filter) + last.torgb(x, ws[:, 9])
    torch.testing.assert_close(sizes[64], wanted)


def test_every_row_acts_at_its_size() -> None:
    """A row leaves the picture of a quarter of its size as it was; half the size is coloured by the row behind."""
    network, ws = made(TWO), rows(TWO, 1)
    assert network.layer_px == (4, 8, 8, 16, 16, 32, 32, 64, 64, 64)
    for row, px in enumerate(network.layer_px):
        other = ws.clone()
        other[:, row] += 1.0
        assert not torch.equal(network.draw(ws, StyleGan2Noise(), 64), network.draw(other, StyleGan2Noise(), 64))
        before = px // 4
        if before >= 4:
            assert torch.equal(
                network.draw(ws, StyleGan2Noise(), before), network.draw(other, StyleGan2Noise(), before)
            )


@pytest.mark.parametrize("architecture", ["orig", "resnet"])
def test_other_architectures_draw_full_pictures_only(architecture: str) -> None:
    config = replace(TWO, architecture=architecture)
    network, ws = made(config), rows(config)
    picture = network.draw(ws, StyleGan2Noise(), 8)
    assert picture.shape == (2, 3, 64, 64)
    torch.testing.assert_close(picture[1:], network.draw(ws[1:], StyleGan2Noise(), 64), atol=1e-5, rtol=1e-4)


def test_the_way_around_a_block_is_added_at_half_the_power() -> None:
    config = replace(TWO, architecture="resnet", widths=(8, 8), clamp=1e9)
    network = made(config)
    block, x, ws = network.synthesis.b8, torch.randn(1, 8, 4, 4), rows(config, 1)
    found = block(x, ws[:, 1:3], StyleGan2Noise(), 1)
    inner = block.conv1(block.conv0(x, ws[:, 1], StyleGan2Noise(), 1), ws[:, 2], StyleGan2Noise(), 2)
    around = doubled(torch.einsum("oc,bchw->bohw", block.skip.weight[:, :, 0, 0] / 8**0.5, x), block.resample_filter)
    torch.testing.assert_close(found, (inner + around) * 0.5**0.5, atol=1e-5, rtol=1e-4)


def test_doubling_keeps_a_flat_picture_flat() -> None:
    flat = torch.full((1, 3, 8, 8), 0.7)
    inner = doubled(flat, made(TWO).synthesis.b8.resample_filter)[:, :, 2:-2, 2:-2]
    torch.testing.assert_close(inner, torch.full((1, 3, 12, 12), 0.7))


def test_noise_can_be_scaled_and_drawn_anew() -> None:
    network, ws = made(TWO), rows(TWO)
    fixed, none = network.draw(ws, StyleGan2Noise(), 64), network.draw(ws, StyleGan2Noise(0.0), 64)
    assert not torch.equal(fixed, none)
    one, same, other = (network.draw(ws, StyleGan2Noise(1.0, seed), 64) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(one, fixed)
    silent = made(replace(TWO, has_noise=False))
    assert not any("noise" in name for name in silent.state_dict())
    assert torch.equal(silent.draw(ws, StyleGan2Noise(), 64), silent.draw(ws, StyleGan2Noise(3.0), 64))


def test_activations_are_cut() -> None:
    network = made(replace(TWO, clamp=0.5))
    x = network.synthesis.b4.conv1(torch.full((1, 16, 4, 4), 9.0), torch.randn(1, 24), StyleGan2Noise(), 0)
    assert x.abs().max() == 0.5
