"""The nearest pictures: those that brute force finds, though few are looked at in full."""

import numpy as np
import pytest

from studio.core.pausing import result_of
from studio.datasets import nearest_pictures
from studio.datasets.nearest_pictures import coarse_pictures, distances_to, near_pictures, preparing
from studio.datasets.small import AVATARS_NAME, read_small


def test_distances_are_mean_differences_of_colours() -> None:
    rng = np.random.default_rng(2)
    known = rng.integers(0, 256, (300, 4, 5, 3), np.uint8)
    wanted = rng.integers(0, 256, (4, 5, 3), np.uint8)
    expected = [np.abs(one.astype(float) - wanted.astype(float)).mean() / 255 for one in known]
    np.testing.assert_allclose(distances_to(wanted, known), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(16, 16, 3), (6, 10, 3), (5, 7, 3)])
def test_the_nearest_are_those_of_brute_force(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(3)
    smooth = rng.integers(0, 256, (400, 1, 1, 3)) + rng.normal(0, 30, (400, *shape))
    known = smooth.clip(0, 255).astype(np.uint8)
    known[[31, 290]] = known[7]  # a tie is settled by the number
    look = result_of(preparing(known))
    for wanted in (known[7], *rng.integers(0, 256, (4, *shape), np.uint8)):
        every = np.abs(known.astype(float) - wanted.astype(float)).mean((1, 2, 3)) / 255
        numbers, distances = look.find(wanted, 5)
        assert list(numbers) == list(np.lexsort((np.arange(400), every))[:5])
        np.testing.assert_allclose(distances, every[numbers], rtol=1e-12)


def test_coarse_pictures_lie_no_further_apart() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 256, (2, 1, 8, 8, 3), np.uint8)
    apart = np.abs(a.astype(float) - b).mean()
    assert np.abs(coarse_pictures(a) - coarse_pictures(b)).mean() <= apart
    np.testing.assert_allclose(coarse_pictures(a)[0, :3], a[0, :4, :4].mean((0, 1)), rtol=1e-6)


@pytest.mark.long("computes for long")
def test_a_shipped_set_is_read_in_parts_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_pictures, "_ready", {})
    assert sum(1 for _ in near_pictures("avatars")) > 20
    known = result_of(near_pictures("avatars"))
    arrays = read_small(AVATARS_NAME)
    assert np.array_equal(known.pictures, arrays["pictures"][arrays["splits"] == "train"])
    assert list(near_pictures("avatars")) == []
