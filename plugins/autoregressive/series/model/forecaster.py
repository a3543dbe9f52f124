"""One network that forecasts all series: it reads value after value and says how the next one is distributed.

After DeepAR (Salinas 2017, arXiv 1704.04110): a recurrent network over values in units of their own series. What it
says is the last season plus a sum of differences, whose shares it chooses anew for each step, with a mixture of
logistic distributions around it: so a forecast does not depend on the units or the level of a series.

Shape letters: B series or windows of them, F features, J terms, K lags, N values, T steps, D width, M mixtures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from .config import Floats, ForecastConfig, Season, units_of

N_TERMS: Final = 14
N_FEATURES: Final = N_TERMS + 7
_MOST: Final = 30.0
_RECENT: Final = (1, 2, 3)
LEAST_SCALE: Final = 2e-3
_MOST_LOG: Final = 6.0
_EXACT: Final = ("recurrent", "hidden", "head")
"""Paths go over many steps, on which what is rounded adds up: float16 for all."""


@dataclass(frozen=True, eq=False)
class ForecastFeatures:
    """Of each step: the value one season before (B, T), the terms (B, T, J) of which the forecast is made, and the
    features (B, T, F) that say how much each of them counts."""

    base: Tensor
    terms: Tensor
    features: Tensor


def lags_of(periods: Tensor, longs: Tensor) -> Tensor:
    """(B, K) how far back the values lie that are looked at, for series with these periods (B,); 0: not at all."""
    one = torch.ones_like(periods)
    has_long = (longs > 0).long()
    recent = [one * lag for lag in _RECENT]
    season = [periods, periods + 1, periods + 2, (periods - 1).clamp(min=1)]
    earlier = [2 * periods, 2 * periods + 1, 3 * periods]
    long = [longs, (longs + 1) * has_long, (longs + periods) * has_long, (longs + periods + 1) * has_long]
    return torch.stack([*recent, *season, *earlier, *long], 1)


def features_at(values: Tensor, n_unknown: Tensor, lags: Tensor, steps: Tensor, spread: Tensor) -> ForecastFeatures:
    """What is told before the values at `steps` (T,).

    Args:
        values: (B, N) in units of their series; the first `n_unknown` (B,) of them are not known.
        lags: (B, K) of `lags_of`. spread: (B,) of `Units`.
    """
    places = steps[None, :, None] - lags[:, None, :]  # (B, T, K)
    is_known = (lags[:, None, :] > 0) & (places >= n_unknown[:, None, None])
    flat = places.clamp(0, values.shape[1] - 1).reshape(len(values), -1)
    found = values.gather(1, flat).view(places.shape) * is_known
    v1, v2, v3, a, a1, a2, ahead, b, b1, c, w, w1, wa, wa1 = found.unbind(-1)
    k1, k2, k3, ka, ka1, ka2, kahead, kb, kb1, kc, kw, kw1, kwa, kwa1 = is_known.float().unbind(-1)
    a = torch.where(ka > 0, a, v1)  # without a season: as it was last
    terms = torch.stack(
        [
            (v1 - a1) * k1 * ka1,
            (v2 - a2) * k2 * ka2,
            (a - b) * ka * kb,
            (a1 - b1) * ka1 * kb1,
            (b - c) * kb * kc,
            (v1 - v2) * k1 * k2,
            (v2 - v3) * k2 * k3,
            (a - a1) * ka * ka1,
            (ahead - a) * kahead * ka,
            (v1 - a) * k1,
            -a,
            (w - wa) * kw * kwa,
            (w1 - wa1) * kw1 * kwa1,
            (w - a) * kw * ka,
        ],
        -1,
    ).clamp(-_MOST, _MOST)
    wide = spread[:, None]
    about = [torch.tanh(v1 / wide), torch.tanh(a / wide), torch.tanh(ahead / wide), ka, kb, kwa]
    size = (lags[:, 3, None].float().log() / 5 + wide.log() / 5).expand_as(v1)
    features = torch.cat([torch.asinh(terms), torch.stack([*about, size], -1)], -1)
    return ForecastFeatures(a, terms, features)


@dataclass(frozen=True, eq=False)
class KnownSeries:
    """A series that may be learnt from: its values (N,) and what comes round in it."""

    values: Floats
    season: Season


@dataclass(frozen=True, eq=False)
class WindowBatch:
    """Windows in units of their own: `values` (B, N), of which the first `n_unknown` (B,) are not known.

    `lags` (B, K) and `spread` (B,) are what `told` wants.
    """

    values: Tensor
    n_unknown: Tensor
    lags: Tensor
    spread: Tensor

    def to(self, device: torch.device) -> "WindowBatch":
        """The same on a device."""
        return WindowBatch(*(one.to(device) for one in (self.values, self.n_unknown, self.lags, self.spread)))


def laid_out(windows: Sequence[KnownSeries], config: ForecastConfig, n_ahead: int) -> WindowBatch:
    """Series whose last `n_ahead` values are to be said, as a batch; units are of what is known before."""
    n = config.n_known + n_ahead
    values, n_unknown, spread = np.zeros((len(windows), n), np.float32), [], []
    for row, window in zip(values, windows, strict=True):
        known = window.values[: len(window.values) - n_ahead]
        units = units_of(known, window.season, config)
        late = units.of(window.values[-n:])
        row[n - len(late) :] = late
        n_unknown.append(n - len(late))
        spread.append(units.spread)
    periods = torch.tensor([window.season.period for window in windows])
    longs = torch.tensor([window.season.long_period for window in windows])
    return WindowBatch(
        torch.from_numpy(values), torch.tensor(n_unknown), lags_of(periods, longs), torch.tensor(spread).float()
    )


@dataclass(frozen=True, eq=False)
class LogisticMixture:
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

    def forward(self, told: ForecastFeatures, state: Tensor | None = None) -> tuple[LogisticMixture, Tensor]:
        """What is said of each step, and the state (1, B, D) after the last one."""
        read, state = self.recurrent(told.features, state)  # (B, T, D)
        kept = F.silu(self.hidden(torch.cat([self.dropout(read), told.features], -1)))
        outputs, m = self.head(self.dropout(kept)), self.config.n_mixtures
        shares, rest = outputs[..., :N_TERMS], outputs[..., N_TERMS:]
        centre = told.base + (shares * told.terms).sum(-1)
        weights, offsets, scales = rest.split(m, -1)
        log_scales = math.log(LEAST_SCALE) + F.softplus(scales - math.log(LEAST_SCALE))
        means = centre[..., None] + offsets
        return LogisticMixture(torch.log_softmax(weights, -1), means, log_scales.clamp(max=_MOST_LOG)), state


KINDS: Final = {"Forecaster": NetworkKind(ForecastConfig, Forecaster)}


def save_forecaster(path: Path, network: Forecaster) -> None:
    """Write a forecaster with its configuration."""
    save_network(path, network, _EXACT)


def load_forecaster(path: Path) -> Forecaster:
    """Read what `save_forecaster` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network = load_network(path, KINDS)[1]
    if not isinstance(network, Forecaster):
        raise UserError(N_("This file does not contain a forecasting model."))
    return network
