"""A small forger of icons whose weights are drawn by lot, and a host for its panel."""

import json
from typing import Any

import torch

from plugins.gan.draw_model import DrawConfig, DrawNetwork
from plugins.gan.family import FAMILY
from studio.api.engine import Device, ModelSource
from studio.commands.undo import UndoStack
from studio.core.card import Card
from studio.core.view import Image
from studio.nn.network_file import save_network

DEVICE = Device("cpu", "float32", 1)
SMALL = DrawConfig(widths=(8, 8), fine_width=8, n_groups=4, n_middle=1, detective_widths=(8, 8))
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
    save_network(path, made_network(), exact=("detective.",))
    path.with_suffix(".json").write_text(json.dumps(CARD))
    return ModelSource("gan/outline-to-icon", path, CARD)


def pixels_of(view):
    """The pixels of a view that has to be a picture."""
    assert isinstance(view, Image)
    return view.pixels


class Host:
    """A host that remembers what it was asked for and keeps unexpected errors."""

    hue = "gan"
    positions = FAMILY.positions

    def __init__(self, lane, courier):
        self.lane, self.courier, self.undo = lane, courier, UndoStack()
        self.memory, self.errors, self.opened = {}, [], []

    def remember(self, key, value):
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key, default):
        return self.memory.get(key, default)

    def cards(self):
        keys = ("id", "title", "task", "licence", "data", "n_params")
        return [Card(**{key: CARD[key] for key in keys})]

    def open_model(self, model_id):
        self.opened.append(model_id)

    def show_guide(self):
        raise AssertionError("the panel opened its guide by itself")

    def run_command(self, command_id):
        raise AssertionError(f"the panel ran {command_id} by itself")

    def report(self, error):
        self.errors.append(error)
