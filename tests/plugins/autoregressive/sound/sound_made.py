"""Small random networks of notes to test with."""

from typing import Any

import torch

from plugins.autoregressive.sound.model.config import WaveConfig
from plugins.autoregressive.sound.model.notes import NotesWaveNet, NotesWaveNetConfig, n_conditioning


def notes_config(**changes: Any) -> NotesWaveNetConfig:
    """Two instruments over an octave; notes of 512 samples, of which 32 are seen."""
    wave = WaveConfig(
        (1, 2, 4, 8, 16),
        n_conditioning(2),
        n_waves=2,
        width=8,
        skip_width=12,
        told_width=8,
        told_inner=8,
        hop=16,
        n_levels=256,
    )
    return NotesWaveNetConfig(
        **{"instruments": ("bell", "reed"), "wave": wave, "n_pitches": 13, "n_stretches": 32, **changes}
    )


def made_notes(seed: int = 3, **changes: Any) -> NotesWaveNet:
    """A network whose numbers are large enough that its distributions differ from sample to sample."""
    torch.manual_seed(seed)
    network = NotesWaveNet(notes_config(**changes)).eval().requires_grad_(False)
    for name, weight in network.named_parameters():
        if name.endswith("bias"):
            weight.add_(0.3 * torch.randn_like(weight))
        else:
            weight.mul_(2.5)
    return network
