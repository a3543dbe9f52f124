"""Random walks: seamless, of the wished length, the same for the same seed, and spread like the prior."""

import numpy as np
import pytest

from plugins.vae.shared.panel.path_control import random_walk
from studio.core.path.position import Rule

SHAPES = {"z": (6,), "camera": (4,), "distance": (1,)}
RULES: dict[str, Rule] = {"z": "spherical", "camera": "rotation", "distance": "logarithmic"}


def places_at(walk, times_s):
    """Each array at these times, (T, *shape)."""
    places = [walk.position_at(time) for time in times_s]
    return {name: np.stack([place[name] for place in places]) for name in places[0]}


@pytest.mark.parametrize(("seconds", "n"), [(30, 20), (4.5, 3), (0.1, 3), (1, 3), (10, 7), (5000, 500)])
def test_it_lasts_as_long_as_wished_with_a_place_about_every_second_and_a_half(seconds, n):
    walk = random_walk(1, SHAPES, RULES, seconds)
    assert len(walk) == n
    assert walk.duration_s == pytest.approx(seconds)
    assert walk.is_loop


def test_the_same_seed_walks_the_same_way_and_another_one_does_not():
    a, b, c = (places_at(random_walk(seed, SHAPES, RULES, 12), np.linspace(0, 12, 50)) for seed in (5, 5, 6))
    for name in SHAPES:
        assert a[name].tobytes() == b[name].tobytes()
        assert not np.allclose(a[name], c[name])


def test_a_longer_walk_begins_at_the_same_places():
    short, long = random_walk(5, SHAPES, RULES, 6), random_walk(5, SHAPES, RULES, 60)
    for a, b in zip(short.keyframes, long.keyframes, strict=False):
        assert a.position["z"].tobytes() == b.position["z"].tobytes()


def test_places_are_spread_like_the_prior():
    places = np.concatenate(
        [k.position["z"] for k in random_walk(2, {"z": (64,)}, {"z": "linear"}, 600, 0.5).keyframes]
    )
    assert places.mean() == pytest.approx(0, abs=0.01)
    assert places.std() == pytest.approx(0.5, abs=0.01)


def test_rotations_are_unit_and_distances_positive():
    walk = random_walk(3, SHAPES, RULES, 15)
    places = places_at(walk, np.linspace(0, 15, 100))
    assert np.linalg.norm(places["camera"], axis=1) == pytest.approx(np.ones(100), abs=1e-5)
    assert (places["distance"] > 0).all()


def test_the_seam_cannot_be_seen():
    walk = random_walk(4, {"z": (6,)}, {"z": "spherical"}, 9)
    h = 1e-3
    a, b, c, d = places_at(walk, [9 - 2 * h, 9 - h, 0, h])["z"].astype(np.float64)
    usual = np.linalg.norm(d - c)
    assert np.linalg.norm((c - b) - (d - c)) < 0.02 * usual
    assert np.linalg.norm((b - a) - (c - b)) < 0.02 * usual
