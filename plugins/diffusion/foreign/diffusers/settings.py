"""Single settings of a scheduler_config.json, checked; the defaults are those of the `diffusers` library."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from studio.core.error import UserError
from studio.core.translation import N_

MAX_TIMES: Final = 10_000


def betas_of(values: Mapping[str, Any]) -> tuple[float, ...]:
    trained = values.get("trained_betas")
    if trained is not None:
        return _trained(trained)
    n_times = round(number_of(values, "num_train_timesteps", 1000, 2, MAX_TIMES))
    start, end = (number_of(values, key, one, 1e-8, 0.999) for key, one in (("beta_start", 1e-4), ("beta_end", 0.02)))
    kind = values.get("beta_schedule", "linear")
    if kind == "linear":
        return tuple(np.linspace(start, end, n_times).tolist())
    if kind == "scaled_linear":
        return tuple((np.linspace(start**0.5, end**0.5, n_times) ** 2).tolist())
    if kind == "squaredcos_cap_v2":
        at = np.arange(n_times + 1) / n_times
        curve = np.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
        return tuple(np.minimum(1 - curve[1:] / curve[:-1], 0.999).tolist())
    raise refused("beta_schedule")


def _trained(betas: Any) -> tuple[float, ...]:
    if not isinstance(betas, list) or not 2 <= len(betas) <= MAX_TIMES:
        raise refused("trained_betas")
    if not all(type(beta) in (int, float) and 0 < beta < 1 for beta in betas):
        raise refused("trained_betas")
    return tuple(float(beta) for beta in betas)


def number_of(values: Mapping[str, Any], key: str, otherwise: float, low: float, high: float) -> float:
    value = values.get(key, otherwise)
    if type(value) not in (int, float) or not low <= value <= high:
        raise refused(key)
    return float(value)


def is_on(values: Mapping[str, Any], key: str, otherwise: bool) -> bool:
    value = values.get(key)
    if value is None:
        return otherwise
    if not isinstance(value, bool):
        raise refused(key)
    return value


def refused(key: str) -> UserError:
    return UserError(N_("The scheduler’s “{key}” has a value that cannot be read here.").format(key=key))
