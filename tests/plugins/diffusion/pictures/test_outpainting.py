"""Where a picture lies in its frame: bounds, fixed corners, snapping, and the pixels of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.diffusion.pictures.outpainting import HANDLES, MAX_SCALE, MIN_SCALE, MIN_SEEN, Placing, pixel_box, placed

SHARES = st.floats(-2, 2)
PLACINGS = st.builds(Placing, SHARES, SHARES, st.floats(0, 2)).map(Placing.bounded)


def seen(x: float, scale: float) -> float:
    """How much of a side is inside the frame, as a share of the side."""
    return (min(x + scale, 1) - max(x, 0)) / scale


@given(st.builds(Placing, SHARES, SHARES, st.floats(0, 2)))
def test_enough_of_the_picture_always_stays_in_the_frame(placing) -> None:
    found = placing.bounded()
    assert MIN_SCALE <= found.scale <= MAX_SCALE
    assert min(seen(found.x, found.scale), seen(found.y, found.scale)) >= MIN_SEEN - 1e-9
    assert found.bounded() == found


@given(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.25, 0.5), st.sampled_from(HANDLES), SHARES, SHARES)
def test_pulling_a_side_leaves_the_one_across_from_it(x, y, scale, handle, to_x, to_y) -> None:
    before = Placing(x, y, scale)
    after = before.pulled(handle, to_x, to_y)
    for at, now, side in ((x, after.x, handle[0]), (y, after.y, handle[1])):
        fixed = (1 - side) / 2
        moved = at + fixed * scale - (now + fixed * after.scale)
        low, high = -(1 - MIN_SEEN) * after.scale, 1 - MIN_SEEN * after.scale
        assert abs(moved) < 1e-9 or now in (pytest.approx(low), pytest.approx(high))


def test_a_pulled_corner_lies_under_the_hand() -> None:
    after = Placing(0.1, 0.2, 0.4).pulled((1, 1), 0.8, 0.9)
    assert (after.x, after.y, after.scale) == pytest.approx((0.1, 0.2, 0.7))
    after = Placing(0.3, 0.3, 0.4).pulled((-1, 0), 0.2, 5.0)
    assert (after.x, after.scale) == pytest.approx((0.2, 0.5))
    assert after.y + after.scale / 2 == pytest.approx(0.5)  # an edge leaves the middle of the other way


def test_it_snaps_to_sides_and_middle_and_to_plain_sizes() -> None:
    assert Placing(0.02, 0.48, 0.5).snapped(0.03) == Placing(0.0, 0.5, 0.5)
    assert Placing(0.27, 0.1, 0.5).snapped(0.03) == Placing(0.25, 0.1, 0.5)
    assert Placing(0.27, 0.1, 0.5).snapped(0.01) == Placing(0.27, 0.1, 0.5)
    assert Placing(0.0, 0.0, 0.51).snapped_scale((1, 1), 0.02).scale == 0.5
    met = Placing(0.37, 0.1, 0.62).snapped_scale((1, 0), 0.02)  # its right side meets the frame's
    assert met.x + met.scale == pytest.approx(1.0)


@settings(max_examples=40)
@given(PLACINGS, st.integers(0, 99))
def test_the_frame_has_the_picture_in_its_place_and_the_mask_everywhere_else(placing, seed) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (24, 20, 3), np.uint8)
    frame, mask = placed(picture, placing)
    left, top, width, height = pixel_box(placing, 24, 20)
    inside = np.zeros((24, 20), bool)
    inside[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = True
    assert np.array_equal(mask == 0, inside)
    assert set(np.unique(mask)) <= {0, 255}
    assert frame.shape == picture.shape


def test_an_unscaled_picture_is_kept_bit_for_bit_and_its_border_goes_on() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    frame, mask = placed(picture, Placing())
    assert np.array_equal(frame, picture)
    assert not mask.any()
    frame, mask = placed(picture, Placing(0.25, 0.0, 1.0))
    assert np.array_equal(frame[:, 4:], picture[:, :12])
    assert np.array_equal(frame[:, 0], picture[:, 0])
    assert np.array_equal(mask[:, :4], np.full((16, 4), 255))


def test_a_smaller_picture_is_averaged() -> None:
    picture = np.kron(np.arange(64, dtype=np.uint8).reshape(8, 8), np.ones((2, 2), np.uint8))[..., None]
    frame, _ = placed(np.repeat(picture, 3, axis=2), Placing(0.5, 0.0, 0.5))
    assert np.array_equal(frame[:8, 8:, 0], np.arange(64).reshape(8, 8))
