"""Small dense layers forward and backward, against numpy."""

from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.training.dense_layer import BLOCK, backward, forward, layout_of
from plugins.nerf.field.training.hash_encoding import TILE
from tests.plugins.nerf.field.made_field import make_config, make_weights

SHAPES: dict[str, dict[str, Any]] = {
    "ours": {"n_levels": 10, "density_width": 32, "colour_width": 32},
    "odd widths": {"n_levels": 3, "density_width": 18, "colour_width": 10, "n_density_layers": 2},
    "one layer": {"n_colour_layers": 1, "n_geometry": 8},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_weights_come_back_as_they_were_packed(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    layout, weights = layout_of(config), make_weights(config)
    found = layout.matrices(layout.packed(weights))
    for matrix, expected in zip(found, [*weights.density, *weights.colour], strict=True):
        np.testing.assert_array_equal(matrix, expected)


def test_outputs_that_do_not_fill_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 4"):
        layout_of(make_config(n_geometry=BLOCK + 1))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_forward_and_backward_are_those_of_numpy(shape: dict[str, Any]) -> None:
    config = make_config(**shape)
    layout, weights = layout_of(config), make_weights(config)
    flat, random = layout.packed(weights), np.random.default_rng(1)
    tile = np.zeros((layout.n_rows, TILE), np.float32)
    tile[: config.n_encoded] = random.normal(size=(config.n_encoded, TILE))
    x, seen = tile[: config.n_encoded].copy(), []
    n_density = layout.n_density_layers
    forward(tile, flat, layout.layers, 0, n_density)
    for number, matrix in enumerate(weights.density):
        seen.append(x)
        x = matrix @ x
        x = x if number == n_density - 1 else np.maximum(x, 0)
    np.testing.assert_allclose(tile[layout.geometry_row :][: config.n_geometry], x, rtol=1e-4, atol=1e-5)

    gradient, found = np.zeros_like(tile), np.zeros_like(flat)
    pull = random.normal(size=x.shape).astype(np.float32)
    gradient[layout.geometry_row :][: config.n_geometry] = pull
    backward(tile, gradient, layout.transposed(flat), layout.layers, 0, n_density, layout.layers[0, 1], found)
    for number in range(n_density - 1, -1, -1):
        expected = pull @ seen[number].T
        np.testing.assert_allclose(layout.matrices(found)[number], expected, rtol=1e-3, atol=1e-3)
        pull = (weights.density[number].T @ pull) * ((seen[number] > 0) if number else 1)
    np.testing.assert_allclose(gradient[: config.n_encoded], pull, rtol=1e-3, atol=1e-4)
