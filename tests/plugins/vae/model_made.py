"""Networks made by hand, whose every number does one known thing, and sources to open them from."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from plugins.vae.shared import engine as engine_module
from plugins.vae.shared.engine import VaeEngine
from plugins.vae.shared.model.vae import DigitsConfig, DigitsVAE, LetterformsConfig, LetterformsVAE
from studio.api.engine import Device, EngineHandle, ModelSource
from studio.core.card import Card
from studio.core.view import Image, View

DEVICE = Device("cpu", "float32", 1)
N_LATENT = 4
TYPEFACES = [["Plain Regular", "Plain"], ["Plain Bold", "Plain"], ["Wide", "Wide"], ["Slanted", "Slanted"]]


class HandLetters(LetterformsVAE):
    """Letters are boxes of one height with a hole; the letter says where it is, the numbers width, slant and hole."""

    def __init__(self):
        nn.Module.__init__(self)
        self.config = LetterformsConfig(n_latent=N_LATENT)

    def width(self, z):
        return 11 + 1.5 * z[:, 0]

    def decode(self, z, letters):
        at = torch.arange(64) + 0.5
        x, y = at[None, None, :] - 32, at[None, :, None] - 28
        z0, z1, z2 = (z[:, i, None, None] for i in range(3))
        letters = letters[:, None, None]
        shifted = x - 0.08 * z1 * y
        box = torch.minimum(self.width(z)[:, None, None] - shifted.abs(), 16 - y.abs())
        hole_x, hole_y = (letters % 8 - 3.5) * 2.2, (letters // 8 - 3.5) * 3.2
        hole = torch.sqrt((shifted - hole_x) ** 2 + (y - hole_y) ** 2 + 1e-6) - (3 + 0.5 * z2)
        return torch.minimum(box, hole).clamp(-8, 8) + 0 * z0

    def encode(self, x, letters):
        return torch.zeros(len(x), N_LATENT), torch.zeros(len(x), N_LATENT)


class UnevenLetters(HandLetters):
    """All of the change happens near the middle of the first number."""

    def width(self, z):
        return 14 + 10 * torch.tanh(5 * z[:, 0])


class HandDigits(DigitsVAE):
    """A disc whose radius and place are the two numbers."""

    def __init__(self):
        nn.Module.__init__(self)
        self.config = DigitsConfig()

    def decode(self, z):
        at = torch.arange(28) + 0.5
        radius, shift = 8 + z[:, 0, None, None], z[:, 1, None, None]
        distance = torch.sqrt((at[None, None, :] - 14.5 - shift) ** 2 + (at[None, :, None] - 14.5) ** 2 + 1e-6)
        return torch.sigmoid(1.5 * (radius - distance))

    def encode(self, x):
        return torch.zeros(len(x), 2), torch.zeros(len(x), 2)


def axis(title, kind, effect):
    return {
        "id": title.lower(),
        "title": title,
        "kind": kind,
        "effect": effect,
        "trained_range": [-2.0, 2.0],
        "is_visible": effect > 0.001,
    }


def letter_card():
    named = [axis("Weight", "named", 0.05), axis("Slant", "named", 0.04), axis("Contrast", "named", 0.02)]
    return {"axes": [*named, axis("Shape 4", "shape", 0.0)], "typefaces": TYPEFACES}


def letter_arrays():
    styles = np.zeros((4, N_LATENT), np.float32)
    styles[1, 0] = styles[2, 1] = styles[3, 2] = 2.0
    eye = np.eye(N_LATENT, dtype=np.float32)
    return {"directions": eye, "styles": styles, "map_mean": eye[0] * 0.25, "map_basis": eye[:2]}


def digit_card():
    return {"axes": [axis("Shape 1", "shape", 0.05), axis("Shape 2", "shape", 0.04)]}


def digit_arrays():
    rng = np.random.default_rng(1)
    places = rng.normal(0, 1, (40, 2)).astype(np.float32)
    return {"directions": np.eye(2, dtype=np.float32), "places": places, "labels": np.arange(40) % 10}


def letter_source():
    return ModelSource("vae/hand", Path(__file__), letter_card())


def digit_source():
    return ModelSource("vae/dots", Path(__file__), digit_card())


def use_by_hand(monkeypatch, model):
    """Let engines open `model` whatever file they are given."""
    arrays = letter_arrays() if isinstance(model, LetterformsVAE) else digit_arrays()
    monkeypatch.setattr(engine_module, "load_model", lambda path: model)
    monkeypatch.setattr(engine_module, "read_arrays", lambda path: arrays)


def make_handle(source):
    return EngineHandle(source, lambda source: VaeEngine.open(source, DEVICE))


def cards():
    made: dict[str, Any] = {"id": "vae/hand", "title": "By hand", "task": "Boxes", "licence": "MIT", "data": "None."}
    return [Card(**made, n_params=0), Card(**{**made, "id": "vae/dots", "title": "Dots"}, n_params=0)]


def pixels_of(view: View | None) -> npt.NDArray[np.uint8]:
    """The pixels of a view that has to be a picture."""
    assert isinstance(view, Image)
    return view.pixels


def finished(generator):
    """Run a generator to its end and return its value and its frames."""
    frames = []
    while True:
        try:
            frames.append(next(generator))
        except StopIteration as stop:
            return stop.value, frames
