"""Normals from distances: a pixel without neighbours asks nothing beyond the picture."""

import numpy as np
import pytest

from plugins.nerf.field.render.depth_normal import REACH, depth_normals
from plugins.nerf.field.render.march import Rays

FORWARD = np.array([[0.01, 0, 0], [0, 0.01, 0], [0, 0, 1]], np.float32)
RAYS = Rays(np.zeros(3, np.float32), FORWARD, np.array([0.0, 0.5, 0.5], np.float32), np.zeros(3, np.float32))
N_BESIDE = 64


def normals(height: int, width: int, beside: float) -> np.ndarray:
    """Of an even wall, whose arrays lie in the midst of memory that holds `beside`."""

    def inside(value: float, whole: float) -> np.ndarray:
        n = height * width
        memory = np.full(n + 2 * N_BESIDE, whole, np.float32)
        memory[N_BESIDE : N_BESIDE + n] = value
        return memory[N_BESIDE : N_BESIDE + n].reshape(height, width)

    normal = np.full((height, width, 3), 9.0, np.float32)
    area = np.array([[0, height, 0, width]], np.int64)
    depth_normals(RAYS, inside(2.0, beside), inside(1.0, 1.0), 0.05, area, normal)
    return normal


@pytest.mark.parametrize(("height", "width"), [(1, 12), (12, 1), (1, 1), (REACH, REACH), (9, 9)])
def test_memory_beside_a_picture_is_never_asked(height: int, width: int) -> None:
    one, other = (normals(height, width, beside) for beside in (1.0, 500.0))
    assert np.array_equal(one, other)
    assert np.allclose(np.linalg.norm(one, axis=-1), 1, atol=1e-5)
    assert (one[..., 2] < 0).all()  # towards the eye


def test_the_normals_of_a_wall_look_back() -> None:
    middle = normals(17, 17, 0.0)[8, 8]
    assert middle[2] < -0.9
