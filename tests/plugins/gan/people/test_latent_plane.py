"""The carpet of seeds is continuous, endless, and whole places are seeds."""

import pytest

from plugins.gan.people.model.latent_plane import plane_corners, plane_seed
from studio.core.seed import MAX_SEED


def test_a_whole_place_is_one_seed():
    assert plane_corners(7, 2, 3) == plane_corners(7 + 2 + 300, 0, 0)
    assert [(corner.seed, corner.share) for corner in plane_corners(7, 0, 0)] == [(7, 1.0)]


@pytest.mark.parametrize(("x", "y"), [(0.25, 0.5), (-3.2, 8.9), (1e5 + 0.5, -2.0)])
def test_shares_add_up_to_one_and_the_nearest_comes_first(x, y):
    found = plane_corners(40, x, y)
    assert sum(corner.share for corner in found) == pytest.approx(1)
    assert found[0].share == max(corner.share for corner in found)
    assert all(0 <= corner.seed <= MAX_SEED for corner in found)


def test_the_blend_is_continuous_over_a_seam():
    def share_of(seed, x):
        return sum(corner.share for corner in plane_corners(0, x, 0.3) if corner.seed == seed)

    for seed in (0, 1, 2, 100, 101):
        assert share_of(seed, 1 - 1e-7) == pytest.approx(share_of(seed, 1 + 1e-7), abs=1e-6)


def test_it_has_no_edge():
    assert plane_seed(0, -1, 0) == MAX_SEED
    assert plane_seed(MAX_SEED, 1, 0) == 0
