"""The forecaster: it never looks ahead, its distributions are whole, and its steps are those of the whole pass."""

import numpy as np
import pytest
import torch

from plugins.autoregressive.series.model.config import ForecastConfig, Season, units_of
from plugins.autoregressive.series.model.forecaster import (
    N_FEATURES,
    N_TERMS,
    KnownSeries,
    LogisticMixture,
    features_at,
    lags_of,
    laid_out,
    load_forecaster,
    save_forecaster,
)
from plugins.autoregressive.series.training.data import Windows, made_up
from plugins.autoregressive.series.training.recipe import N_SETTLING, surprise
from studio.core.error import UserError
from tests.plugins.autoregressive.series.forecast_made import CONFIG, made_forecaster, made_values

N = 12


def batch_of(values=None, season=Season(7, 14), n_ahead=N):  # noqa: B008  # frozen
    known = KnownSeries(made_values() if values is None else values, season)
    return laid_out([known], CONFIG, n_ahead)


def said_of(network, batch, values=None):
    values = batch.values if values is None else values
    steps = torch.arange(CONFIG.n_back, values.shape[1])
    return network(features_at(values, batch.n_unknown, batch.lags, steps, batch.spread))[0]


def test_a_value_changes_nothing_that_is_said_before_or_of_it():
    network, batch = made_forecaster(), batch_of()
    before = said_of(network, batch)
    for place in range(CONFIG.n_back, batch.values.shape[1]):
        other = batch.values.clone()
        other[0, place] += 3
        after = said_of(network, batch, other)
        index = place - CONFIG.n_back
        for name in ("log_weights", "means", "log_scales"):
            assert torch.equal(getattr(before, name)[:, : index + 1], getattr(after, name)[:, : index + 1])
        if index + 1 < after.means.shape[1]:
            assert not torch.equal(before.means[:, index + 1], after.means[:, index + 1])


def test_no_gradient_comes_from_what_is_not_known_yet():
    network, batch = made_forecaster(), batch_of()
    values = batch.values.clone().requires_grad_()
    said = said_of(network, batch, values)
    index = 9
    said.means[0, index].sum().backward()
    place = CONFIG.n_back + index
    assert (values.grad[0, place:] == 0).all()
    assert (values.grad[0, :place] != 0).any()


def test_what_is_not_known_makes_no_difference():
    """A short series has nothing before its beginning, whatever stands there."""
    network, batch = made_forecaster(), batch_of(made_values(25))
    n_unknown = int(batch.n_unknown[0])
    assert n_unknown == CONFIG.n_known + N - 25
    other = batch.values.clone()
    other[:, :n_unknown] = 99
    late = slice(n_unknown + 1 - CONFIG.n_back, None)
    first, second = said_of(network, batch), said_of(network, batch, other)
    steps = torch.arange(n_unknown + 1, batch.values.shape[1])
    seen = [features_at(v, batch.n_unknown, batch.lags, steps, batch.spread) for v in (batch.values, other)]
    assert torch.equal(seen[0].features, seen[1].features)
    assert torch.equal(seen[0].base, seen[1].base)
    assert first.means[:, late].shape == second.means[:, late].shape


def test_features_against_the_values_by_hand():
    values = torch.arange(40.0)[None] ** 2
    lags = lags_of(torch.tensor([4]), torch.tensor([8]))
    seen = features_at(values, torch.tensor([0]), lags, torch.tensor([30]), torch.tensor([1.0]))
    v = values[0]
    assert seen.base.item() == v[26]
    wanted = [
        v[29] - v[25],
        v[28] - v[24],
        v[26] - v[22],
        v[25] - v[21],
        v[22] - v[18],
        v[29] - v[28],
        v[28] - v[27],
        v[26] - v[25],
        v[27] - v[26],
        v[29] - v[26],
        -v[26],
        v[22] - v[18],
        v[21] - v[17],
        v[22] - v[26],
    ]
    assert seen.terms.shape == (1, 1, N_TERMS)
    assert seen.features.shape == (1, 1, N_FEATURES)
    assert torch.equal(seen.terms[0, 0], torch.stack(wanted).clamp(-30, 30))


def mixture():
    torch.manual_seed(4)
    return LogisticMixture(
        torch.log_softmax(torch.randn(1, 1, 3), -1), torch.randn(1, 1, 3), torch.randn(1, 1, 3) * 0.4
    )


