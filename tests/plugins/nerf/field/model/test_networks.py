"""The networks in torch against closed forms, plain loops, finite differences and numpy's own integrals."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from plugins.nerf.field.model.config import FieldConfig, NeRFConfig, RaySampling
from plugins.nerf.field.model.networks import (
    PRIMES,
    HashGrid,
    NeRF,
    positional_encoding,
    ray_weights,
    resample,
    sample_steps,
    spherical_harmonics,
)
from studio.api.engine import limited_threads
from tests.plugins.nerf.field.made_field import make_config, make_weights
from tests.plugins.nerf.field.plain_rays import composite, network_of, render_rays, stratified_distances

SMALL_NERF = NeRFConfig(3, 2, 16, 6, (2,), 8)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def unit_vectors(n: int, seed: int = 0) -> Tensor:
    vectors = torch.randn(n, 3, generator=generator(seed))
    return vectors / vectors.norm(dim=-1, keepdim=True)


def encode_by_hand(config: FieldConfig, table: Any, point: Any) -> list[float]:
    """The encoding of one point as the paper words it, in plain Python."""
    levels, features = config.levels, []
    for level in range(config.n_levels):
        place = [float(levels.scale[level]) * x + 0.5 for x in point]
        total = np.zeros(config.n_features)
        for corner in range(8):
            offset = [(corner >> axis) & 1 for axis in range(3)]
            whole = [math.floor(q) + o for q, o in zip(place, offset, strict=True)]
            share = math.prod(
                q - math.floor(q) if o else 1 - (q - math.floor(q)) for q, o in zip(place, offset, strict=True)
            )
            n_points, n_rows = int(levels.resolution[level]), int(levels.n_entries[level])
            if n_points**3 <= n_rows:
                row = whole[0] + whole[1] * n_points + whole[2] * n_points**2
            else:
                row = 0
                for number, prime in zip(whole, PRIMES, strict=True):
                    row ^= number * prime % 2**32
            total += share * table[int(levels.first[level]) + row % n_rows]
        features += total.tolist()
    return features


def test_the_hash_grid_does_what_the_paper_says() -> None:
    config = make_config()
    grid = HashGrid(config)
    assert config.levels.is_dense.any()
    assert not config.levels.is_dense.all()
    torch.nn.init.normal_(grid.table, generator=generator())
    points = torch.rand(40, 3, generator=generator(1))
    points[0], points[1] = 0.0, 1.0
    table = grid.table.detach().double().numpy()
    expected = [encode_by_hand(config, table, point) for point in points.double().tolist()]
    np.testing.assert_allclose(grid(points).detach().numpy(), expected, atol=2e-5)


def test_the_gradient_of_the_hash_grid_is_its_finite_difference() -> None:
    for interpolation in ("linear", "smooth"):
        config = make_config(interpolation=interpolation)
        grid = HashGrid(config).double()
        points = torch.rand(9, 3, generator=generator(2), dtype=torch.float64)
        direction = torch.randn(grid.table.shape, generator=generator(3), dtype=torch.float64)
        toll = torch.randn(9, config.n_encoded, generator=generator(4), dtype=torch.float64)
        (grid(points) * toll).sum().backward()
        assert grid.table.grad is not None
        slope = float((grid.table.grad * direction).sum())
        with torch.no_grad():
            values = []
            for sign in (1, -1):
                grid.table.add_(sign * 1e-3 * direction)
                values.append(float((grid(points) * toll).sum()))
                grid.table.sub_(sign * 1e-3 * direction)
        assert slope == pytest.approx((values[0] - values[1]) / 2e-3, rel=1e-6)


def test_smooth_interpolation_is_flat_at_the_grid_points() -> None:
    config = make_config(interpolation="smooth")
    grid = HashGrid(config).double()
    torch.nn.init.normal_(grid.table)
    at_point = (torch.tensor([[2.0, 2.0, 2.0]], dtype=torch.float64) - 0.5) / float(config.levels.scale[0])
    shifts = torch.tensor([0.0, 1e-4, -1e-4], dtype=torch.float64)[:, None] / float(config.levels.scale[0])
    values = grid(at_point + shifts)[:, : config.n_features].detach()
    assert float((values - values[0]).abs().max()) < 1e-6


def test_spherical_harmonics_are_orthonormal_on_the_sphere() -> None:
    heights, height_weights = np.polynomial.legendre.leggauss(16)
    angles = np.arange(32) * 2 * np.pi / 32
    z, angle = np.meshgrid(heights, angles, indexing="ij")
    radius = np.sqrt(1 - z**2)
    directions = np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=-1).reshape(-1, 3)
    weights = np.repeat(height_weights, 32) * 2 * np.pi / 32
    values = spherical_harmonics(torch.from_numpy(directions)).numpy()
    np.testing.assert_allclose(values.T @ (values * weights[:, None]), np.eye(16), atol=1e-6)


def test_instant_ngp_is_its_matrices() -> None:
    config = make_config()
    weights = make_weights(config)
    model = network_of(config, weights)
    positions = torch.rand(50, 3, generator=generator()) * 3 - 1.5
    directions = unit_vectors(50)
    density, colour = model(positions, directions)
    hidden = model.grid(((positions + 1) / 2).clamp(0, 1)).detach().numpy()
    geometry = np.maximum(hidden @ weights.density[0].T, 0) @ weights.density[1].T
    is_inside = (positions.abs() <= 1).all(-1).numpy()
    np.testing.assert_allclose(density.detach(), np.exp(geometry[:, 0]) * is_inside, rtol=1e-4)
    assert 0 < is_inside.sum() < 50
    hidden = np.concatenate([geometry, spherical_harmonics(directions).numpy()], axis=1) @ weights.colour[0].T
    hidden = np.maximum(hidden + weights.colour_bias, 0)
    raw = np.maximum(hidden @ weights.colour[1].T, 0) @ weights.colour[2].T
    np.testing.assert_allclose(colour.detach(), 1 / (1 + np.exp(-raw)), rtol=1e-4)
    torch.testing.assert_close(model.density(positions), density)
    bright = network_of(make_config(colour_range="hdr"), weights)
    np.testing.assert_allclose(bright(positions, directions)[1].detach(), np.exp(raw.clip(-10, 10)), rtol=1e-3)


def test_weights_of_a_constant_density_are_those_of_the_closed_form() -> None:
    density = torch.full((1, 7), 1.7, dtype=torch.float64)
    step = torch.tensor([[0.1, 0.2, 0.05, 0.3, 0.1, 0.01, 0.4]], dtype=torch.float64)
    ends = step.cumsum(-1)
    expected = (-(ends - step) * 1.7).exp() - (-ends * 1.7).exp()
    torch.testing.assert_close(ray_weights(density, step), expected)


@settings(max_examples=50, deadline=None)
@given(densities=st.lists(st.floats(0, 1e6), min_size=2, max_size=20), step=st.floats(1e-4, 10))
def test_weights_telescope_to_what_is_not_let_through(densities: list[float], step: float) -> None:
    density = torch.tensor([densities], dtype=torch.float64)
    weights = ray_weights(density, torch.full_like(density, step))
    assert bool((weights >= 0).all())
    assert float(weights.sum()) == pytest.approx(1 - math.exp(-sum(densities) * step), abs=1e-9)


def test_a_solid_ray_shows_its_first_colour_and_an_empty_one_the_background() -> None:
    colour = torch.tensor([[[0.2, 0.4, 0.6], [1.0, 0.0, 0.0]]] * 2)
    steps = sample_steps(torch.tensor([[1.0, 2.0]] * 2))
    weights = ray_weights(torch.tensor([[1e6, 1e6], [0.0, 0.0]]), steps)
    found = composite(weights, colour, torch.tensor([0.9, 0.8, 0.7]))
    torch.testing.assert_close(found, torch.tensor([[0.2, 0.4, 0.6], [0.9, 0.8, 0.7]]))


def test_samples_are_drawn_in_proportion_to_the_weights() -> None:
    edges = torch.tensor([[0.0, 1.0, 1.5, 4.0]])
    weights = torch.tensor([[1.0, 3.0, 4.0]])
    for maker in (None, generator()):
        drawn = resample(edges, weights, 40_000, maker)[0]
        shares = torch.histc(drawn[drawn < 1.0], 1, 0, 4) / len(drawn)
        assert float(shares) == pytest.approx(1 / 8, abs=0.01)
        counts = np.histogram(drawn.numpy(), bins=[0, 0.5, 1, 1.5, 2.75, 4])[0] / len(drawn)
        np.testing.assert_allclose(counts, [1 / 16, 1 / 16, 3 / 8, 1 / 4, 1 / 4], atol=0.01)


def test_evenly_drawn_samples_ascend_and_end_at_the_edges() -> None:
    edges = torch.linspace(2, 6, 64)[None].expand(5, -1)
    weights = torch.rand(5, 63, generator=generator()) * (torch.rand(5, 63, generator=generator(1)) > 0.8)
    drawn = resample(edges, weights, 64, None)
    assert bool((drawn.diff(dim=1) >= 0).all())
    torch.testing.assert_close(drawn[:, 0], torch.full((5,), 2.0))
    assert bool((drawn <= 6).all())


def test_a_ray_without_weights_is_sampled_evenly() -> None:
    edges = torch.linspace(2, 6, 9)[None]
    torch.testing.assert_close(resample(edges, torch.zeros(1, 8), 9, None), edges)


def test_stratified_distances_stay_in_their_own_part() -> None:
    even = stratified_distances(2.0, 6.0, (3, 5), None)
    torch.testing.assert_close(even, torch.tensor([[2.0, 3.0, 4.0, 5.0, 6.0]] * 3))
    moved = stratified_distances(2.0, 6.0, (3, 5), generator())
    assert bool((moved >= torch.tensor([2.0, 2.5, 3.5, 4.5, 5.5])).all())
    assert bool((moved <= torch.tensor([2.5, 3.5, 4.5, 5.5, 6.0])).all())
    assert not torch.equal(moved[0], moved[1])


def test_positional_encoding_is_sines_and_cosines_of_doubled_frequencies() -> None:
    values = torch.tensor([[0.3, -0.2, 0.9]])
    encoded = positional_encoding(values, 2)
    waves = [values, values.sin(), values.cos(), (2 * values).sin(), (2 * values).cos()]
    torch.testing.assert_close(encoded, torch.cat(waves, dim=1))


@pytest.mark.parametrize(
    "config",
    [SMALL_NERF, NeRFConfig(3, None, 16, 3, (), 8), NeRFConfig(3, 2, 16, 4, (), 8, False, True)],
    ids=["as in the paper", "without direction", "as of krrish94"],
)
def test_nerf_gives_density_and_colour_and_every_weight_learns(config: NeRFConfig) -> None:
    torch.manual_seed(1)
    network = NeRF(config)
    head = network.output_layer if config.n_direction_frequencies is None else network.density_layer
    torch.nn.init.constant_(head.bias, 1.0)  # so that the density's ReLU is open
    positions = torch.randn(64, 3, generator=generator())
    density, colour = network(positions, unit_vectors(64))
    assert density.shape == (64,)
    assert bool((density >= 0).all())
    assert colour.shape == (64, 3)
    assert bool(((colour > 0) & (colour < 1)).all())
    torch.testing.assert_close(network.density(network.trunk(positions)), density)
    (density.sum() + colour.sum()).backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in network.parameters())


def test_a_nerf_of_the_paper_has_as_many_weights_as_the_published_ones() -> None:
    assert sum(parameter.numel() for parameter in NeRF(NeRFConfig()).parameters()) == 595_844


class Ball(torch.nn.Module):
    """A ball of radius 1 with constant density and colour."""

    def __init__(self, density: float) -> None:
        super().__init__()
        self.inside = density

    def forward(self, positions: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        is_inside = positions.norm(dim=-1) < 1
        return torch.where(is_inside, self.inside, 0.0), torch.full_like(directions, 0.25)


def test_rays_through_a_ball_are_as_dark_as_the_way_is_long() -> None:
    heights = torch.tensor([0.0, 0.5, 0.8, 1.5])
    origins = torch.stack([torch.full_like(heights, -4.0), heights, torch.zeros_like(heights)], dim=1)
    directions = torch.tensor([[2.0, 0.0, 0.0]]).expand(4, 3)  # twice as long, so distances are halved
    sampling = RaySampling(1.0, 3.0, 256, 512)
    coarse, fine = render_rays((Ball(0.7), Ball(0.7)), (origins, directions), sampling, torch.ones(3))
    let_through = (-0.7 * 2 * (1 - heights**2).clamp_min(0).sqrt()).exp()
    expected = (0.25 * (1 - let_through) + let_through)[:, None].expand(4, 3)
    torch.testing.assert_close(fine, expected, atol=4e-3, rtol=0)
    torch.testing.assert_close(coarse, expected, atol=8e-3, rtol=0)


@pytest.mark.long("trains a network")
def test_nerf_learns_a_ball_by_gradient_descent() -> None:
    torch.manual_seed(0)
    networks = (NeRF(SMALL_NERF), NeRF(SMALL_NERF))
    for network in networks:
        torch.nn.init.constant_(network.density_layer.bias, 0.5)  # a ReLU that starts closed may never open
    origins = torch.cat([torch.full((64, 1), -4.0), torch.rand(64, 2, generator=generator()) * 3 - 1.5], dim=1)
    rays = (origins, torch.tensor([[1.0, 0.0, 0.0]]).expand(64, 3))
    wanted = render_rays((Ball(5.0), Ball(5.0)), rays, RaySampling(2.0, 6.0, 64, 64), torch.ones(3))[1]
    optimiser = torch.optim.Adam([p for network in networks for p in network.parameters()], 1e-2)
    losses = []
    with limited_threads(1):
        for _ in range(40):
            coarse, fine = render_rays(networks, rays, RaySampling(2.0, 6.0, 16, 16), torch.ones(3), generator())
            loss = (coarse - wanted).square().mean() + (fine - wanted).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
