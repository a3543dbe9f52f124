"""What a forecast is held against: the last season once more, and exponential smoothing (ETS, Hyndman 2002).

Shape letters: H steps ahead, N values, P paths.
"""

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from studio.core.error import UserError
from studio.core.seed import generator
from studio.core.text import N_

from .forecast_score import Floats

Rival: TypeAlias = Callable[[Floats, int, int, int, int], Floats]
N_ETS_VALUES: Final = 1500
"""Exponential smoothing hardly sees what is older; fitting it takes as long as it is given values."""
_TRENDS: Final[tuple[tuple[str | None, bool], ...]] = ((None, False), ("add", True), ("add", False))


def seasonal_naive(history: Floats, period: int, horizon: int, n_paths: int, seed: int) -> Floats:
    """(P, H): the last season again and again, each value with a seasonal difference that was there before."""
    period = min(period, len(history))
    differences = history[period:] - history[:-period]
    differences = differences if len(differences) else np.zeros(1)
    drawn = generator(seed, "naive").choice(differences - differences.mean(), (n_paths, horizon))
    paths = np.concatenate([np.tile(history[-period:], (n_paths, 1)), np.zeros((n_paths, horizon))], 1)
    for step in range(horizon):
        paths[:, period + step] = paths[:, step] + drawn[:, step]
    return paths[:, period:]


def has_ets() -> bool:
    """Whether statsmodels, which fits it, is installed."""
    return importlib.util.find_spec("statsmodels") is not None


def ets(history: Floats, period: int, horizon: int, n_paths: int, seed: int) -> Floats:
    """(P, H) of an additive state space model; whether it has a trend, and a damped one, is chosen by AIC.

    Raises:
        UserError: statsmodels is not installed.
    """
    if not has_ets():
        what = N_("Exponential smoothing needs the package statsmodels.")
        raise UserError(what, N_("Install it: pip install statsmodels"))
    known = history[-max(N_ETS_VALUES, 4 * period) :]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not settle is held against us as it is
        fits = [_fitted(known, period, trend, is_damped) for trend, is_damped in _TRENDS]
        best = min(fits, key=lambda fit: float(fit.aic))
        drawn = best.simulate(horizon, anchor="end", repetitions=n_paths, rng=generator(seed, "ets"))
    return np.ascontiguousarray(np.asarray(drawn, np.float64).reshape(horizon, n_paths).T)


def _fitted(known: Floats, period: int, trend: str | None, is_damped: bool) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    has_season = period > 1 and len(known) >= 2 * period
    model = ETSModel(
        known,
        error="add",
        trend=trend,
        damped_trend=is_damped,
        seasonal="add" if has_season else None,
        seasonal_periods=period if has_season else None,
        initialization_method="heuristic",
    )
    return model.fit(disp=False)
