"""A model with layers: what it draws for an eye and for a hand, its file, and what its decoder begins with."""

from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.vae.pictures.training.layers_evaluation import reduced, rises
from plugins.vae.pictures.training.layers_objective import between
from plugins.vae.shared import engine as engine_module
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.model.weights import load_model, save_model
from plugins.vae.shared.params import PictureParams
from plugins.vae.shared.sharpness import FULL_PX, SKETCH_PX, is_sharp, is_sketch
from studio.api.engine import ModelSource
from studio.nn.layered.layered_vae import LayeredConfig, LayeredVAE, begun_from
from studio.nn.layered.pictures_vae import PicturesVAE
from tests.plugins.vae.model_made import DEVICE, axis
from tests.plugins.vae.pictures.test_model import SMALL

LAYERED = LayeredConfig(
    n_latent=SMALL.n_latent,
    condition_width=SMALL.condition_width,
    seed_width=SMALL.seed_width,
    widths=SMALL.widths,
    encoder_widths=SMALL.encoder_widths,
    n_layers=5,
    n_paints=2,
    layers_width=12,
)


def layered(seed=0):
    torch.manual_seed(seed)
    model = LayeredVAE(LAYERED)
    model.ink = torch.rand(5, 5)
    model.sharp.fixed, model.sharp.tint = torch.rand(5, 3) / 2, torch.rand(5, 2) / 4
    return model.eval().requires_grad_(False)


@pytest.fixture
def engine(monkeypatch):
    eye = np.eye(LAYERED.n_latent, dtype=np.float32)
    places = np.random.default_rng(1).normal(size=(30, LAYERED.n_latent)).astype(np.float32)
    arrays = {"directions": eye, "places": places, "labels": np.zeros(30, np.uint8)}
    arrays |= {"map_mean": eye[0], "map_basis": eye[1:3]}
    monkeypatch.setattr(engine_module, "load_model", lambda path: layered())
    monkeypatch.setattr(engine_module, "read_arrays", lambda path: arrays)
    axes = [axis(f"Shape {n}", "shape", 0.1) for n in range(LAYERED.n_latent)]
    return VaeEngine.open(ModelSource("vae/hand", Path(__file__), {"axes": axes, "kinds": ["plain"]}), DEVICE)


def test_at_rest_a_picture_is_large_and_under_a_hand_it_is_half_as_large(engine):
    z = np.linspace(-1, 1, LAYERED.n_latent, dtype=np.float32)
    (full,), (sketch,) = engine.generate(PictureParams(), {"z": z}), engine.sketch(PictureParams(), {"z": z})
    assert full.main_view.pixels.shape == (FULL_PX, FULL_PX, 3)
    assert sketch.main_view.pixels.shape == (SKETCH_PX, SKETCH_PX, 3)
    assert is_sharp(full.main_view)
    assert is_sketch(sketch)
    assert not is_sketch(full)
    np.testing.assert_array_equal(full.state["z"], sketch.state["z"])
    halved = reduced(full.main_view.pixels.astype(np.float32), SKETCH_PX)
    assert np.abs(halved - sketch.main_view.pixels).mean() < 3


def test_what_is_read_stays_small(engine):
    z = np.zeros((2, LAYERED.n_latent), np.float32)
    assert engine.decode(z).shape == (2, 64, 64, 3)
    assert engine.size_px == 64


def test_a_place_is_read_once_more_before_its_layers_are_drawn():
    model, places = layered(), torch.randn(2, LAYERED.n_latent)
    with torch.no_grad():
        read = model.encode(model.decode(places))[0]
        for one, other in zip(model.layers(places), model.layers_near(read), strict=True):
            torch.testing.assert_close(one, other)
        drawn = model.drawn(model.layers(places), 128)
        np.testing.assert_array_equal(model.redrawn(model.decode(places), 128), drawn)


def test_the_file_of_a_model_with_layers_comes_back(tmp_path):
    model, path = layered(), tmp_path / "layers.safetensors"
    save_model(path, model, {})
    loaded = load_model(path)
    assert isinstance(loaded, LayeredVAE)
    assert loaded.config == LAYERED
    places = torch.randn(2, LAYERED.n_latent)
    for one, other in zip(model.layers(places), loaded.layers(places), strict=True):
        torch.testing.assert_close(one, other, atol=0.05, rtol=0.05)
    torch.testing.assert_close(loaded.ink, model.ink, atol=1e-3, rtol=0)


def test_paints_colour_the_layers_that_are_tinted_with_them():
    model = layered()
    _, colours = model.layers(torch.randn(3, LAYERED.n_latent))
    paints = torch.linalg.lstsq(model.sharp.tint, (colours - model.sharp.fixed)[0]).solution
    torch.testing.assert_close(model.sharp.fixed + model.sharp.tint @ paints, colours[0], atol=1e-4, rtol=0)
    assert ((paints > 0) & (paints < 1)).all()


def test_a_decoder_begins_with_what_is_known():
    torch.manual_seed(3)
    vae = PicturesVAE(SMALL)
    decoder = begun_from(vae, LAYERED, torch.zeros(5, 3), torch.zeros(5, 2))
    torch.testing.assert_close(decoder.start.weight, vae.decoder.start.weight)
    torch.testing.assert_close(decoder.grow32.weight[: 4 * SMALL.widths[3]], vae.decoder.grow32.weight)
    film, known = (
        decoder.block32.film.weight.unflatten(0, (2, -1)),
        vae.decoder.block32.film.weight.unflatten(0, (2, -1)),
    )
    torch.testing.assert_close(film[:, : SMALL.widths[3]], known)


@pytest.mark.parametrize("phase", [(0, 0), (1, 3)])
def test_points_between_cells_lie_on_the_same_surface_as_the_picture(phase):
    """A ramp stays a ramp, and stands at every point where the pixel of that phase is."""
    row = torch.arange(64.0)
    heights = (row[None, None, :, None] * 2 + row).expand(1, 1, 64, 64).contiguous()
    points = between(heights, (*phase, 4), 512)[0, 0]
    pixel = torch.arange(128) * 4.0
    down, right = ((pixel + offset + 0.5) / 8 - 0.5 for offset in phase)
    inner = slice(4, -4)
    torch.testing.assert_close(points[inner, inner], (2 * down[:, None] + right)[inner, inner], atol=1e-3, rtol=0)


@pytest.mark.parametrize(("blur_px", "wide_px"), [(0.3, 0.9), (1.0, 2.56), (2.0, 5.13)])
def test_the_width_of_an_outline_is_that_of_its_blur(blur_px, wide_px):
    """From a tenth to nine tenths of a blurred edge are 2.56 standard deviations."""
    from scipy.special import ndtr

    at = np.arange(512) + 0.5
    distance = 150 - np.hypot(at - 256, at[:, None] - 256)
    picture = np.repeat(ndtr(distance / blur_px)[..., None], 3, 2).astype(np.float32)
    found = rises(picture, distance > 0, 0)
    assert len(found) > 20
    assert np.median(found) == pytest.approx(wide_px, abs=0.35)
