"""Models as samplers see them: halves in one pass, one item like the next, words, classes, previews, two stages."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.diffusion.pictures.model.denoisers import AUGMENT_TIME, CascadeModel, LatentModel, PixelModel, enlarged
from plugins.diffusion.pictures.training.evaluation import WantedPictures, batch_denoiser
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.prediction import guided_prediction, x0_of
from studio.core.error import UserError
from tests.plugins.diffusion.tiny_network import made_network

TIME = 431.0


@pytest.fixture(scope="module")
def model():
    return PixelModel(made_network("words"))


def noise(model, n=1):
    return torch.randn(n, *model.shape, generator=torch.Generator().manual_seed(5))


def says(model, prompt, x, time=TIME):
    """What the network says of one half, asked for by itself."""
    network = model.network
    with torch.no_grad():
        said = network(x, torch.full((len(x),), time), ids=network.text.ids([prompt] * len(x)))
    alpha, sigma = model.schedule.alpha_sigma(time)
    return x0_of(said, network.config.unet.target, x, alpha, sigma)


@pytest.mark.parametrize("scale", [0.0, 1.0, 3.5])
@pytest.mark.parametrize("negative", ["", "blue cat"])
def test_halves_in_one_pass_are_two_passes(model, scale, negative):
    x, guidance = noise(model), Guidance(scale, rescale=0.3)
    fused = model.denoiser(model.embed("a red fox", negative), guidance)(x, TIME)
    level = model.schedule.alpha_sigma(TIME)
    apart = guided_prediction(x, says(model, "a red fox", x), says(model, negative, x), guidance, level, is_pixels=True)
    torch.testing.assert_close(fused.x0, apart.x0, atol=2e-5, rtol=1e-4)
    torch.testing.assert_close(fused.eps, apart.eps, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", ["words", "classes", "plain", "latent"])
def test_an_item_of_a_batch_is_bit_for_bit_what_it_is_alone(kind):
    model = (LatentModel if kind == "latent" else PixelModel)(made_network(kind))
    denoise = model.denoiser(model.embed("two" if kind == "classes" else "a red fox"), Guidance(2.0))
    x = noise(model, 3)
    together = denoise(x, TIME)
    for item in range(3):
        alone = denoise(x[item : item + 1], TIME)
        assert torch.equal(alone.x0[0], together.x0[item])
        assert torch.equal(alone.eps[0], together.eps[item])


@pytest.mark.parametrize("kind", ["words", "latent"])
def test_attention_is_shared_out_among_the_words(kind):
    model = (LatentModel if kind == "latent" else PixelModel)(made_network(kind))
    condition = model.embed("a red fox")
    assert condition.pieces == ("a", "red", "fox")
    found = model.denoiser(condition, Guidance(2.0), with_attention=True)(noise(model, 2), TIME)
    assert found.attention is not None
    assert found.attention.shape == (2, 3, *model.shape[1:])
    torch.testing.assert_close(found.attention.sum(1), torch.ones(2, *model.shape[1:]))
    without = model.denoiser(condition, Guidance(2.0))(noise(model, 2), TIME)
    assert without.attention is None
    torch.testing.assert_close(found.x0, without.x0, atol=1e-5, rtol=1e-4)


def test_nothing_asked_for_has_no_attention(model):
    found = model.denoiser(model.embed(""), Guidance(2.0), with_attention=True)(noise(model), TIME)
    assert found.attention is None


def test_two_prompts_may_be_blended(model):
    x, one, other = noise(model), model.embed("a red fox"), model.embed("blue")
    arrays = {name: 0.5 * (one.arrays[name] + other.arrays[name]) for name in one.arrays}
    ends = [model.denoiser(condition, Guidance(1.0))(x, TIME).x0 for condition in (one, other)]
    between = model.denoiser(replace(one, arrays=arrays), Guidance(1.0))(x, TIME).x0
    assert bool(between.isfinite().all())
    assert all(not torch.allclose(between, end) for end in ends)


def test_a_class_is_asked_for_by_its_name():
    model = PixelModel(made_network("classes"))
    x = noise(model)
    found = [model.denoiser(model.embed(name), Guidance(1.0))(x, TIME).x0 for name in ("0", " TWO ", "two", "")]
    assert torch.equal(found[1], found[2])
    assert not torch.allclose(found[0], found[1])
    assert not torch.allclose(found[0], found[3])
    unconditional = model.denoiser(model.embed("0"), Guidance(0.0))(x, TIME).x0
    torch.testing.assert_close(unconditional, found[3])
    with pytest.raises(UserError, match="11") as error:
        model.embed("11")
    assert "0, 1, two" in error.value.what_to_do


@pytest.mark.parametrize("kind", ["words", "classes", "plain", "latent"])
def test_pictures_go_in_and_come_out_at_their_own_size(kind):
    model = (LatentModel if kind == "latent" else PixelModel)(made_network(kind))
    clean = np.random.default_rng(0).random((*model.size, 3)).astype(np.float32)
    x0 = model.encode(clean)
    assert x0.shape == (1, *model.shape)
    for picture in (model.decode(x0), *model.preview(torch.cat([x0, 30 * noise(model)]))):
        assert picture.shape == (*model.size, 3)
        assert picture.dtype == np.float32
        assert 0 <= picture.min() <= picture.max() <= 1


def test_pixels_come_back_exactly(model):
    clean = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(model.decode(model.encode(clean)), clean, atol=1e-6)


def test_the_second_stage_follows_the_first_ones_picture():
    cascade = CascadeModel(made_network("cascade"))
    small = torch.linspace(-1, 1, 64).view(1, 1, 8, 8).expand(-1, 3, -1, -1)
    condition = cascade.stages[1].embed("a red fox")
    x = noise(cascade.stages[1])
    found = [
        cascade.second(one).denoiser(condition, Guidance(2.0))(x, TIME).x0 for one in (small, small.clone(), -small)
    ]
    assert found[0].shape == (1, 3, 32, 32)
    assert torch.equal(found[0], found[1])
    assert not torch.allclose(found[0], found[2])


def test_the_small_picture_is_as_noisy_as_the_network_is_told():
    upscaler = made_network("cascade").upscaler
    alpha, sigma = upscaler.config.schedule.alpha_sigma(AUGMENT_TIME)
    small = torch.full((1, 3, 8, 8), 0.5)
    seen = enlarged(small, upscaler.config)
    assert seen.shape == (1, 3, 32, 32)
    assert float(seen.mean()) == pytest.approx(0.5 * alpha, abs=0.02)
    assert float(seen.std()) == pytest.approx(sigma, abs=0.02)


@pytest.mark.parametrize("kind", ["words", "classes", "plain"])
def test_many_at_once_are_what_one_is(kind):
    """What measures models for cards agrees with what a person sees."""
    model = PixelModel(made_network(kind))
    x, guidance = noise(model, 3), Guidance(2.5)
    prompts = {"words": ["a fox", "", "a blue cat"], "classes": ["two", "0", "1"], "plain": ["", "", ""]}[kind]
    classes = torch.tensor([2, 0, 1]) if kind == "classes" else None
    wanted = WantedPictures(range(3), classes, prompts if kind == "words" else ())
    together = batch_denoiser(model.network, wanted, guidance, is_pixels=True)(x, TIME).x0
    for item, prompt in enumerate(prompts):
        alone = model.denoiser(model.embed(prompt), guidance)(x[item : item + 1], TIME).x0
        # bfloat16, where the machine has it, has eight bits
        torch.testing.assert_close(together[item : item + 1], alone, atol=0.1, rtol=0.1)
