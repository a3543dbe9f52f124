"""The sixteen harmonics are what they are called, and in the order and with the signs of tiny-cuda-nn."""

import numpy as np

from plugins.nerf.field.render.small_networks import spherical_harmonics


def directions(n: int) -> np.ndarray:
    """Unit directions (N, 3), spread evenly: a Fibonacci sphere."""
    z = 1 - (2 * np.arange(n) + 1) / n
    angle = np.arange(n) * np.pi * (3 - np.sqrt(5))
    around = np.sqrt(1 - z * z)
    return np.stack([around * np.cos(angle), around * np.sin(angle), z], axis=-1).astype(np.float32)


def test_harmonics_are_orthonormal_on_the_sphere() -> None:
    values = spherical_harmonics(directions(20_000)).astype(np.float64)
    products = 4 * np.pi * values.T @ values / len(values)
    np.testing.assert_allclose(products, np.eye(16), atol=1e-3)


def test_degrees_are_polynomials_of_that_degree() -> None:
    """Under d -> -d a harmonic of degree l changes by (-1)^l."""
    at = directions(50)
    degrees = np.repeat(np.arange(4), [1, 3, 5, 7])
    np.testing.assert_allclose(spherical_harmonics(-at), spherical_harmonics(at) * (-1.0) ** degrees, atol=1e-6)


def test_signs_are_those_of_the_files() -> None:
    along_x, along_y, along_z = spherical_harmonics(np.eye(3, dtype=np.float32))
    assert along_y[1] < 0 < along_z[2]
    assert along_x[3] < 0
    d = np.full((1, 3), 1 / np.sqrt(3), np.float32)
    found = spherical_harmonics(d)[0]
    assert np.sign(found[[4, 5, 7, 9, 10, 11, 13, 15]]).tolist() == [1, -1, -1, -1, 1, -1, -1, 1]
    np.testing.assert_allclose(found[10], 2.8906114 / 3**1.5, rtol=1e-5)
