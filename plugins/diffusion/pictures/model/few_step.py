"""A network that jumps along a run of its teacher, from any level of noise to any lower one, in one look.

Distilled on whole ways of the teacher: progressive distillation (Salimans and Ho 2022, arXiv 2202.00512) with jumps of
every length and one teacher, as in shortcut models (Frans 2024, arXiv 2410.12557) and flow maps (Boffi 2024, arXiv
2406.07507); guidance as an input: Meng et al. 2023 (arXiv 2210.03142). With alpha = cos(a) and sigma = sin(a) a jump
over the angle d is x cos(d) - v sin(d), so that none at all leaves x as it is. Shape letters as in unet.py.
"""

import math
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from ...shared.few_steps import STRONGEST, WEAKEST
from ...shared.model.noise_schedule import CLEAN_TIME, NoiseSchedule, level_at
from .unet import Conditioning, TimeEmbedding, UNet, UNetConfig, zeroed

N_WAVES_TIMES = 1000.0
"""The strength of the guidance is told as a time of so many."""


@dataclass(frozen=True)
class FewStepConfig:
    """Attributes:
    unet: that of the teacher, whose words it shares.
    schedule: the noise, as the teacher's.
    weakest, strongest: between which strengths of guidance it has learnt what the teacher does.
    """

    unet: UNetConfig
    schedule: NoiseSchedule = field(default_factory=NoiseSchedule)
    weakest: int = WEAKEST
    strongest: int = STRONGEST


class FewStep(nn.Module):
    """The teacher's U-Net, which is told besides where its jump ends and how strong the guidance is."""

    def __init__(self, config: FewStepConfig) -> None:
        super().__init__()
        if not config.weakest < config.strongest or config.unet.target != "v":
            raise ValueError("a network of jumps without a range of guidance, or that says another thing than v")
        self.config = config
        self.unet = UNet(config.unet)
        self.end = TimeEmbedding(config.unet.embedding_width)
        self.strength = TimeEmbedding(config.unet.embedding_width)
        for told in (self.end, self.strength):
            zeroed(told.second)

    def forward(self, x: Tensor, time: Tensor, end: Tensor, strength: Tensor, asked: Conditioning) -> Tensor:
        """v (B, C, H, W) of jumps of x (B, C, H, W) from times (B,) to times (B,), with guidance (B,)."""
        low, high = self.config.weakest, self.config.strongest
        told = self.end(end) + self.strength((strength.clamp(low, high) - low) / (high - low) * N_WAVES_TIMES)
        vector = told if asked.vector is None else asked.vector + told
        said: Tensor = self.unet(x, time, replace(asked, vector=vector))
        return said


def angle_at(schedule: NoiseSchedule, time: float) -> float:
    """The angle a of a time, whose alpha is cos(a) and sigma sin(a); 0 at the clean end."""
    alpha, sigma = level_at(schedule, time if time >= 0 else CLEAN_TIME)
    return math.atan2(sigma, alpha)


def jumped(x: Tensor, v: Tensor, turn: Tensor | float) -> Tensor:
    """Where a jump of x (B, ...) over the angle `turn`, one or (B, 1, ...), ends; x itself for 0."""
    turn = torch.as_tensor(turn, dtype=x.dtype, device=x.device)
    return turn.cos() * x - turn.sin() * v


def jump_of(x: Tensor, end: Tensor, turn: Tensor | float) -> Tensor:
    """The v (B, ...) whose jump over the angle `turn`, above 0, ends at `end` (B, ...): what is learnt."""
    turn = torch.as_tensor(turn, dtype=x.dtype, device=x.device)
    return (turn.cos() * x - end) / turn.sin()
