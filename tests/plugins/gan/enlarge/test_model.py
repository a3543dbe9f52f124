"""The enlarging network: what it adds to, how far it looks, and how two of them are mixed."""

import numpy as np
import pytest
import torch
from PIL import Image

from plugins.gan.enlarge.model.discriminator import EnlargeDiscriminator, EnlargeDiscriminatorConfig, feature_distance
from plugins.gan.enlarge.model.enlarger import (
    EnlargeConfig,
    EnlargePair,
    Enlarger,
    bicubic,
    enlarged_tile,
    keys_kernel,
    put,
    tiles_of,
    with_border,
)
from plugins.gan.enlarge.training.evaluation import steepness
from plugins.gan.shared.weights import load_network
from studio.core.error import UserError
from studio.nn.network_file import save_network
from tests.plugins.gan.enlarge.enlarge_made import CONFIG, made_networks, photo_like


def as_batch(pixels):
    return torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32) / 255)[None]


def test_the_kernel_is_the_cubic_that_interpolates():
    places = torch.tensor([0.0, 1.0, 2.0, 2.5, -1.0])
    assert torch.equal(keys_kernel(places), torch.tensor([1.0, 0, 0, 0, 0]))
    offsets = torch.arange(-2, 3) - 0.375
    assert float(keys_kernel(offsets).sum()) == pytest.approx(1)
    assert float((keys_kernel(offsets) * offsets).sum()) == pytest.approx(0, abs=1e-6)  # keeps straight lines


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 2), (20, 31)])
def test_an_untrained_network_enlarges_as_pillow_does(size):
    pixels = photo_like(*size)
    drawn = Enlarger(CONFIG)(as_batch(pixels))[0].movedim(0, 2).detach().numpy() * 255
    wanted = np.asarray(Image.fromarray(pixels).resize((4 * size[1], 4 * size[0]), Image.Resampling.BICUBIC))
    assert np.abs(drawn - wanted).max() < 1.2  # Pillow rounds after rows, and again after columns


def test_bicubic_keeps_what_is_plain_up_to_the_border():
    plain = torch.full((2, 3, 4, 5), 0.3)
    assert torch.allclose(bicubic(plain), torch.full((2, 3, 16, 20), 0.3), atol=1e-6)


def test_a_new_pixel_depends_on_nothing_beyond_the_reach():
    network, reach = made_networks().faithful, 2 * CONFIG.n_blocks + 3
    assert network.reach == reach
    small = torch.rand(1, 3, 1, 60, generator=torch.Generator().manual_seed(1)).requires_grad_()
    middle = 30
    network(small)[..., 4 * middle : 4 * middle + 4].sum().backward()
    assert small.grad is not None
    touched = small.grad.abs().sum((0, 1, 2)).nonzero().flatten()
    assert int(touched.min()) >= middle - reach
    assert int(touched.max()) <= middle + reach


