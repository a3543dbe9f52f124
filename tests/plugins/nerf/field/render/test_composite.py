"""Weights of volume rendering against what is known in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.nerf.field.render.ray_samples import composite, weights_along


@pytest.mark.parametrize("density", [0.01, 1.0, 30.0])
def test_constant_density_lets_through_what_the_exponential_says(density: float) -> None:
    length = np.full(50, 0.02, np.float32)
    weights = weights_along(np.full(50, density, np.float32), length)
    before = np.arange(50) * 0.02
    expected = np.exp(-density * before) - np.exp(-density * (before + 0.02))
    np.testing.assert_allclose(weights, expected, rtol=2e-5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 500, width=32), st.floats(2**-10, 1, width=32)), min_size=1, max_size=40))
def test_weights_and_what_is_left_make_one(samples: list[tuple[float, float]]) -> None:
    density, length = (np.array(column, np.float32) for column in zip(*samples, strict=True))
    left = np.exp(-(density.astype(np.float64) * length).sum())
    assert weights_along(density, length).sum() == pytest.approx(1 - left, abs=1e-5)


def test_packed_samples_are_summed_ray_by_ray() -> None:
    random = np.random.default_rng(0)
    counts = np.array([3, 0, 7, 1])
    n = int(counts.sum())
    density, length = random.uniform(0, 20, n).astype(np.float32), random.uniform(0.01, 0.2, n).astype(np.float32)
    colour, t = random.random((n, 3), np.float32), np.sort(random.random(n, np.float32))
    out = np.empty((4, 3), np.float32), np.empty(4, np.float32), np.empty(4, np.float32)
    composite(density, colour, t, length, np.cumsum(counts), *out)
    first = 0
    for ray, count in enumerate(counts):
        part = slice(first, first + count)
        weights = weights_along(density[part], length[part])
        np.testing.assert_allclose(out[0][ray], weights @ colour[part], atol=1e-6)
        np.testing.assert_allclose(out[1][ray], weights.sum(), atol=1e-6)
        mean = weights @ t[part] / weights.sum() if count else 0
        np.testing.assert_allclose(out[2][ray], mean, atol=1e-5)
        first += count
