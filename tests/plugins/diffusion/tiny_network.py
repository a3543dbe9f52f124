"""Networks of this family small enough for tests, with weights that are no longer zero."""

from dataclasses import replace
from typing import Any

import torch

from plugins.diffusion.pictures.model.autoencoder import AutoencoderConfig
from plugins.diffusion.pictures.model.few_step import FewStep, FewStepConfig
from plugins.diffusion.pictures.model.networks import (
    Cascade,
    CascadeConfig,
    LatentDiffusion,
    LatentDiffusionConfig,
    PixelDiffusion,
    PixelDiffusionConfig,
)
from plugins.diffusion.pictures.model.text_encoder import TextConfig
from plugins.diffusion.pictures.model.unet import UNetConfig
from plugins.diffusion.shared.few_step_file import save_few_step
from plugins.diffusion.shared.few_steps import few_step_path
from plugins.diffusion.shared.weights import save_model
from studio.api.engine import ModelSource

WORDS = ("a", "blue", "cat", "fox", "red")
UNET = UNetConfig(
    n_channels=3,
    size_px=8,
    widths=(8, 16),
    n_blocks=(1, 1),
    self_attention=(0, 1),
    cross_attention=(1, 1),
    head_width=8,
    embedding_width=16,
    context_width=16,
)
TEXT = TextConfig(WORDS, n_pieces=6, width=16, n_layers=1, n_heads=2)
AUTOENCODER = AutoencoderConfig(
    size_px=16, n_latent=4, encoder_width=8, width=8, n_encoder_blocks=1, n_blocks=1, fine_width=8, finest_width=8
)
WORDS_CONFIG = PixelDiffusionConfig(UNET, text=TEXT)
CLASSES_CONFIG = PixelDiffusionConfig(
    replace(UNET, n_channels=1, context_width=0, n_classes=3), class_names=("0", "1", "two")
)
PLAIN_CONFIG = PixelDiffusionConfig(replace(UNET, context_width=0))
LATENT_CONFIG = LatentDiffusionConfig(
    PixelDiffusionConfig(replace(UNET, n_channels=4, size_px=4), text=TEXT), AUTOENCODER
)
UPSCALER = replace(UNET, size_px=32, fold=4, n_extra=3)
CASCADE_CONFIG = CascadeConfig(WORDS_CONFIG, PixelDiffusionConfig(UPSCALER, text=TEXT))
KINDS: dict[str, tuple[Any, Any]] = {
    "words": (PixelDiffusion, WORDS_CONFIG),
    "classes": (PixelDiffusion, CLASSES_CONFIG),
    "plain": (PixelDiffusion, PLAIN_CONFIG),
    "latent": (LatentDiffusion, LATENT_CONFIG),
    "cascade": (Cascade, CASCADE_CONFIG),
}


def made_network(kind, seed=0):
    """A network of a kind with random weights everywhere, ready to draw."""
    make, config = KINDS[kind]
    torch.manual_seed(seed)
    network = make(config)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return network.eval().requires_grad_(False)


def jumps_of(network):
    """A network that jumps with its teacher's weights, and is told nothing yet of where a jump ends."""
    found = FewStep(FewStepConfig(network.config.diffusion.unet, network.config.diffusion.schedule))
    found.unet.load_state_dict(network.diffusion.unet.state_dict())
    return found.eval().requires_grad_(False)


def few_step_source(folder, network, card=None):
    """A latent model in a file, with its few steps beside it."""
    path = folder / "tiny.safetensors"
    save_model(path, network)
    source = ModelSource("diffusion/tiny", path, card or {"kind": "pictures"})
    save_few_step(few_step_path(path), jumps_of(network), source)
    return source
