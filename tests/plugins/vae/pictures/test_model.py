"""The network of coloured pictures: shapes, cost, a settled prior, and files."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from plugins.vae.shared.model.weights import load_model, save_model
from studio.nn.layered.pictures_vae import PicturesConfig, PicturesVAE

SMALL = PicturesConfig(
    n_latent=12, condition_width=16, seed_width=8, widths=(16, 16, 8, 8), encoder_widths=(8, 16, 16, 16)
)


def small(seed=0):
    torch.manual_seed(seed)
    return PicturesVAE(SMALL).eval().requires_grad_(False)


def test_places_and_pictures_have_their_shapes():
    model = small()
    mean, log_variance = model.encode(torch.rand(3, 3, 64, 64))
    assert mean.shape == log_variance.shape == (3, 12)
    pictures = model.decode(torch.randn(3, 12))
    assert pictures.shape == (3, 3, 64, 64)
    assert pictures.dtype == torch.float32
    assert ((pictures >= 0) & (pictures <= 1)).all()


def test_a_drag_can_afford_the_network():
    """At most 0.4 GMAC a picture, whatever the place; the encoder is run once for a picture of one's own."""
    config = PicturesConfig()
    model = PicturesVAE(config).eval()
    assert config.n_latent <= 64
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.decode(torch.zeros(1, config.n_latent))
    assert counter.get_total_flops() / 2 <= 0.13e9


@pytest.mark.long("computes for long")
def test_a_settled_prior_draws_the_same_and_has_standard_places():
    model = small()
    pictures = torch.rand(400, 3, 64, 64) * torch.rand(400, 3, 1, 1)
    mean, log_variance = model.encode(pictures)
    before = model.decode(mean[:4])
    model.settle_prior(mean, log_variance)
    settled, settled_log_variance = model.encode(pictures)
    torch.testing.assert_close(model.decode(settled[:4]), before, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(settled.mean(0), torch.zeros(12), atol=1e-3, rtol=0)
    spread = settled.T.cov(correction=0).diagonal() + settled_log_variance.exp().mean(0)
    torch.testing.assert_close(spread, torch.ones(12), atol=1e-2, rtol=0)


def test_it_comes_back_from_a_file(tmp_path):
    model = small()
    save_model(tmp_path / "own.safetensors", model, {"places": torch.zeros(2, 12)})
    loaded = load_model(tmp_path / "own.safetensors")
    assert isinstance(loaded, PicturesVAE)
    assert loaded.config == SMALL
    z = torch.randn(2, 12)
    torch.testing.assert_close(loaded.decode(z), model.decode(z), atol=0.05, rtol=0)


@pytest.mark.parametrize("size_px", [32, 64])
def test_other_sizes_of_pictures_keep_their_size(size_px):
    config = PicturesConfig(
        size_px=size_px, n_latent=4, condition_width=8, seed_width=8, widths=(8, 8, 8, 8), encoder_widths=(8, 8, 8, 8)
    )
    model = PicturesVAE(config)
    mean, _ = model.encode(torch.rand(2, 3, size_px, size_px))
    assert model.decode(mean).shape == (2, 3, size_px, size_px)
