"""A random walk: a seamless loop through places that a seed gives."""

from collections.abc import Mapping

import numpy as np

from studio.core.path.keyframe import DEFAULT_DURATION_S, MAX_KEYFRAMES, MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.path.position import Array, Rule, unit_rows
from studio.core.seed import standard_normal

MIN_PLACES = 3


def random_walk(
    seed: int,
    shapes: Mapping[str, tuple[int, ...]],
    rules: Mapping[str, Rule],
    seconds: float,
    spread: float = 1.0,
) -> KeyframePath:
    """Return a seamless loop through random places, one about every 1.5 seconds, at least three.

    Place k is drawn from hash(seed, name, k): N(0, spread² I), a rotation of any kind, exp(N(0, spread² I)) for a
    logarithmic array.

    Args:
        seconds: how long it lasts, 0.1 to 700.
    """
    n = min(max(MIN_PLACES, round(seconds / DEFAULT_DURATION_S)), MAX_KEYFRAMES)
    duration_s = max(seconds / n, MIN_DURATION_S)
    keyframes = []
    for k in range(n):
        position = {name: _random_array(shape, rules[name], spread, (seed, name, k)) for name, shape in shapes.items()}
        keyframes.append(Keyframe(position, duration_s))
    return KeyframePath(tuple(keyframes), rules, "smooth", is_loop=True)


def _random_array(shape: tuple[int, ...], rule: Rule, spread: float, keys: tuple[int, str, int]) -> Array:
    noise = standard_normal(shape, *keys)
    match rule:
        case "rotation":
            return unit_rows(noise).astype(np.float32)
        case "logarithmic":
            return np.asarray(np.exp(spread * noise), np.float32)
        case _:
            return np.float32(spread) * noise
