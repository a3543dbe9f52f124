"""A latent model that is drawn by its few-step network: for samplers a model like any other, asked on its own levels.

Shape letters as in denoisers.py.
"""

import copy
from typing import Self

import torch
from torch import Tensor

from ...shared.model.denoiser import Condition, Denoise, Guidance, Prediction
from ...shared.model.noise_schedule import TimeGrid, lay_grid
from ...shared.model.prediction import eps_of, x0_of
from .denoisers import Completing, LatentModel
from .few_step import FewStep
from .networks import device_of
from .unet import Conditioning


class FewStepModel(LatentModel):
    """Draws as its teacher would with many steps; words, noise and autoencoder are the teacher's.

    A step of DDIM without fresh noise is one jump of the network.

    Attributes:
        grid: the levels that it jumps between.
    """

    def __init__(self, teacher: LatentModel, jumps: FewStep) -> None:
        super().__init__(teacher.whole)
        self.layered, self.jumps = teacher.layered, jumps
        self.networks = (jumps,)
        self.has_attention = False
        self._words = teacher._words
        self.grid = lay_grid(self.schedule, 1)

    def in_steps(self, n_steps: int) -> Self:
        """The same for runs of so many steps; 1, 2 and 4 are what it has learnt."""
        return self.along(lay_grid(self.schedule, n_steps))

    def along(self, grid: TimeGrid) -> Self:
        """The same for runs on these levels."""
        other = copy.copy(self)
        other.grid = grid
        return other

    @torch.inference_mode()
    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel; guidance is told to the network, so that one look is enough."""
        asked, device = self._asked(condition), device_of(self.jumps)
        strength = torch.tensor([guidance.scale], device=device)

        @torch.inference_mode()
        def denoise(x: Tensor, time: float) -> Prediction:
            here = x.to(device).contiguous(memory_format=torch.channels_last)
            n = len(x)
            told = torch.tensor([[time], [end_of(self.grid, time)]], device=device, dtype=torch.float32).expand(2, n)
            v = self.jumps(here, told[0], told[1], strength.expand(n), asked).to(x.device).contiguous()
            alpha, sigma = self.schedule.alpha_sigma(time)
            return Prediction(x0_of(v, "v", x, alpha, sigma), eps_of(v, "v", x, alpha, sigma))

        return denoise

    def _asked(self, condition: Condition) -> Conditioning:
        if "context" not in condition.arrays:
            return Conditioning()
        device = device_of(self.jumps)
        context, counts = (torch.tensor(condition.arrays[name], device=device)[None] for name in ("context", "counts"))
        n_used = max(1, int((counts > 0).sum()))
        return self.jumps.unet.words(context[:, :n_used], counts[:, :n_used])


class FewStepFaceModel(Completing, FewStepModel):
    """The same of faces."""


def end_of(grid: TimeGrid, time: float) -> float:
    """Where the step of a grid that begins at a time ends."""
    return float(grid.times[grid.times < time - 1e-6][0])
