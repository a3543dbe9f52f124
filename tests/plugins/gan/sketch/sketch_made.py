"""A small generator of icons whose weights are drawn by lot."""

import json
from typing import Any

import torch

from plugins.gan.sketch.model.pix2pix import DrawConfig, DrawNetwork
from studio.api.engine import Device, ModelSource
from studio.core.card import Card
from studio.core.view import Image
from studio.nn.network_file import save_network

DEVICE = Device("cpu", "float32", 1)
SMALL = DrawConfig(widths=(8, 8), fine_width=8, n_groups=4, n_middle=1, discriminator_widths=(8, 8))
CARD: dict[str, Any] = {
    "id": "gan/outline-to-icon",
    "title": "Outline to icon",
    "kind": "draw",
    "task": "Paints.",
    "licence": "MIT",
    "data": "None.",
    "n_params": 1,
    "real_scores": [-1.0, -0.5, 0.0, 0.5, 1.0],
}


def made_network(seed=1):
    torch.manual_seed(seed)
    return DrawNetwork(SMALL).eval().requires_grad_(False)


def made_source(folder):
    path = folder / "outline-to-icon.safetensors"
    save_network(path, made_network(), exact=("discriminator.",))
    path.with_suffix(".json").write_text(json.dumps(CARD))
    return ModelSource("gan/outline-to-icon", path, CARD)


def pixels_of(view):
    """The pixels of a view that has to be a picture."""
    assert isinstance(view, Image)
    return view.pixels


def card():
    """Its card."""
    return Card(**{key: CARD[key] for key in ("id", "title", "task", "licence", "data", "n_params")})
