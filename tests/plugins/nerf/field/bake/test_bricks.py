"""The bricks of a baked field: the map of leaps against brute force, bounds, and what a check finds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_cdt

from plugins.nerf.field.bake.bricks import HEAD_SHAPE, MAX_BYTES, N_BYTES, BrickVolume, leap_map
from tests.plugins.nerf.field.baked_ball import SoftBall, baked


@pytest.fixture(scope="module")
def volume() -> BrickVolume:
    return baked(SoftBall(), 32)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_leaps_are_the_distances_to_blocks_that_hold_something(seed: int, n_z: int, n_y: int, n_x: int) -> None:
    random = np.random.default_rng(seed)
    index = np.where(random.random((n_z, n_y, n_x)) < 0.4, 0, -1).astype(np.int32)
    index[index == 0] = np.arange((index == 0).sum())
    opacity = ((random.random(((index >= 0).sum(), 9, 9, 9)) < 0.003) * 200).astype(np.uint8)
    dense = np.zeros((8 * n_z + 1, 8 * n_y + 1, 8 * n_x + 1), bool)
    for z, y, x in np.argwhere(index >= 0):
        dense[8 * z : 8 * z + 9, 8 * y : 8 * y + 9, 8 * x : 8 * x + 9] |= opacity[index[z, y, x]] > 0
    # Blocks at the seam of two bricks look at their own brick's points alone, which all neighbours share in a bake.
    full = np.zeros((4 * n_z + 1, 4 * n_y + 1, 4 * n_x + 1), bool)
    for z, y, x in np.argwhere(index >= 0):
        own = opacity[index[z, y, x]] > 0
        for i, j, k in np.ndindex(4, 4, 4):
            block = own[2 * i : 2 * i + 3, 2 * j : 2 * j + 3, 2 * k : 2 * k + 3]
            full[4 * z + i, 4 * y + j, 4 * x + k] = block.any()
    leaps = leap_map(index, opacity)
    if full.any():
        assert np.array_equal(leaps, distance_transform_cdt(~full, metric="chessboard"))
    else:
        assert (leaps == 255).all()


def test_neighbours_share_their_points(volume: BrickVolume) -> None:
    places = np.argwhere(volume.index >= 0)
    n_shared = 0
    for z, y, x in places:
        if x + 1 < volume.index.shape[2] and volume.index[z, y, x + 1] >= 0:
            here, there = volume.index[z, y, x], volume.index[z, y, x + 1]
            assert np.array_equal(volume.opacity[here, :, :, 8], volume.opacity[there, :, :, 0])
            assert np.array_equal(volume.colour[here, :8, :8, 8], volume.colour[there, :8, :8, 0])
            n_shared += 1
    assert n_shared > 10


def test_what_is_too_large_is_refused(volume: BrickVolume) -> None:
    n_bricks = MAX_BYTES // (729 * (1 + N_BYTES)) + 1
    opacity = np.broadcast_to(np.zeros((), np.uint8), (n_bricks, 9, 9, 9))
    with pytest.raises(ValueError, match="MB of bricks"):
        replace(volume, opacity=opacity, colour=np.broadcast_to(opacity[..., None], (*opacity.shape, N_BYTES)))


def test_a_bake_passes_its_check(volume: BrickVolume) -> None:
    volume.check()


@pytest.mark.parametrize(
    "change",
    [
        {"voxel": 0.0},
        {"voxel": float("nan")},
        {"low": np.array([0, np.inf, 0], np.float32)},
        {"head": np.full(HEAD_SHAPE, np.nan, np.float32)},
        {"head": np.zeros((16, 6, 3), np.float32)},
        {"opacity": np.zeros((1, 9, 9, 8), np.uint8)},
        {"leap": np.zeros((1, 1, 1), np.uint8)},
        {"low": np.zeros(3, np.float64)},
    ],
)
def test_a_check_finds_what_kernels_could_not_read(volume: BrickVolume, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"arrays of wrong|no finite"):
        replace(volume, **change).check()


def test_a_check_finds_ways_that_lead_out(volume: BrickVolume) -> None:
    for number in (volume.n_bricks, -2):
        index = volume.index.copy()
        index[0, 0, 0] = number
        with pytest.raises(ValueError, match="not there"):
            replace(volume, index=index).check()
    leap = volume.leap.copy()
    leap[-1, 0, 0] = 0
    with pytest.raises(ValueError, match="nowhere"):
        replace(volume, leap=leap).check()
    index = volume.index.copy()
    z, y, x = np.argwhere(volume.leap == 0)[0] // 4
    index[z, y, x] = -1
    with pytest.raises(ValueError, match="nowhere"):
        replace(volume, index=index).check()
