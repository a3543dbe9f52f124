"""Small enlarging networks with random weights, engines and panels of them."""

from pathlib import Path

import numpy as np
import torch

from plugins.gan.enlarge.engine import EnlargeEngine
from plugins.gan.enlarge.model.enlarger import EnlargeConfig, EnlargePair
from plugins.gan.enlarge.panel.panel import EnlargePanel
from studio.api.engine import Device, EngineHandle, ModelSource
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


def made_panel(qtbot, host):
    """A panel of small networks on the host's worker."""
    source = ModelSource("gan/enlarge", Path(__file__), {"kind": "enlarge"})
    panel = EnlargePanel(EngineHandle(source, lambda _: EnlargeEngine(made_networks(), DEVICE)), host)
    qtbot.addWidget(panel)
    panel.resize(*SIZE_PX)
    panel.show()
    qtbot.waitExposed(panel)
    return panel
