"""The fused pass of learning, against volume rendering in plain numpy, and its gradients against differences."""

from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from plugins.nerf.field.model.config import FieldConfig
from plugins.nerf.field.render.march import Space
from plugins.nerf.field.training.dense_layer import DenseLayout, layout_of
from plugins.nerf.field.training.density_grid import training_space
from plugins.nerf.field.training.hash_encoding import N_PLACE, TILE, level_table, scatter_tiles
from plugins.nerf.field.training.training_pass import (
    MAX_TILES,
    PassOutcome,
    RayBatch,
    TrainedNetwork,
    learning_pass,
    outcome_space,
    work_space,
)
from tests.plugins.nerf.field.made_field import MOVING, make_config, make_weights
from tests.plugins.nerf.field.plain_field import plain_field

N_GROUPS, N_RAYS, N_WEIGHTY = 4, 240, 10**9
STEP = 0.05


class Case(NamedTuple):
    config: FieldConfig
    layout: DenseLayout
    space: Space
    batch: RayBatch
    grid: Any
    weights: Any


def make_case(**shape: Any) -> Case:
    config = make_config(**shape)
    random, layout = np.random.default_rng(2), layout_of(config)
    cells = (random.random((16, 16, 16)) < 0.7).astype(np.uint8)
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    origin = random.normal(size=(N_RAYS, 3))
    origin *= 3 / np.linalg.norm(origin, axis=1, keepdims=True)
    direction = random.uniform(-1, 1, (N_RAYS, 3)) - origin
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    target, background = random.random((2, N_RAYS, 3), np.float32)
    batch = RayBatch(
        origin.astype(np.float32),
        direction.astype(np.float32),
        target,
        background,
        random.random(N_RAYS, np.float32) - np.float32(0.5),
        random.random(N_RAYS, np.float32),
        random.uniform(0.02, 0.2, N_RAYS).astype(np.float32) * np.float32(config.is_mip),
    )
    made = make_weights(config)
    return Case(config, layout, training_space(cells, low, high, STEP), batch, made.grid, layout.packed(made))


def network_of(case: Case, grid: Any, weights: Any) -> TrainedNetwork:
    config, layout = case.config, case.layout
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    return TrainedNetwork(
        grid,
        config.scales,
        level_table(config.levels),
        config.interpolation == "smooth",
        weights,
        layout.transposed(weights),
        layout.layers,
        layout.n_density_layers,
        layout.geometry_row,
        config.n_geometry,
        layout.colour_row,
        low,
        (1 / (high - low)).astype(np.float32),
    )


def run(case: Case, grid: Any = None, weights: Any = None, n_threads: int = 2) -> PassOutcome:
    work = work_space(n_threads, case.layout.n_rows, N_RAYS // N_GROUPS)
    outcome = outcome_space(N_GROUPS, case.config.n_encoded, case.layout.n_weights)
    network = network_of(case, case.grid if grid is None else grid, case.weights if weights is None else weights)
    learning_pass(case.batch, case.space, network, N_WEIGHTY, 1.0, work, outcome)
    return outcome


def loss_of(case: Case, grid: Any = None, weights: Any = None) -> float:
    return float(run(case, grid, weights).tally[:, 0].sum())


def grid_gradient(case: Case, outcome: PassOutcome) -> Any:
    found, config, n = np.zeros_like(case.grid), case.config, N_GROUPS * MAX_TILES
    scatter_tiles(
        outcome.places.reshape(n, N_PLACE, TILE),
        outcome.counts.reshape(n),
        outcome.gradient.reshape(n, -1, TILE),
        config.scales,
        level_table(config.levels),
        config.interpolation == "smooth",
        found,
    )
    return found


def plain_loss(case: Case) -> float:
    """Squared errors of all rays, one ray at a time and at every step that lies in an occupied cell."""
    config, batch = case.config, case.batch
    low, high = np.array(config.low), np.array(config.high)
    made, total = make_weights(config), 0.0
    made = type(made)(case.grid, made.density, made.colour, np.zeros_like(made.colour_bias))
    for ray in range(N_RAYS):
        origin, direction = batch.origin[ray].astype(np.float64), batch.direction[ray].astype(np.float64)
        ends = np.stack([(low - origin) / direction, (high - origin) / direction])
        t_in, t_out = ends.min(0).max(), ends.max(0).min()
        t = np.arange(t_in + (0.5 + batch.shift[ray]) * STEP, t_out, STEP)
        places = origin + t[:, None] * direction
        cell = ((places - low) / (high - low) * 16).astype(np.int64).clip(0, 15)
        width = t * batch.spread[ray]
        reach = np.floor(width / 2 / (2 / 16) + 0.5)
        is_asked = case.space.distance[0][cell[:, 2], cell[:, 1], cell[:, 0]] <= reach
        places, width = places[is_asked], width[is_asked]
        directions = np.tile(batch.direction[ray], (len(places), 1))
        density, colour = plain_field(
            places.astype(np.float32), directions, made, config, float(batch.time[ray]), width
        )
        through = np.exp(-np.cumsum(np.concatenate([[0], density * STEP])))
        found = ((through[:-1] - through[1:])[:, None] * colour).sum(0) + through[-1] * batch.background[ray]
        total += float(((found - batch.target[ray]) ** 2).sum())
    return total


@pytest.mark.parametrize("shape", [{}, MOVING, {"is_mip": True}])
def test_loss_is_that_of_plain_volume_rendering(shape: dict[str, Any]) -> None:
    case = make_case(**shape)
    assert loss_of(case) == pytest.approx(plain_loss(case), rel=5e-3)  # light below a thousandth is cut off


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"n_density_layers": 2, "interpolation": "smooth", "n_features": 4},
        MOVING,
        {"is_mip": True},
        {**MOVING, "is_mip": True},
    ],
)
def test_gradients_agree_with_differences(shape: dict[str, Any]) -> None:
    case = make_case(**shape)
    outcome = run(case)
    found, step = outcome.weight_gradient.sum(0), 2e-3
    for layer in case.layout.layers:
        way = np.zeros_like(found)
        part = slice(layer[0], layer[0] + layer[1] * layer[2])
        way[part] = found[part] / np.linalg.norm(found[part])
        change = loss_of(case, weights=case.weights + step * way) - loss_of(case, weights=case.weights - step * way)
        assert 2 * (found * way).sum() == pytest.approx(change / (2 * step), rel=0.03)
    gradient = grid_gradient(case, outcome)
    way = gradient / np.linalg.norm(gradient)
    change = loss_of(case, grid=case.grid + 0.01 * way) - loss_of(case, grid=case.grid - 0.01 * way)
    assert 2 * (gradient * way).sum() == pytest.approx(change / 0.02, rel=0.03)


