"""An engine with a network of coloured pictures: what it draws, encodes and reads."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from plugins.vae.shared import engine as engine_module
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.ink import coloured, fit_picture
from plugins.vae.shared.params import LetterParams
from studio.api.engine import ModelSource
from studio.core.view import Image
from studio.nn.layered.pictures_vae import PicturesConfig, PicturesVAE
from tests.plugins.vae.model_made import DEVICE, axis, finished

RED, BLUE = np.array([255, 0, 0], np.uint8), np.array([0, 0, 255], np.uint8)


class HandPicture(PicturesVAE):
    """A white picture with a square whose red, green and blue are the first three numbers."""

    def __init__(self):
        nn.Module.__init__(self)
        self.config = PicturesConfig(n_latent=4)

    def decode(self, z):
        picture = torch.ones(len(z), 3, 64, 64)
        inside = torch.zeros(64, 64)
        inside[16:48, 16:48] = 1
        return picture * (1 - inside) + torch.sigmoid(z[:, :3, None, None]) * inside

    def encode(self, x):
        middle = x[:, :, 30:34, 30:34].mean((2, 3)).clamp(0.01, 0.99)
        return torch.cat([torch.logit(middle), torch.zeros(len(x), 1)], 1), torch.zeros(len(x), 4)


@pytest.fixture
def engine(monkeypatch):
    places = np.random.default_rng(1).normal(size=(30, 4)).astype(np.float32)
    eye = np.eye(4, dtype=np.float32)
    arrays = {
        "directions": eye,
        "places": places,
        "labels": np.arange(30) % 2,
        "map_mean": eye[0],
        "map_basis": eye[1:3],
    }
    monkeypatch.setattr(engine_module, "load_model", lambda path: HandPicture())
    monkeypatch.setattr(engine_module, "read_arrays", lambda path: arrays)
    card = {"axes": [axis(f"Shape {n}", "shape", 0.1) for n in range(1, 5)], "kinds": ["plain", "dotted"]}
    return VaeEngine.open(ModelSource("vae/hand", Path(__file__), card), DEVICE)


def test_a_frame_shows_colours_and_holds_its_place(engine):
    z = np.array([9, -9, 0, 1], np.float32)
    frame = list(engine.generate(LetterParams(), {"z": z}))[-1]
    assert isinstance(frame.main_view, Image)
    pixels = frame.main_view.pixels
    assert pixels.shape == (64, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[32, 32].tolist() == [255, 0, 128]
    np.testing.assert_array_equal(frame.state["z"], z)


def test_what_was_drawn_is_encoded_again(engine):
    z = np.array([[0.5, -1.0, 2.0, 0.0]], np.float32)
    np.testing.assert_allclose(engine.encode(engine.decode(z)), z, atol=1e-4)


def test_a_picture_of_its_own_is_read_in_colour(engine):
    wanted = np.array([1.5, -1.5, 0.3, 0.0], np.float32)
    picture = coloured(engine.decode(wanted[None])[0]).repeat(3, axis=0).repeat(3, axis=1)
    reading, frames = finished(engine.read(picture))
    assert reading.letter == ""
    assert reading.error < 0.01
    assert reading.z[:3] == pytest.approx(wanted[:3], abs=0.1)
    assert frames[-1].views["original"].pixels.shape == (64, 64, 3)


def test_the_map_is_the_plane_of_the_card_without_a_mosaic(engine):
    assert engine.atlas.names[:2] == ("plain", "dotted")
    assert engine.atlas.has_kinds
    assert finished(engine.manifold(3.0, 6))[0] is None
    np.testing.assert_allclose(engine.atlas.on_map(np.array([3, 4, 5, 6], np.float32)), [4, 5])


def test_a_picture_is_laid_whole_on_the_colour_of_its_border():
    wide = np.tile(BLUE, (20, 100, 1))
    wide[5:15, 40:60] = RED
    laid = coloured(fit_picture(wide, 64))
    assert laid.shape == (64, 64, 3)
    assert laid[2, 2].tolist() == laid[60, 60].tolist() == BLUE.tolist()
    assert laid[32, 32].tolist() == RED.tolist()
    assert (laid[:, :, 0] > 128).sum() == pytest.approx(20 * 10 * (64 / 100) ** 2, rel=0.2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (700, 3)])
def test_odd_pictures_are_laid_too(shape):
    laid = fit_picture(np.full((*shape, 3), 77, np.uint8), 64)
    np.testing.assert_allclose(laid, np.full((64, 64, 3), 77 / 255, np.float32), atol=1e-6)
