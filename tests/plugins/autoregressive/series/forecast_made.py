"""Small forecasters and series for the tests of forecasting."""

import numpy as np
import torch

from plugins.autoregressive.series.model.config import ForecastConfig
from plugins.autoregressive.series.model.forecaster import Forecaster

CONFIG = ForecastConfig(width=12, n_mixtures=2, n_context=20, n_back=30)


def made_forecaster(seed=1, spread=0.6):
    """A network with random weights, which says something else after each other past."""
    torch.manual_seed(seed)
    network = Forecaster(CONFIG)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(torch.randn_like(value) * spread * 0.1)
    return network.eval().requires_grad_(False)


def made_values(n=80, period=7, seed=2):
    """A season with noise and a slope."""
    places = np.arange(n)
    noise = np.random.default_rng(seed).normal(size=n)
    return 50 + 6 * np.sin(2 * np.pi * places / period) + 0.1 * places + noise