def test_a_pass_leaves_nothing_behind_for_the_next() -> None:
    case = make_case()
    work = work_space(2, case.layout.n_rows, N_RAYS // N_GROUPS)
    outcome = outcome_space(N_GROUPS, case.config.n_encoded, case.layout.n_weights)
    network, seen = network_of(case, case.grid, case.weights), []
    for _ in range(2):
        learning_pass(case.batch, case.space, network, N_WEIGHTY, 1.0, work, outcome)
        seen.append((outcome.weight_gradient.tobytes(), grid_gradient(case, outcome).tobytes(), outcome.tally.copy()))
    assert seen[0][:2] == seen[1][:2]
    np.testing.assert_array_equal(seen[0][2], seen[1][2])


def test_one_thread_gives_the_same_bits_as_two() -> None:
    case = make_case()
    one, two = run(case, n_threads=1), run(case, n_threads=min(2, numba.get_num_threads()))
    assert one.weight_gradient.tobytes() == two.weight_gradient.tobytes()
    np.testing.assert_array_equal(one.tally, two.tally)


def test_a_group_stops_taking_rays_when_it_has_enough() -> None:
    case = make_case()
    work = work_space(1, case.layout.n_rows, N_RAYS // N_GROUPS)
    outcome = outcome_space(N_GROUPS, case.config.n_encoded, case.layout.n_weights)
    learning_pass(case.batch, case.space, network_of(case, case.grid, case.weights), 100, 10.0, work, outcome)
    n_rays, n_samples = outcome.tally[:, 1], outcome.tally[:, 3]
    assert (n_rays < N_RAYS // N_GROUPS).all()
    assert (n_samples >= 100).all()
    assert (outcome.counts.sum(1) >= n_samples).all()


def test_codes_have_the_gradient_of_what_lies_behind_a_layer():
    case = make_case(n_code=4)
    random = np.random.default_rng(4)
    code = random.normal(size=(N_RAYS, 4)).astype(np.float32)
    front = random.uniform(0, 0.5, (N_RAYS, 5)).astype(np.float32)
    front[:, 4] = 1  # so that the errors themselves are the loss
    wide = [(random.normal(size=shape) * 0.4).astype(np.float32) for shape in case.layout.shapes]
    made = make_weights(case.config)
    flat = case.layout.packed(type(made)(made.grid, (*wide[:2],), (*wide[2:],), made.colour_bias))

    def outcome_of(codes: Any) -> PassOutcome:
        batch = case.batch._replace(code=codes, front=front)
        outcome = outcome_space(N_GROUPS, case.config.n_encoded, case.layout.n_weights)
        outcome = outcome._replace(seen=np.full((N_RAYS, 3), np.nan, np.float32), code_gradient=np.zeros_like(codes))
        work = work_space(2, case.layout.n_rows, N_RAYS // N_GROUPS)
        learning_pass(batch, case.space, network_of(case, case.grid, flat), N_WEIGHTY, 1.0, work, outcome)
        return outcome

    found = outcome_of(code)
    error = front[:, :3] + front[:, 3:4] * found.seen - case.batch.target
    assert (error**2).sum() == pytest.approx(found.tally[:, 0].sum(), rel=1e-4)
    step = np.float32(1e-2)
    for number in range(4):
        way = np.zeros_like(code)
        way[:, number] = step
        more, less = (outcome_of(code + sign * way).tally[:, 0].sum() / 2 for sign in (1, -1))
        assert found.code_gradient[:, number].sum() == pytest.approx((more - less) / (2 * step), rel=0.03, abs=0.02)
