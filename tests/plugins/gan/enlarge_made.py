"""Small enlarging networks with random weights, engines and panels of them."""

import json
from pathlib import Path

import numpy as np
import torch

from plugins.gan.enlarge_engine import EnlargeEngine
from plugins.gan.enlarge_model import EnlargeConfig, EnlargePair
from plugins.gan.enlarge_panel import EnlargePanel
from studio.api.engine import Device, EngineHandle, ModelSource
from studio.commands.undo import UndoStack
from studio.core.card import Card
from studio.core.view import Image

CONFIG = EnlargeConfig(8, 2)
DEVICE = Device("cpu", "float32", 1)
SIZE_PX = (1000, 700)


def made_networks(seed=1, strength=0.05):
    """Both networks, whose last layers are not zero, so that every layer matters."""
    torch.manual_seed(seed)
    networks = EnlargePair(CONFIG)
    for network in (networks.faithful, networks.vivid):
        torch.nn.init.normal_(network.tail.weight, std=strength)
    return networks.eval().requires_grad_(False)


def photo_like(height, width, seed=0):
    """A picture with smooth and steep parts, uint8 (H, W, 3), whose bicubic enlargement stays within 0..255."""
    rows, columns = np.mgrid[:height, :width] / 6.0
    shift = np.random.default_rng(seed).uniform(0, 6, 3)
    waves = [np.sin(rows + a) * np.cos(columns * 0.7 - a) for a in shift]
    return (128 + 60 * np.stack(waves, 2)).astype(np.uint8)


def pixels_of(frame):
    """The pixels of the picture that a frame shows."""
    view = frame.main_view
    assert isinstance(view, Image)
    return view.pixels


class Host:
    """A host that remembers what it was asked for and keeps unexpected errors."""

    hue = "gan"

    def __init__(self, lane, courier):
        self.lane, self.courier, self.undo = lane, courier, UndoStack()
        self.positions = {"z": "spherical", "w": "linear"}
        self.memory, self.errors, self.opened, self.ran = {}, [], [], []

    def remember(self, key, value):
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key, default):
        return self.memory.get(key, default)

    def cards(self):
        return [Card("gan/enlarge", "Enlarge", "", "MIT", "", 1, more={"kind": "enlarge"})]

    def open_model(self, model_id):
        self.opened.append(model_id)

    def show_guide(self):
        raise AssertionError("the panel opened its guide by itself")

    def run_command(self, command_id):
        self.ran.append(command_id)

    def report(self, error):
        self.errors.append(error)


def made_panel(qtbot, host):
    """A panel of small networks on the host's lane."""
    source = ModelSource("gan/enlarge", Path(__file__), {"kind": "enlarge"})
    panel = EnlargePanel(EngineHandle(source, lambda _: EnlargeEngine(made_networks(), DEVICE)), host)
    qtbot.addWidget(panel)
    panel.resize(*SIZE_PX)
    panel.show()
    qtbot.waitExposed(panel)
    return panel
