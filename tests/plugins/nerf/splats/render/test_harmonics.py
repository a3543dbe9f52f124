"""The harmonics are the closed forms of the paper's program."""

from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.render.small_networks import spherical_harmonics
from plugins.nerf.splats.render.harmonics import fill_basis


@pytest.mark.parametrize("n", [1, 4, 9, 16])
def test_they_are_those_of_the_files(n: int) -> None:
    random = np.random.default_rng(n).normal(size=(20, 3))
    directions: Any = np.asarray(random / np.linalg.norm(random, axis=1, keepdims=True), np.float32)
    found: Any = np.full((20, 16), 7, np.float32)
    for row, (x, y, z) in zip(found, directions, strict=True):
        fill_basis(n, x, y, z, row)
    np.testing.assert_allclose(found[:, :n], spherical_harmonics(directions)[:, :n], atol=1e-6)
    assert (found[:, n:] == 7).all()


def test_a_few_by_hand() -> None:
    basis = np.zeros(16, np.float32)
    x, y, z = (np.float32(value) for value in (0.6, 0.0, 0.8))
    fill_basis(16, x, y, z, basis)
    assert basis[0] == pytest.approx(0.5 / np.sqrt(np.pi))
    assert basis[2] == pytest.approx(np.sqrt(3 / (4 * np.pi)) * 0.8)
    assert basis[3] == pytest.approx(-np.sqrt(3 / (4 * np.pi)) * 0.6)
    assert basis[6] == pytest.approx(np.sqrt(5 / (16 * np.pi)) * (3 * 0.64 - 1))
    assert basis[15] == pytest.approx(-np.sqrt(35 / (32 * np.pi)) * 0.6 * 0.36)
