"""The hash grid that learns: values against plain numpy, gradients against differences, the same bits each time."""

from typing import Any

import numpy as np
import pytest
import torch

from plugins.nerf.field.model.config import FieldConfig
from plugins.nerf.field.model.networks import HashGrid
from plugins.nerf.field.training.hash_encoding import TILE, FloatArray, encode, level_table, scatter_tiles, tiles_of
from tests.plugins.nerf.field.made_field import MOVING, make_config
from tests.plugins.nerf.field.plain_field import plain_encoding

SHAPES: dict[str, dict[str, Any]] = {
    "ours": {},
    "four features": {"n_features": 4},
    "smooth": {"interpolation": "smooth"},
    "moving": MOVING,
    "moving smoothly": {**MOVING, "interpolation": "smooth", "n_features": 4},
    "a long box": {"low": (-3.0, 0.0, 1.0), "high": (1.0, 0.5, 9.0), "is_mip": True},
    "spots": {"is_mip": True},
    "moving spots": {**MOVING, "is_mip": True},
    "ten levels": {"n_levels": 10, "log2_size": 14, "base_resolution": 16, "growth": 1.5},
}
EDGES = np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0.5]], np.float32)


WIDTHS = np.random.default_rng(4).uniform(0.01, 1.0, 703).astype(np.float32)
"""Of the pixels that see the places, in world units; fields of points do not mind."""


def made(config: FieldConfig, n: int = 700) -> tuple[Any, Any, Any]:
    """Places in 0..1 with the box's edges among them, the same in world units, and a table."""
    random = np.random.default_rng(3)
    places = np.concatenate([EDGES, random.random((n, 3), np.float32)])
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    grid = random.normal(0, 0.05, (config.levels.n_rows, config.n_features)).astype(np.float32)
    positions = low + places * (high - low)
    return np.clip((positions - low) / (high - low), 0, 1), positions, grid


def made_times(n: int) -> Any:
    """Moments (n,) in 0..1, the first and the last one among them."""
    return np.concatenate([[0, 1], np.random.default_rng(4).random(n - 2)]).astype(np.float32)


def encode_backward(
    positions: FloatArray,
    gradient: FloatArray,
    config: FieldConfig,
    times: FloatArray | float = 0.0,
    widths: FloatArray | float = 0.0,
) -> FloatArray:
    """The gradient (rows, F) of the table, given that (N, L * F) of the features of positions (N, 3)."""
    places, counts = tiles_of(positions, config, times, widths)
    padded = np.zeros((len(places) * TILE, config.n_encoded), np.float32)
    padded[: len(positions)] = gradient
    tiles = np.ascontiguousarray(padded.reshape(len(places), TILE, -1).swapaxes(1, 2))
    grid_gradient = np.zeros((config.levels.n_rows, config.n_features), np.float32)
    is_smooth = config.interpolation == "smooth"
    scatter_tiles(places, counts, tiles, config.scales, level_table(config.levels), is_smooth, grid_gradient)
    return grid_gradient


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_features_are_those_of_plain_numpy_and_of_torch(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    places, positions, grid = made(config)
    times = made_times(len(places))
    encoded = encode(positions, grid, config, times, WIDTHS)
    np.testing.assert_allclose(encoded, plain_encoding(places, grid, config, times, WIDTHS), atol=1e-5)
    reference = HashGrid(config)
    with torch.no_grad():
        reference.table.copy_(torch.from_numpy(grid))
        expected = reference(torch.from_numpy(places), torch.from_numpy(times), torch.from_numpy(WIDTHS)).numpy()
    np.testing.assert_allclose(encoded, expected, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_gradient_is_that_of_torch(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    places, positions, _ = made(config)
    pull = np.random.default_rng(5).normal(size=(len(places), config.n_encoded)).astype(np.float32)
    reference = HashGrid(config)
    times = made_times(len(places))
    reference(torch.from_numpy(places), torch.from_numpy(times), torch.from_numpy(WIDTHS)).backward(
        torch.from_numpy(pull)
    )
    assert reference.table.grad is not None
    found = encode_backward(positions, pull, config, times, WIDTHS)
    np.testing.assert_allclose(found, reference.table.grad.numpy(), atol=3e-4)


def test_gradient_agrees_with_differences() -> None:
    config = make_config()
    _, positions, grid = made(config)
    random = np.random.default_rng(6)
    pull = random.normal(size=(len(positions), config.n_encoded)).astype(np.float32)
    way = random.normal(size=grid.shape).astype(np.float32)
    change = encode(positions, grid + way, config).astype(np.float64) - encode(positions, grid - way, config)
    expected = (change / 2 * pull).sum()  # the encoding is linear in the table
    assert (encode_backward(positions, pull, config).astype(np.float64) * way).sum() == pytest.approx(
        expected, rel=1e-4
    )


def test_two_runs_have_the_same_bits() -> None:
    config = make_config(n_levels=8)
    _, positions, grid = made(config, 5000)
    first, second = (encode_backward(positions, encode(positions, grid, config), config) for _ in range(2))
    assert first.tobytes() == second.tobytes()
