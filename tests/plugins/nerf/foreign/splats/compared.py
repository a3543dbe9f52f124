"""Random splats, and how far two scenes are apart."""

from pathlib import Path
from typing import Final

import numpy as np

from plugins.nerf.foreign.splats.scene import turned_over
from plugins.nerf.splats.model.splats import N_COEFFICIENTS, Splats, splats_of

DATA: Final = Path(__file__).parent / "data"


def random_splats(n: int, degree: int, seed: int = 0) -> Splats:
    random = np.random.default_rng(seed)
    return splats_of(
        {
            "centres": random.normal(size=(n, 3)),
            "log_scales": random.normal(-4, 0.8, (n, 3)),
            "rotations": random.normal(size=(n, 4)),
            "opacity_logits": random.normal(0, 2, n),
            "harmonics": np.clip(random.normal(0, 0.3, (n, N_COEFFICIENTS[degree], 3)), -0.9, 0.9),
        }
    )


def expected(name: str) -> Splats:
    """What a file of the data holds, y upwards as the readers have it."""
    with np.load(DATA / f"{name}.npz") as arrays:
        found = splats_of(dict(arrays))
    return found if name.startswith("nerfstudio") or name.endswith(".glb") else turned_over(found)


def covariances(splats: Splats) -> np.ndarray:
    """(N, 3, 3), which say the same of a splat however its axes are numbered and turned over."""
    w, x, y, z = splats.rotations.astype(np.float64).T
    turns = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    ).transpose(2, 0, 1)
    axes = turns * np.exp(splats.log_scales.astype(np.float64))[:, None]
    return axes @ axes.transpose(0, 2, 1)


def matched(splats: Splats, others: Splats) -> Splats:
    """Those of `others` that stand nearest to each of `splats`, since some formats change the order."""
    away = np.linalg.norm(splats.centres[:, None] - others.centres[None], axis=2)
    places = away.argmin(1)
    assert len(set(places.tolist())) == len(splats) == len(others)
    return others.where(places)


def assert_near(found: Splats, wanted: Splats, place: float, shape: float, opacity: float, colour: float) -> None:
    """As near as that; `shape` is a share of the largest covariance."""
    assert len(found) == len(wanted)
    assert found.degree == wanted.degree
    np.testing.assert_allclose(found.centres, wanted.centres, rtol=0, atol=place)
    difference = np.abs(covariances(found) - covariances(wanted)).max(axis=(1, 2))
    assert (difference / np.abs(covariances(wanted)).max(axis=(1, 2))).max() <= shape
    np.testing.assert_allclose(found.opacities, wanted.opacities, rtol=0, atol=opacity)
    np.testing.assert_allclose(found.harmonics, wanted.harmonics, rtol=0, atol=colour)
