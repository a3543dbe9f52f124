"""One network that forecasts all series: it reads one value after the other and says how the next one is distributed.

After DeepAR (Salinas 2017, arXiv 1704.04110): a recurrent network over values in units of their own series. What it
says is the last season plus a sum of differences, whose shares it chooses anew for each step, with a mixture of
logistic distributions around it: so a forecast does not depend on the units or the level of a series.

Shape letters: B series, D width, F features, J terms, M mixtures, T steps.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .forecast_config import ForecastConfig
from .forecast_features import N_FEATURES, N_TERMS, Told

LEAST_SCALE: Final = 2e-3
_MOST_LOG: Final = 6.0


@dataclass(frozen=True, eq=False)
class Said:
    """Mixtures of logistic distributions: log weights, means and log scales, (B, T, M) each."""

    log_weights: Tensor
    means: Tensor
    log_scales: Tensor

    def log_density(self, values: Tensor) -> Tensor:
        """(B, T) of values (B, T)."""
        z = (values[..., None] - self.means) * torch.exp(-self.log_scales)
        each = -z - self.log_scales - 2 * F.softplus(-z)
        return torch.logsumexp(self.log_weights + each, -1)

    def drawn(self, draws: Tensor, temperature: float = 1.0) -> Tensor:
        """(B, T) values by two numbers in (0, 1) each, (B, T, 2): one chooses the part, the other the place in it."""
        shares = torch.softmax(self.log_weights / temperature, -1).cumsum(-1)
        part = (draws[..., :1] > shares[..., :-1]).sum(-1, keepdim=True)  # (B, T, 1)
        mean = self.means.gather(-1, part)[..., 0]
        width = self.log_scales.gather(-1, part)[..., 0].exp() * temperature
        return mean + width * torch.logit(draws[..., 1])


class Forecaster(nn.Module):
    """A gated recurrent network (Cho 2014) with a head that weighs differences."""

    def __init__(self, config: ForecastConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.dropout = nn.Dropout(dropout)
        self.recurrent = nn.GRU(N_FEATURES, config.width, batch_first=True)
        self.hidden = nn.Linear(config.width + N_FEATURES, config.width)
        self.head = nn.Linear(config.width, N_TERMS + 3 * config.n_mixtures)
        with torch.no_grad():
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()
            self.head.bias[0] = 0.8  # an anomaly stays
            self.head.bias[-config.n_mixtures :] = torch.from_numpy(np.linspace(-1, 0, config.n_mixtures))

    def forward(self, told: Told, state: Tensor | None = None) -> tuple[Said, Tensor]:
        """What is said of each step, and the state (1, B, D) after the last one."""
        read, state = self.recurrent(told.features, state)  # (B, T, D)
        kept = F.silu(self.hidden(torch.cat([self.dropout(read), told.features], -1)))
        outputs, m = self.head(self.dropout(kept)), self.config.n_mixtures
        shares, rest = outputs[..., :N_TERMS], outputs[..., N_TERMS:]
        centre = told.base + (shares * told.terms).sum(-1)
        weights, offsets, scales = rest.split(m, -1)
        log_scales = math.log(LEAST_SCALE) + F.softplus(scales - math.log(LEAST_SCALE))
        means = centre[..., None] + offsets
        return Said(torch.log_softmax(weights, -1), means, log_scales.clamp(max=_MOST_LOG)), state