def test_a_mixture_is_whole():
    said, grid = mixture(), torch.linspace(-60, 60, 240_001, dtype=torch.float64)
    wide = LogisticMixture(*(getattr(said, name).double() for name in ("log_weights", "means", "log_scales")))
    density = wide.log_density(grid[None]).exp()[0]
    assert torch.trapezoid(density, grid).item() == pytest.approx(1, abs=1e-6)


def test_the_slope_of_a_density_is_that_of_finite_differences():
    said = mixture()
    wide = LogisticMixture(*(getattr(said, name).double() for name in ("log_weights", "means", "log_scales")))
    value = torch.tensor([[0.3]], dtype=torch.float64, requires_grad=True)
    wide.log_density(value).sum().backward()
    step = 1e-5
    apart = (wide.log_density(value.detach() + step) - wide.log_density(value.detach() - step)) / (2 * step)
    assert value.grad is not None
    assert value.grad.item() == pytest.approx(apart.item(), rel=1e-6)


def test_drawn_values_have_the_distribution_that_was_said():
    said, n = mixture(), 200_000
    many = LogisticMixture(*(getattr(said, name).expand(n, 1, 3) for name in ("log_weights", "means", "log_scales")))
    drawn = many.drawn(torch.rand(n, 1, 2, generator=torch.Generator().manual_seed(5)))[:, 0]
    for value in (-1.0, 0.0, 1.5):
        shares = torch.sigmoid((value - said.means) * torch.exp(-said.log_scales))
        wanted = (said.log_weights.exp() * shares).sum().item()
        assert (drawn <= value).float().mean().item() == pytest.approx(wanted, abs=4e-3)


def test_no_temperature_is_the_likeliest_part_and_nothing_beside_it():
    said = mixture()
    drawn = said.drawn(torch.tensor([[[0.5, 0.9]]]), 1e-3)
    likeliest = said.log_weights.argmax()
    assert drawn.item() == pytest.approx(said.means[0, 0, likeliest].item(), abs=0.05)


def test_units_are_those_of_the_seasonal_difference():
    values = np.array([1.0, 5.0, 2.0, 7.0, 3.0, 9.0])
    units = units_of(values, Season(2), ForecastConfig(n_context=4, n_back=10))
    assert units.scale == pytest.approx(np.abs(values[2:] - values[:-2]).mean())
    assert units.level == pytest.approx(values[-4:].mean())
    assert units.back(units.of(values)) == pytest.approx(values, abs=1e-5)


def test_a_flat_series_has_a_unit_too():
    units = units_of(np.full(50, 3.0), Season(7), CONFIG)
    assert units.scale > 0
    assert units.spread == 0.5


def test_the_sizes_of_a_file_are_checked(tmp_path):
    with pytest.raises(UserError):
        ForecastConfig(width=0)
    with pytest.raises(UserError):
        Season(0)
    network = made_forecaster()
    save_forecaster(tmp_path / "a.safetensors", network)
    again = load_forecaster(tmp_path / "a.safetensors")
    assert again.config == CONFIG
    for one, other in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, other, atol=2e-3)


def test_windows_are_drawn_by_number():
    windows = Windows([KnownSeries(made_values(), Season(7))], CONFIG, 3, 2, 9, torch.device("cpu"))
    first, again, other = windows.draw(4, 0), windows.draw(4, 0), windows.draw(5, 0)
    assert torch.equal(first.values, again.values)
    assert not torch.equal(first.values, other.values)
    assert first.values.shape[0] == 5
    assert torch.isfinite(surprise(made_forecaster(), first)).all()
    assert surprise(made_forecaster(), first).shape[1] == first.values.shape[1] - CONFIG.n_back - N_SETTLING


def test_made_up_series_are_finite_and_of_all_kinds():
    seasons = set()
    for seed in range(60):
        values, season = made_up(np.random.default_rng(seed), 500)
        assert np.isfinite(values).all()
        assert len(values) <= 500
        seasons.add(season)
    assert len(seasons) > 6


def test_units_shift_and_stretch_with_a_series():
    values = made_values()
    one, other = (units_of(v, Season(7), CONFIG) for v in (values, 3 * values + 10))
    wanted = (3 * one.level + 10, 3 * one.scale, one.spread)
    assert (other.level, other.scale, other.spread) == pytest.approx(wanted)
