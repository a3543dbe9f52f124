"""What is measured of a moment, against pictures of which it is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.shared.measurements import (
    FrameMeasurements,
    likeness,
    measure_forward_frame,
    measure_frame,
    motion_between,
)
from plugins.diffusion.shared.state import NOISE_LEFT, NOISY, PREDICTED, X0_CHANGE
from studio.core.frame import Frame
from studio.core.view import Image

RANDOM = np.random.default_rng(5)
PICTURE = RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)


def frame(step: int, pixels: np.ndarray, noise: float, **scalars: float) -> Frame:
    views = {NOISY: Image(pixels), PREDICTED: Image(pixels)}
    return Frame(step, 11, views=views, scalars={NOISE_LEFT: noise, **scalars})


def test_an_even_shift_is_colour_alone() -> None:
    grey = np.full((64, 64, 3), 100, np.uint8)
    motion = motion_between(grey, grey + 20)
    assert (motion.colour, motion.shape, motion.detail) == pytest.approx((20, 0, 0), abs=1e-4)


def test_stripes_of_one_pixel_are_detail_alone() -> None:
    grey = np.full((64, 64, 3), 100, np.uint8)
    striped = grey.copy()
    striped[:, ::2] += 10
    striped[:, 1::2] -= 10
    motion = motion_between(grey, striped)
    assert (motion.colour, motion.shape, motion.detail) == pytest.approx((0, 0, 10), abs=1e-4)


def test_blocks_of_four_pixels_are_shape_alone() -> None:
    grey = np.full((64, 64), 100, np.uint8)
    board = grey.copy()
    board[(np.indices((64, 64)) // 4).sum(0) % 2 == 0] += 30
    board[(np.indices((64, 64)) // 4).sum(0) % 2 == 1] -= 30
    motion = motion_between(grey, board)
    assert (motion.colour, motion.shape, motion.detail) == pytest.approx((0, 30, 0), abs=1e-4)


@given(st.integers(1, 40), st.integers(1, 40))
def test_nothing_is_lost_between_the_three(height: int, width: int) -> None:
    one, other = (RANDOM.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(2))
    motion = motion_between(one, other)
    whole = float(((one.astype(float) - other) ** 2).mean())
    assert motion.colour**2 + motion.shape**2 + motion.detail**2 <= 3 * whole + 1e-3
    assert motion_between(one, one) == motion_between(other, other)
    assert motion_between(one, one).detail == pytest.approx(0, abs=1e-3)


def test_a_batch_is_measured_item_by_item() -> None:
    """Two colours beside each other that swap are colours of the items, not shapes of one picture."""
    dark, bright = np.zeros((16, 16, 3), np.uint8), np.full((16, 16, 3), 90, np.uint8)
    sheet, swapped = (np.tile(np.hstack(pair), (2, 1, 1)) for pair in ((dark, bright), (bright, dark)))
    motion = motion_between(sheet, swapped, n_columns=2)
    assert (motion.colour, motion.shape, motion.detail) == pytest.approx((90, 0, 0), abs=1e-3)


def test_a_large_picture_is_measured_by_a_part_of_its_pixels() -> None:
    large = np.zeros((1024, 1024, 3), np.uint8)
    assert motion_between(large, large + 8).colour == pytest.approx(8, abs=1e-3)


def test_a_picture_without_colours_is_told_from_one_with() -> None:
    grey = np.repeat(RANDOM.integers(0, 256, (8, 8, 1), dtype=np.uint8), 3, 2)
    assert measure_frame(frame(1, grey, 0.5)).is_grey
    assert measure_frame(frame(1, grey[..., 0], 0.5)).is_grey
    assert not measure_frame(frame(1, PICTURE, 0.5)).is_grey


def test_how_much_is_gone_counts_from_where_the_run_began() -> None:
    first, now = frame(0, PICTURE, 0.5), frame(5, PICTURE, 0.2)
    moment = measure_frame(now, first)
    assert moment.share_gone == pytest.approx(0.6)
    assert (moment.step, moment.n_steps, moment.is_finished, moment.is_first) == (5, 10, False, False)
    assert measure_frame(first, first).is_first
    assert measure_frame(frame(10, PICTURE, 0.0), first).is_finished


def test_signal_to_noise() -> None:
    assert FrameMeasurements("denoising", 1, 2, 0.5).snr_db == pytest.approx(0)
    assert FrameMeasurements("denoising", 1, 2, 1 / 11).snr_db == pytest.approx(10)
    assert FrameMeasurements("denoising", 2, 2, 0.0).snr_db > 90
    assert FrameMeasurements("denoising", 0, 2, 1.0).snr_db < -90


def test_beliefs_are_held_against_the_end_and_the_step_before() -> None:
    end = frame(10, np.full((8, 8, 3), 90, np.uint8), 0.0)
    before, now = (frame(k, np.full((8, 8, 3), v, np.uint8), 0.3, **{X0_CHANGE: 0.25}) for k, v in ((4, 50), (5, 60)))
    moment = measure_frame(now, before=before, end=end)
    assert moment.to_end is not None
    assert moment.since_before is not None
    assert (moment.to_end.colour, moment.since_before.colour) == pytest.approx((30, 10))
    assert moment.belief_change == 0.25


def test_what_cannot_be_measured_is_left_open() -> None:
    bare = Frame(3, 11, scalars={NOISE_LEFT: 0.4})
    other = frame(4, PICTURE[:32], 0.3)
    assert measure_frame(bare, before=other, end=other).to_end is None
    assert measure_frame(other, before=frame(3, PICTURE, 0.4)).since_before is None
    assert measure_forward_frame(bare, other).likeness is None


def test_likeness_falls_as_noise_comes() -> None:
    picture = np.kron(RANDOM.integers(0, 256, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    noise = RANDOM.normal(0, 255, picture.shape)
    likes = []
    for share in (0.0, 0.5, 0.9, 1.0):
        mixed = np.clip((1 - share) * picture + share * noise, 0, 255).astype(np.uint8)
        alike = measure_forward_frame(frame(1, mixed, share), frame(0, picture, 0.0)).likeness
        assert alike is not None
        likes.append(alike)
    assert likes[0] == pytest.approx(1.0, abs=1e-3)
    assert likes == sorted(likes, reverse=True)
    assert abs(likes[-1]) < 0.25
    assert likeness(picture, np.zeros_like(picture)) == 0