@pytest.mark.parametrize("size", [(50, 70), (1, 1), (1, 90), (33, 40)])
def test_parts_are_what_the_whole_would_be(size):
    network, pixels = made_networks().faithful, photo_like(*size)
    whole = network(as_batch(pixels)).clamp(0, 1)[0].movedim(0, 2).numpy() * 255
    joined = np.zeros((4 * size[0], 4 * size[1], 3), np.uint8)
    parts = tiles_of(size[0], size[1], 20)
    for tile in parts:
        put(joined, tile, enlarged_tile(network, pixels, tile))
    assert len(parts) == -(-size[0] // 20) * -(-size[1] // 20)
    assert np.abs(joined - whole).max() < 0.51  # nothing but the rounding to levels


def test_too_small_a_border_would_be_seen():
    """The test above can fail: without what lies around it a part differs."""
    network, pixels = made_networks().faithful, photo_like(40, 40)
    tile = tiles_of(40, 40, 20)[0]
    alone = enlarged_tile(network, np.ascontiguousarray(pixels[:20, :20]), tiles_of(20, 20, 20)[0])
    assert np.abs(alone.astype(int) - enlarged_tile(network, pixels, tile)).max() > 1


def test_parts_cover_everything_once():
    seen = np.zeros((37, 101), int)
    for tile in tiles_of(37, 101, 16):
        seen[tile.top : tile.bottom, tile.left : tile.right] += 1
        assert max(tile.bottom - tile.top, tile.right - tile.left) <= 16
        around = with_border(tile, 5, 37, 101)
        assert (around.top, around.left) == (max(0, tile.top - 5), max(0, tile.left - 5))
    assert (seen == 1).all()


def test_mixed_weights_are_the_networks_at_the_ends():
    networks, small = made_networks(), as_batch(photo_like(9, 12))
    for vividness, own in ((0.0, networks.faithful), (1.0, networks.vivid)):
        assert torch.allclose(networks.mixed(vividness)(small), own(small), atol=1e-6)
    half = networks.mixed(0.5).head.weight
    assert torch.allclose(half, (networks.faithful.head.weight + networks.vivid.head.weight) / 2)


def test_a_network_survives_its_file(tmp_path):
    networks, path = made_networks(), tmp_path / "enlarge.safetensors"
    save_network(path, networks)
    loaded, small = load_network(path, EnlargePair), as_batch(photo_like(9, 12))
    assert loaded.config == CONFIG
    assert torch.allclose(loaded.faithful(small), networks.faithful(small), atol=0.02)
    with pytest.raises(UserError):
        load_network(path, Enlarger)


def test_the_shipped_size_is_small():
    networks = EnlargePair(EnlargeConfig())
    assert sum(weight.numel() for weight in networks.faithful.parameters()) <= 500_000


def test_the_discriminator_sees_only_what_plain_enlarging_lacks():
    torch.manual_seed(3)
    discriminator = EnlargeDiscriminator(EnlargeDiscriminatorConfig((4, 6, 8)))
    small = torch.rand(2, 3, 8, 8)
    scores, features = discriminator(bicubic(small), small)
    assert scores.shape == (2, 1, 4, 4)
    assert [tuple(one.shape[1:]) for one in features] == [(4, 8, 8), (6, 8, 8), (8, 4, 4), (8, 4, 4)]
    first = discriminator.layers[0]
    assert isinstance(first, torch.nn.Conv2d)
    assert first.bias is not None
    plain = torch.nn.functional.leaky_relu(first.bias, 0.2)[:, None, None].expand(4, *features[0].shape[2:])
    assert torch.allclose(features[0][0], plain, atol=1e-5)


def test_a_shifted_look_is_that_at_the_shifted_pictures():
    torch.manual_seed(3)
    discriminator = EnlargeDiscriminator(EnlargeDiscriminatorConfig((4, 6, 8)))
    small = torch.rand(1, 3, 8, 8)
    large = bicubic(small) + 0.1 * torch.rand(1, 3, 32, 32)
    whole = discriminator(large, small, (0, 0))[1]
    detail = large - bicubic(small)
    moved = discriminator(bicubic(small) + torch.roll(detail, (2, 3), (2, 3)), small, (2, 3))[1]
    assert whole[0].shape == (1, 4, 7, 7)
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(whole, moved, strict=True))


def test_feature_distance_is_relative_and_zero_for_the_same():
    real = [torch.rand(2, 3, 4, 4), 100 * torch.rand(2, 5, 2, 2)]
    assert float(feature_distance(real, real)) == 0
    doubled = [2 * one for one in real]
    assert float(feature_distance(doubled, real)) == pytest.approx(1, rel=1e-5)


def test_steepness_of_a_ramp_is_its_slope():
    ramp = np.repeat((np.arange(10, dtype=np.uint8) * 4)[None, :, None], 7, 0).repeat(3, 2)
    assert steepness(ramp) == pytest.approx(2)  # 4 along, 0 down
