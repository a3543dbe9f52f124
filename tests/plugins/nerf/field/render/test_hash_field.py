"""The compiled field against plain numpy, for shapes of our own and of other programs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.nerf.field.model.config import FieldConfig
from plugins.nerf.field.model.footprint import fineness
from plugins.nerf.field.model.numpy_field import NumpyField
from plugins.nerf.field.render.hash_field import (
    BlockWork,
    HashField,
    block_density,
    encode_block,
    pack_field,
    work_blocks,
)
from plugins.nerf.field.render.small_networks import BLOCK, exponential
from plugins.nerf.field.training.hash_encoding import encode
from tests.plugins.nerf.field.made_field import MOVING, make_config, make_occupancy, make_weights
from tests.plugins.nerf.field.plain_field import plain_encoding, plain_field

SHAPES: dict[str, dict[str, Any]] = {
    "ours": {"n_levels": 10, "log2_size": 12, "base_resolution": 16, "growth": 1.5, "density_width": 32},
    "four features": {"n_levels": 5, "n_features": 4, "density_width": 64, "colour_width": 64},
    "one feature": {"n_levels": 3, "n_features": 1},
    "odd sizes": {"n_levels": 3, "n_geometry": 15, "density_width": 18, "n_density_layers": 2, "n_colour_layers": 1},
    "smooth": {"interpolation": "smooth"},
    "bright": {"colour_range": "hdr"},
    "spots": {"is_mip": True},
    "one feature of spots": {"n_levels": 3, "n_features": 1, "is_mip": True},
    "a long box": {"low": (-3.0, 0.0, 1.0), "high": (1.0, 0.5, 9.0)},
}


def points_in(config: FieldConfig, n: int, seed: int = 0) -> tuple[Any, Any]:
    """Positions in the box and unit directions."""
    random = np.random.default_rng(seed)
    positions = random.uniform(config.low, config.high, (n, 3)).astype(np.float32)
    directions = random.normal(size=(n, 3))
    return positions, (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)


def make_field(config: FieldConfig, seed: int = 0, width: float = 0.0) -> HashField:
    return HashField(config, make_weights(config, seed), make_occupancy(config)).seen_by(width)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_density_and_colour_are_those_of_plain_numpy(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    field = make_field(config, width=0.2)
    positions, directions = points_in(config, 1000)
    density, colour = field.density_colour(positions, directions)
    expected_density, expected_colour = plain_field(positions, directions, field.weights, config, widths=0.2)
    np.testing.assert_allclose(density, expected_density, rtol=1e-4)
    np.testing.assert_allclose(colour, expected_colour, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(field.density(positions), density)


@pytest.mark.parametrize("time", [0.0, 0.37, 1.0])
def test_a_field_that_moves_is_at_each_moment_what_plain_numpy_says(time: float) -> None:
    config = make_config(**MOVING)
    field = make_field(config)
    positions, directions = points_in(config, 300)
    density, colour = field.at(time).density_colour(positions, directions)
    expected_density, expected_colour = plain_field(positions, directions, field.weights, config, time)
    np.testing.assert_allclose(density, expected_density, rtol=1e-4)
    np.testing.assert_allclose(colour, expected_colour, rtol=1e-4, atol=1e-5)
    slow = NumpyField(config, field.weights, field.occupancy, time).density_colour(positions, directions)
    np.testing.assert_allclose(slow[0], expected_density, rtol=1e-3)
    np.testing.assert_allclose(slow[1], expected_colour, atol=1e-4)


def test_a_field_that_stands_still_is_itself_at_any_time() -> None:
    field = make_field(make_config())
    assert field.at(0.5) is field


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 300))
def test_any_random_field_and_number_of_points(seed: int, n: int) -> None:
    config = make_config()
    field = make_field(config, seed)
    positions, directions = points_in(config, n, seed)
    density, colour = field.density_colour(positions, directions)
    expected_density, expected_colour = plain_field(positions, directions, field.weights, config)
    np.testing.assert_allclose(density, expected_density, rtol=2e-4)
    np.testing.assert_allclose(colour, expected_colour, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_blocks_are_encoded_as_in_training_and_in_plain_numpy(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    weights = make_weights(config)
    places = np.random.default_rng(1).random((BLOCK, 3), np.float32)
    places[:4] = np.array([[0, 0, 0], [1, 1, 1], [0, 1, 0.5], [1, 0, 1]], np.float32)
    widths = np.linspace(0.01, 1, BLOCK, dtype=np.float32)
    packed = pack_field(config, weights)
    work: BlockWork = work_blocks(packed)
    work.place[:] = np.concatenate([places.T.ravel(), fineness(widths)])
    encode_block(packed, work, BLOCK)
    n_features = config.n_features + config.n_features % 2
    rows = work.encoded[: config.n_levels * n_features * BLOCK].reshape(config.n_levels, n_features, BLOCK)
    found = rows[:, : config.n_features].reshape(-1, BLOCK)
    lost = work.encoded[config.n_levels * n_features * BLOCK :][: config.is_mip * BLOCK].reshape(-1, BLOCK)
    found = np.concatenate([found, lost]).T
    np.testing.assert_allclose(found, plain_encoding(places, weights.grid, config, widths=widths), atol=1e-5)
    if config.n_features % 2 == 0:
        low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
        np.testing.assert_allclose(
            found, encode(low + places * (high - low), weights.grid, config, widths=widths), atol=1e-5
        )


def test_what_a_sample_gives_does_not_depend_on_its_neighbours() -> None:
    config = make_config()
    field = make_field(config)
    positions, directions = points_in(config, 777)
    density, colour = field.density_colour(positions, directions)
    for first, last in ((0, 1), (5, 70), (13, 777)):
        part = field.density_colour(positions[first:last], directions[first:last])
        np.testing.assert_array_equal(part[0], density[first:last])
        np.testing.assert_array_equal(part[1], colour[first:last])


def test_there_is_nothing_outside_the_box() -> None:
    config = make_config()
    field = make_field(config)
    places = np.array([[0, 0, 1.001], [-1.5, 0, 0], [9, 9, 9], [1, 1, 1]], np.float32)
    density = field.density(places)
    np.testing.assert_array_equal(density > 0, [False, False, False, True])
    assert len(field.density(np.empty((0, 3), np.float32))) == 0


def test_hostile_numbers_leave_density_finite_or_nan_but_never_crash() -> None:
    config = make_config()
    weights = make_weights(config)
    weights.density[-1][0] = 1e30
    density = HashField(config, weights, make_occupancy(config)).density(points_in(config, 100)[0])
    assert np.isfinite(density).all()


def test_the_logarithm_of_density_is_the_first_number() -> None:
    config = make_config()
    field = make_field(config)
    work = work_blocks(field.packed)
    raw = block_density(field.packed, work, BLOCK)
    at_corner = field.density(np.array([config.low], np.float32))
    assert np.exp(raw[0]) == pytest.approx(at_corner[0], rel=1e-5)


def test_exponential_is_exact_to_single_precision() -> None:
    values = np.linspace(-87, 87, 16 * BLOCK, dtype=np.float32)
    found = values.copy()
    exponential(found, found.view(np.int32), BLOCK)
    np.testing.assert_allclose(found, np.exp(values.astype(np.float64)), rtol=4e-7)
    clipped = np.array([-1e30, 1e30, -88, 88] * (BLOCK // 4), np.float32)
    exponential(clipped, clipped.view(np.int32), BLOCK)
    assert np.isfinite(clipped).all()
    assert (clipped >= 0).all()
