"""Forgers of people made in a moment: tiny, untrained, saved to files with cards of their own."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from plugins.gan.people.model.dcgan import DcganConfig, PlainGan
from plugins.gan.people.model.style_gan import FaceDiscriminatorConfig, FaceGeneratorConfig, StyleGan, StyleGanConfig
from studio.api.engine import ModelSource
from studio.api.training import AVATAR_LABELS
from studio.core.frame import Frame
from studio.core.view import Image
from studio.nn.network_file import save_network

TINY = StyleGanConfig(
    FaceGeneratorConfig(n_z=8, n_w=12, n_layers=2, label_width=4, widths=(8, 8, 8, 8)),
    FaceDiscriminatorConfig(widths=(8, 8, 8, 8), map_widths=()),
)
TINY_PLAIN = DcganConfig(n_z=6, widths=(8, 8, 8, 8))
FREQUENCIES = {name: [1 / len(kinds)] * len(kinds) for name, kinds in AVATAR_LABELS.items()}


def made_style(seed: int = 0) -> StyleGan:
    """A tiny StyleGAN whose average w is that of its own places."""
    torch.manual_seed(seed)
    network = StyleGan(TINY).eval().requires_grad_(False)
    labels = torch.zeros(64, len(AVATAR_LABELS), dtype=torch.long)
    network.generator.mean_w.copy_(network.generator.mapping(torch.randn(64, 8), labels).mean(0))
    return network


def style_source(folder: Path, **card: object) -> ModelSource:
    """Its file, with a card that follows words."""
    path = folder / "made.safetensors"
    save_network(path, made_style(), ("discriminator.",))
    scores = {"real": [float(n) for n in range(101)], "fake": [0.0] * 101}
    direction = {"id": "beard", "name": "Beard", "vector": [0.5] * 12, "group": "features", "effect": 0.1}
    plain = {"id": "component_1", "name": "Component 1", "vector": [1.0] * 12, "group": "all", "effect": 0.3}
    values = {
        "id": "gan/made",
        "title": "Made",
        "kind": "people",
        "frequencies": FREQUENCIES,
        "scores": scores,
        "directions": [plain, direction],
        "data_set": {"name": "avatars"},
        **card,
    }
    return ModelSource("gan/made", path, values)


def plain_source(folder: Path) -> ModelSource:
    """The file of a tiny DCGAN."""
    torch.manual_seed(1)
    path = folder / "plain.safetensors"
    save_network(path, PlainGan(TINY_PLAIN).eval(), ("discriminator.",))
    return ModelSource("gan/plain", path, {"id": "gan/plain", "title": "Plain", "kind": "people"})


def pixels_of(frame: Frame) -> npt.NDArray[np.uint8]:
    """The picture of a frame, (H, W, 3)."""
    view = frame.main_view
    assert isinstance(view, Image)
    return view.pixels


def place_of(frame: Frame) -> npt.NDArray[np.float32]:
    """The place that a frame shows, (L, D)."""
    assert frame.state is not None
    return frame.state["w"]
