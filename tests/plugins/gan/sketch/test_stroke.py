"""Drawings as JSON and as the state of a frame: back as they were, and refused where they are none."""

import json
import math

import numpy as np
import pytest

from plugins.gan.sketch.state import (
    MAX_STROKES,
    DrawStroke,
    ends_of_frames,
    from_json,
    from_state,
    rounded_point,
    to_json,
    to_state,
)
from studio.core.error import UserError

DRAWING = (
    DrawStroke("pen", ((1.25, 2.0), (3.5, 60.01))),
    DrawStroke("colour", ((10.0, 10.0),), 5.0, (200, 30, 7), True),
    DrawStroke("fill", ((63.99, -3.0),), 1.0, (0, 255, 0)),
    DrawStroke("eraser", ((0.0, 0.0), (64.0, 64.0), (0.07, 64.0)), 6.3),
)


def test_a_drawing_survives_json_and_the_state_of_a_frame():
    assert from_json(json.loads(json.dumps(to_json(DRAWING)))) == DRAWING
    for n_drawn in range(5):
        assert from_state(to_state(DRAWING, n_drawn)) == (DRAWING, n_drawn)
    assert from_state(to_state((), 0)) == ((), 0)


def test_a_stroke_grows_only_where_it_moves():
    stroke = DrawStroke("pen", ((1.0, 1.0),))
    assert stroke.longer((1.001, 1.004)) is stroke
    assert stroke.longer((2.0, 1.0)).points == ((1.0, 1.0), (2.0, 1.0))
    assert rounded_point(1e9, -1e9) == (96.0, -32.0)


@pytest.mark.parametrize(
    "stroke",
    [
        ["brush", 2, [0, 0, 0], False, [1, 2]],
        ["pen", 2, [0, 0, 0], False, []],
        ["pen", 2, [0, 0, 0], False, [1, 2, 3]],
        ["pen", 2, [0, 0, 0], False, [1, math.inf]],
        ["pen", math.nan, [0, 0, 0], False, [1, 2]],
        ["pen", 99, [0, 0, 0], False, [1, 2]],
        ["pen", 2, [0, 0, 256], False, [1, 2]],
        ["pen", 2, [0, 0], False, [1, 2]],
        ["pen", "wide", [0, 0, 0], False, [1, 2]],
        ["pen", 2, [0, 0, 0], False],
        ["pen", 2, [0, 0, 0], False, "12"],
        7,
    ],
)
def test_what_is_no_stroke_is_refused(stroke):
    with pytest.raises(UserError):
        from_json([stroke])


def test_too_much_is_refused():
    one = ["pen", 2.0, [0, 0, 0], False, [1.0, 2.0]]
    assert len(from_json([one] * MAX_STROKES)) == MAX_STROKES
    with pytest.raises(UserError):
        from_json([one] * (MAX_STROKES + 1))
    with pytest.raises(UserError):
        from_json([["pen", 2.0, [0, 0, 0], False, [1.0, 2.0] * 31_000]] * 2)


def test_arrays_that_are_no_drawing_are_refused():
    state = to_state(DRAWING, 2)
    for name, wrong in (
        ("strokes", np.zeros((3, 6), np.float32)),
        ("strokes", state["strokes"] * np.float32(9)),
        ("points", state["points"][:-1]),
        ("points", state["points"] * np.float32(np.nan)),
    ):
        with pytest.raises(UserError):
            from_state({**state, name: wrong})
    with pytest.raises(UserError):
        from_state({"z": state["points"]})


def test_frames_of_a_replay_end_with_strokes_and_the_last_one_shows_all():
    assert ends_of_frames(DRAWING, 10) == [1, 2, 3, 4]
    assert ends_of_frames((), 10) == [0]
    many = ends_of_frames(DRAWING * 30, 48)
    assert len(many) == 48
    assert many[-1] == 120
    assert many == sorted(set(many))
