"""Differences of pictures against loops over every pixel, and their colours."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from studio.core.view import Field, Image, Tokens, View
from studio.render.colour_map import AMOUNT_COLOURS, SIGN_COLOURS, coloured_amount, coloured_sign
from studio.render.difference import amount, brightness_difference, colour_difference, comparable_pixels
from studio.render.pixel import enlarge_smooth

BLACK, WHITE = np.zeros((3, 4, 3), np.uint8), np.full((3, 4, 3), 255, np.uint8)
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from([0, 3]))


@st.composite
def pairs(draw):
    height, width, channels = draw(SHAPES)
    shape = (height, width, channels) if channels else (height, width)
    return draw(arrays(np.uint8, shape)), draw(arrays(np.uint8, shape))


@given(pairs())
def test_both_maps_against_a_loop_over_every_pixel(pair):
    a, b = pair
    far, bright = colour_difference(a, b), brightness_difference(a, b)
    assert far.dtype == bright.dtype == np.float32
    assert far.shape == bright.shape == a.shape[:2]
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            way = np.atleast_1d(b[y, x].astype(float) - a[y, x].astype(float)) / 255
            luma = way[0] if way.size == 1 else 0.2126 * way[0] + 0.7152 * way[1] + 0.0722 * way[2]
            assert far[y, x] == pytest.approx(math.sqrt((way**2).sum() / way.size), abs=1e-6)
            assert bright[y, x] == pytest.approx(luma, abs=1e-6)
    figures = amount(bright)
    assert figures.rms == pytest.approx(math.sqrt(sum(float(v) ** 2 for v in bright.flat) / bright.size), abs=1e-6)
    assert figures.largest == pytest.approx(max(abs(float(v)) for v in bright.flat), abs=1e-7)


@given(pairs())
def test_the_order_turns_the_sign_only(pair):
    a, b = pair
    assert np.array_equal(colour_difference(a, b), colour_difference(b, a))
    assert np.array_equal(brightness_difference(a, b), -brightness_difference(b, a))
    assert amount(colour_difference(a, a)).largest == 0


def test_black_and_white_are_as_different_as_can_be():
    assert amount(colour_difference(BLACK, WHITE)) == amount(np.ones((3, 4), np.float32))
    assert (brightness_difference(BLACK, WHITE) == 1).all()
    assert (brightness_difference(WHITE, BLACK[..., 0]) == -1).all()


def test_different_sizes_meet_at_the_larger_width_and_height():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 256, (4, 9), np.uint8), rng.integers(0, 256, (6, 5, 3), np.uint8)
    expected = colour_difference(np.stack([enlarge_smooth(a, 9, 6)] * 3, axis=-1), enlarge_smooth(b, 9, 6))
    assert expected.shape == (6, 9)
    assert np.array_equal(colour_difference(a, b), expected)


def pixels_of(view: View) -> np.ndarray:
    pixels = comparable_pixels(view)
    assert pixels is not None
    return pixels


def test_what_a_view_looks_like():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert comparable_pixels(Image(pixels)) is pixels
    depth = Field(np.array([[1.0, 3.0, 5.0, 9.0, np.nan]], np.float32), "depth", 1.0, 5.0)
    assert pixels_of(depth).tolist() == [[0, 128, 255, 255, 0]]
    planes = Field(np.zeros((2, 3, 4), np.float32), "attention", 0.0, 0.0)
    assert pixels_of(planes).shape == (3, 8)
    assert comparable_pixels(Tokens(("a",))) is None
    assert comparable_pixels(None) is None


def test_a_shape_is_black_on_white():
    inside, outside = np.full((64, 64), 9, np.float32), np.full((64, 64), -9, np.float32)
    drawn = pixels_of(Field(inside, "distance", -8, 8))
    assert (drawn.shape, drawn[256, 256], drawn[0, 0]) == ((512, 512), 0, 255)
    assert pixels_of(Field(outside, "distance", -8, 8)).min() == 255


def test_a_long_word_is_drawn_low_enough_to_scrub_through():
    letters = np.full((12, 64, 64), -9, np.float32)
    letters[:, 20:40, 20:40] = 9
    height, width = pixels_of(Field(letters, "distance", -8, 8)).shape
    assert width == pytest.approx(1024, abs=12)
    assert height * 6.5 == pytest.approx(width, rel=0.02)


def brightness(colours: np.ndarray) -> np.ndarray:
    linear = np.where(colours <= 10, colours / 255 / 12.92, ((colours / 255 + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_more_is_always_brighter():
    assert (np.diff(brightness(AMOUNT_COLOURS.astype(float))) > -1e-3).all()
    assert brightness(AMOUNT_COLOURS[[255]].astype(float)) > 10 * brightness(AMOUNT_COLOURS[[0]].astype(float))


def test_the_middle_of_the_signed_colours_is_the_brightest():
    light = brightness(SIGN_COLOURS.astype(float))
    assert light.argmax() in (127, 128)
    assert (np.diff(light[:127]) > -1e-3).all()
    assert (np.diff(light[129:]) < 1e-3).all()


def test_values_find_their_colours():
    values = np.array([[-1.0, 0.0, 0.5, 1.0, 2.0]], np.float32)
    assert (coloured_amount(values)[0] == AMOUNT_COLOURS[[0, 0, 128, 255, 255]]).all()
    assert (coloured_sign(values)[0] == SIGN_COLOURS[[0, 128, 191, 255, 255]]).all()
