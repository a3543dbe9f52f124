"""A scene of splats as a training leaves it: surfaces covered with flat ones of all sizes, on a plate."""

from functools import cache
from typing import Any

import numpy as np

N_BALLS = 8


@cache
def splat_scene(n_splats: int, degree: int = 2) -> Any:
    """Eight balls on a plate, the same splats every time."""
    from plugins.nerf.splats.model.splats import splats_of

    random = np.random.default_rng(0)
    points, normals, area = _surfaces(n_splats, random)
    width = np.sqrt(area / n_splats)
    log_scales = np.log(width) + random.normal(0, 0.5, (n_splats, 3))
    log_scales[:, 2] -= 1.5
    harmonics = random.normal(0, 0.1, (n_splats, (degree + 1) ** 2, 3))
    harmonics[:, 0] = random.normal(0, 0.6, (n_splats, 3))
    return splats_of(
        {
            "centres": points,
            "log_scales": log_scales,
            "rotations": np.stack([1 + normals[:, 2], -normals[:, 1], normals[:, 0], 0 * normals[:, 0]], axis=1),
            "opacity_logits": random.normal(1, 2, n_splats),
            "harmonics": harmonics,
        }
    )


def _surfaces(n: int, random: np.random.Generator) -> tuple[Any, Any, float]:
    """Points and normals (N, 3), half of them on balls, and all the area."""
    n_balls = n // 2
    centres, radii = random.uniform(-0.7, 0.7, (N_BALLS, 3)), random.uniform(0.15, 0.4, N_BALLS)
    of = random.integers(0, N_BALLS, n_balls)
    out = random.normal(size=(n_balls, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    plate = np.concatenate([random.uniform(-1.3, 1.3, (n - n_balls, 2)), np.full((n - n_balls, 1), -0.9)], axis=1)
    points = np.concatenate([centres[of] + radii[of][:, None] * out, plate])
    normals = np.concatenate([out, np.tile([0.0, 0.0, 1.0], (n - n_balls, 1))])
    return points, normals, float(4 * np.pi * (radii**2).sum() + 2.6**2)
