"""Small random networks of sounds to test with."""

from typing import Any

import numpy as np
import torch

from plugins.autoregressive.shared.model.head_config import HeadConfig
from plugins.autoregressive.sound.model.config import WaveConfig
from plugins.autoregressive.sound.model.sampling import WaveRequest
from plugins.autoregressive.sound.model.wavenet import WaveNet

PREDICTING = {"n_taps": 3, "head": HeadConfig("logistic", 3)}


def tiny_config(**changes: Any) -> WaveConfig:
    """It sees 9 samples; 6 levels, stretches of 4 samples."""
    sizes: dict[str, Any] = {
        "dilation": (1, 2, 4),
        "n_told": 3,
        "n_waves": 2,
        "width": 10,
        "skip_width": 12,
        "told_width": 8,
        "told_inner": 8,
        "hop": 4,
        "n_levels": 6,
    }
    return WaveConfig(**{**sizes, **changes})


def made_wave(seed: int = 3, **changes: Any) -> WaveNet:
    """A network whose numbers are large enough that its distributions differ from sample to sample."""
    torch.manual_seed(seed)
    network = WaveNet(tiny_config(**changes)).eval().requires_grad_(False)
    for name, weight in network.named_parameters():
        if name.endswith("bias"):
            weight.add_(0.3 * torch.randn_like(weight))
        else:
            weight.mul_(2.5)
    return network


def made_wish(config: WaveConfig, seeds: Any = (1, 2, 3), n_samples: int = 30, **changes: Any) -> WaveRequest:
    """Different sounds, told random things."""
    random, n = np.random.default_rng(5), len(tuple(seeds))
    told = random.standard_normal((n, -(-n_samples // config.hop), config.n_told)).astype(np.float32)
    waves = random.uniform(-1, 1, (n, n_samples, config.n_waves)).astype(np.float32)
    return WaveRequest(told, waves, tuple(seeds), **changes)
