"""How a forecaster learns: each value is to be likely by what is known before it.

Shape letters: B windows, T steps.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from .forecast_data import Windows
from .forecast_features import WindowBatch, told
from .forecast_network import Forecaster

N_SETTLING: Final = 24
"""The first steps are read, so that something is kept, but not judged."""


@dataclass(frozen=True)
class NextValue:
    """Minus the mean log density of a value; what a Training calls."""

    windows: Windows

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        batch = self.windows.draw(step, micro)
        with torch.autocast(batch.values.device.type, enabled=False):  # shares of three digits are too coarse here
            return surprise(model, batch).mean(), {}


def surprise(model: nn.Module, batch: WindowBatch) -> Tensor:
    """(B, T) in nats of the values of windows, from a little after the first one that is read."""
    assert isinstance(model, Forecaster)
    first = model.config.n_back
    steps = torch.arange(first, batch.values.shape[1], device=batch.values.device)
    said, _ = model(told(batch.values, batch.n_unknown, batch.lags, steps, batch.spread))
    each: Tensor = -said.log_density(batch.values[:, first:])
    return each[:, N_SETTLING:]
