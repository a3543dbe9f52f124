"""Values along directions and places on the map are each other's inverse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.vae.shared.atlas import MAX_PLACES, build_atlas, usual_gap
from studio.core.error import UserError
from tests.plugins.vae.atlas_made import digit_atlas, letter_atlas

ATLASES = st.sampled_from([letter_atlas(), letter_atlas(6), digit_atlas()])
NUMBER = st.floats(-8, 8, width=32)


def place(data, atlas):
    n = atlas.places.shape[1]
    return np.array(data.draw(st.lists(NUMBER, min_size=n, max_size=n)), np.float32)


@given(ATLASES, st.data())
def test_the_values_of_a_place_lead_back_to_it(atlas, data):
    z = place(data, atlas)
    assert atlas.values(z) @ atlas.vectors == pytest.approx(z, abs=1e-4)


@given(ATLASES, st.data(), NUMBER)
def test_moving_along_a_direction_sets_its_value_and_keeps_the_others(atlas, data, value):
    z = place(data, atlas)
    index = data.draw(st.integers(0, len(atlas.directions) - 1))
    expected = atlas.values(z)
    expected[index] = value
    moved = atlas.moved(z, index, value)
    assert moved.dtype == np.float32
    assert atlas.values(moved) == pytest.approx(expected, abs=1e-4)


@given(ATLASES, st.data(), NUMBER, NUMBER)
def test_a_place_from_the_map_lies_there_and_keeps_the_rest(atlas, data, x, y):
    z = place(data, atlas)
    moved = atlas.from_map(x, y, z)
    assert atlas.on_map(moved) == pytest.approx([x, y], abs=1e-4)
    across = np.eye(len(z), dtype=np.float32) - atlas.map_axes.T @ atlas.map_axes
    assert across @ moved == pytest.approx(across @ z, abs=1e-4)
    assert atlas.from_map(*atlas.on_map(z), z) == pytest.approx(z, abs=1e-4)


def test_one_place_and_many_lie_on_the_map_alike():
    atlas = letter_atlas()
    assert np.array_equal(atlas.on_map(atlas.places)[2], atlas.on_map(atlas.places[2]))


def test_the_usual_gap_is_the_median_distance_to_the_nearest_other():
    assert usual_gap(np.array([[0.0], [1.0], [3.0], [30.0]], np.float32)) == pytest.approx(1.5)
    assert usual_gap(np.zeros((3, 2), np.float32)) == 0.0


def card_and_arrays():
    axis = {"title": "Shape 1", "effect": 0.1, "trained_range": [-1, 1], "is_visible": True, "kind": "shape"}
    places, labels = np.eye(4, 2, dtype=np.float32), np.array([0, 3, 9, 9], np.uint8)
    return {"axes": [axis, axis]}, {"directions": np.eye(2, dtype=np.float32), "places": places, "labels": labels}


def test_an_atlas_is_made_of_card_and_arrays():
    card, arrays = card_and_arrays()
    atlas = build_atlas(card, arrays, 2)
    assert atlas.groups is not None
    assert (atlas.names, atlas.groups.tolist()) == (("0", "3", "9", "9"), [0, 3, 9, 9])


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": np.zeros((MAX_PLACES + 1, 2), np.float32), "labels": np.zeros(MAX_PLACES + 1, np.uint8)},
        {"directions": np.zeros((3, 2), np.float32)},
        {"directions": np.zeros((2, 2), np.float32)},
        {"labels": np.array([0, 1, 2, 10], np.uint8)},
        {"labels": np.array([0, 1, 2], np.uint8)},
        {"map_mean": np.float32(0)},
    ],
)
def test_arrays_that_do_not_fit_are_refused_before_they_cost_anything(wrong):
    card, arrays = card_and_arrays()
    with pytest.raises(UserError):
        build_atlas(card, arrays | wrong, 2)
