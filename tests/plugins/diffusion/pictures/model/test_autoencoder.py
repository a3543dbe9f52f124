"""The autoencoder: shapes, settled latents, and a linear look that is the best linear one."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from plugins.diffusion.pictures.model.autoencoder import FOLD, Autoencoder, LatentPreview
from tests.plugins.diffusion.tiny_network import AUTOENCODER


@pytest.fixture
def autoencoder():
    torch.manual_seed(0)
    model = Autoencoder(AUTOENCODER).eval().requires_grad_(False)
    for weight in model.parameters():
        weight.add_(0.1 * torch.randn_like(weight))
    return model


def test_shapes(autoencoder):
    latents = autoencoder.encode(torch.rand(2, 3, 16, 16))
    assert latents.shape == (2, *autoencoder.latent_shape) == (2, 4, 4, 4)
    pictures = autoencoder.decode(latents)
    assert pictures.shape == (2, 3, 16, 16)
    assert float(pictures.min()) >= 0
    assert float(pictures.max()) <= 1


def test_settled_latents_have_mean_0_and_variance_1(autoencoder):
    pictures = torch.rand(40, 3, 16, 16)
    means, _ = autoencoder.posterior(pictures)
    autoencoder.settle(means)
    latents = autoencoder.encode(pictures).transpose(0, 1).flatten(1)
    torch.testing.assert_close(latents.mean(1), torch.zeros(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(latents.std(1), torch.ones(4), atol=1e-4, rtol=0)


def test_settling_changes_no_picture(autoencoder):
    pictures = torch.rand(8, 3, 16, 16)
    before = autoencoder.decode(autoencoder.encode(pictures))
    autoencoder.settle(autoencoder.posterior(pictures)[0])
    torch.testing.assert_close(autoencoder.decode(autoencoder.encode(pictures)), before, atol=1e-5, rtol=1e-4)


def test_faint_lines_are_amplified(autoencoder):
    seen = []
    autoencoder.encoder.enter.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    plain = torch.full((1, 3, 16, 16), 0.5)
    line = plain.clone()
    line[:, :, 8] += 0.02
    autoencoder.encoder(plain)
    autoencoder.encoder(line)
    difference = F.pixel_shuffle(seen[1] - seen[0], FOLD).abs()  # (1, 6, 16, 16)
    assert float(difference[:, :3].max()) == pytest.approx(0.04, abs=1e-5)
    assert float(difference[:, 3:].max()) == pytest.approx(np.tanh(8 * 0.02 * 2 / 3), abs=1e-4)


def test_the_linear_look_finds_a_linear_truth():
    torch.manual_seed(3)
    truth, found = LatentPreview(AUTOENCODER), LatentPreview(AUTOENCODER)
    latents = torch.randn(60, 4, 4, 4)
    with torch.no_grad():
        pictures = F.pixel_shuffle(truth.map(latents), FOLD)
    found.fit(latents, pictures, ridge=1e-9)
    torch.testing.assert_close(found.map.weight, truth.map.weight, atol=1e-4, rtol=1e-3)


def test_no_small_change_of_the_look_has_a_smaller_error(autoencoder):
    torch.manual_seed(4)
    pictures = torch.rand(30, 3, 16, 16)
    latents = autoencoder.encode(pictures)
    preview = LatentPreview(AUTOENCODER)
    preview.fit(latents, pictures, ridge=1e-9)
    preview.requires_grad_(False)

    def error(weight):
        said = F.conv2d(latents, weight, preview.map.bias, padding=1)
        return float((said - F.pixel_unshuffle(pictures, FOLD)).double().square().mean())

    best = error(preview.map.weight)
    for _ in range(10):
        assert error(preview.map.weight + 0.01 * torch.randn_like(preview.map.weight)) > best
