"""Chronos-Bolt: quantiles are those of the library's T5, paths have them as their spread, pins are kept."""

import json
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from plugins.autoregressive.foreign.chronos_bolt import bolt_config, read_bolt_folder
from plugins.autoregressive.importers import ChronosImporter
from plugins.autoregressive.series.engine import BoltEngine
from plugins.autoregressive.series.model.bolt_network import distance_buckets, load_bolt
from plugins.autoregressive.series.model.bolt_paths import (
    TOGETHER,
    BoltPaths,
    PathOutline,
    QuantileSpread,
    predicted_quantiles,
    quantiles_ahead,
    togetherness,
)
from plugins.autoregressive.series.model.config import SeriesUnits
from plugins.autoregressive.series.model.sampling import PathRequest
from plugins.autoregressive.series.params import SeriesParams
from plugins.autoregressive.series.state import started
from studio.api.engine import Device
from studio.cli.info import lines
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.pausing import result_of
from studio.datasets.table.line import SeriesInfo, SeriesLine
from tests.plugins.autoregressive.series.bolt_made import CONFIG, QUANTILES, Reference, arrays, put, write_bolt

CPU = Device("cpu", "float32", 1)
VALUES = 50 + 10 * np.sin(np.arange(120) / 6) + np.random.default_rng(2).normal(size=120)
LINE = SeriesLine(VALUES, SeriesInfo("", "Made", horizon=12))
PARAMS = SeriesParams(seed=4, n_paths=400, horizon=12)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write_bolt(tmp_path_factory.mktemp("models") / "chronos-bolt-made", scale=0.15)


@pytest.fixture
def folder(tmp_path):
    return write_bolt(tmp_path / "made")


@pytest.fixture(scope="module")
def engine(whole):
    return BoltEngine.open(result_of(ChronosImporter().load(whole)), CPU)


def why_not(folder: Path) -> str:
    report = ChronosImporter().describe(folder)
    assert not report.opens
    assert report.family == "autoregressive"
    return report.why_not


# The network


@pytest.mark.parametrize(
    ("changes", "chronos"),
    [
        ({}, {}),
        ({"feed_forward_proj": "gated-gelu"}, {}),
        ({}, {"use_reg_token": False}),
        ({}, {"input_patch_stride": 4}),
    ],
)
def test_quantiles_are_those_of_the_library(tmp_path, changes, chronos):
    folder = write_bolt(tmp_path / "made", chronos, **changes)
    network = load_bolt(read_bolt_folder(folder))
    reference = Reference(folder, load_file(folder / "model.safetensors"))
    random = np.random.default_rng(1)
    for n in (3, 8, 50, 96, 130):
        values = 40 + random.normal(size=n).cumsum()
        np.testing.assert_allclose(
            predicted_quantiles(network, values[None])[0], reference.quantiles(values), rtol=1e-4, atol=1e-4
        )


def test_beyond_what_is_told_at_once_each_quantile_is_a_past(whole):
    network = load_bolt(read_bolt_folder(whole))
    values = LINE.values
    first = predicted_quantiles(network, values[None])[0]
    second = [predicted_quantiles(network, np.append(values, row)[None])[0] for row in first]
    wanted = np.concatenate([first, np.quantile(np.concatenate(second), QUANTILES, axis=0)], 1)[:, :25]
    found = quantiles_ahead(network, values, 25)
    np.testing.assert_allclose(found, np.sort(wanted, axis=0), rtol=1e-4, atol=1e-4)
    assert (np.diff(found, axis=0) >= 0).all()


def test_near_distances_have_a_kind_of_their_own():
    found = distance_buckets(40, bolt_config(CONFIG))
    assert found[5, 3:8].tolist() == [2, 1, 0, 5, 6]  # two behind, one behind, itself, one ahead, two ahead
    assert [int(found[39, 0]), int(found[0, 39])] == [3, 7]
    assert found.max() < 8


# Paths


def made_paths(together: float = 0.6, pins: Any = None, n: int = 4000, temperature: float = 1.0) -> BoltPaths:
    bells = [NormalDist().inv_cdf(level) for level in QUANTILES]
    table = np.array([[100 + 2 * (step + 1) * bell for step in range(8)] for bell in bells])
    outline = PathOutline(
        QuantileSpread(table, tuple(QUANTILES)), together, SeriesUnits(100.0, 10.0, 1.0), float("-inf")
    )
    paths = BoltPaths(outline, PathRequest(n, 8, 3, temperature), pins or {})
    for _ in range(8):
        paths.advance()
    return paths


def test_every_step_is_spread_as_it_was_told():
    paths = made_paths().series_paths
    for step in range(8):
        np.testing.assert_allclose(paths[:, step].std(), 2 * (step + 1), rtol=0.05)
    z = (paths - 100) / (2 * np.arange(1, 9))
    assert np.corrcoef(z[:, 3], z[:, 4])[0, 1] == pytest.approx(0.6, abs=0.04)
    assert np.corrcoef(z[:, 3], z[:, 6])[0, 1] == pytest.approx(0.6**3, abs=0.05)
    assert made_paths(temperature=0.5).series_paths[:, 5].std() == pytest.approx(6, rel=0.05)


def test_paths_through_a_pin_are_drawn_as_those_that_come_there_by_themselves():
    """The exact conditional of a bell-shaped path: mean and deviation before the pin, and behind it."""
    paths = made_paths(0.6, {4: 110.0}).series_paths
    assert np.allclose(paths[:, 4], 110, atol=1e-4)
    z = (paths - 100) / (2 * np.arange(1, 9))
    for step in (0, 2, 3, 5, 7):
        pull = 0.6 ** abs(step - 4)
        assert z[:, step].mean() == pytest.approx(pull * 1.0, abs=0.05)
        assert z[:, step].std() == pytest.approx(np.sqrt(1 - pull**2), rel=0.05)
    two = made_paths(0.6, {1: 104.0, 6: 86.0}).series_paths
    assert np.allclose(two[:, [1, 6]], [104, 86], atol=1e-4)


def test_a_pin_that_nothing_leads_to_is_kept_all_the_same():
    table = np.full((9, 4), 5.0)
    outline = PathOutline(QuantileSpread(table, tuple(QUANTILES)), 0.5, SeriesUnits(5.0, 1.0, 1.0), 0.0)
    paths = BoltPaths(outline, PathRequest(3, 4, 1), {2: 9.0})
    for _ in range(4):
        paths.advance()
    assert paths.series_paths.tolist() == [[5, 5, 9, 5]] * 3


def test_between_quantiles_lies_a_line_and_back():
    spread = QuantileSpread(np.array([[0.0], [1.0], [4.0]]), (0.1, 0.5, 0.9))
    bell = NormalDist().inv_cdf(0.9)
    np.testing.assert_allclose(spread.value(0, np.array([-bell, 0, bell / 2, bell, 2 * bell])), [0, 1, 2.5, 4, 7])
    for value in (-2.0, 0.0, 0.5, 3.0, 9.0):
        assert float(spread.value(0, np.array([spread.z_of(0, value)]))[0]) == pytest.approx(value, abs=1e-6)


def test_on_a_step_without_any_spread_no_value_lies_high_or_low():
    spread = QuantileSpread(np.full((9, 3), 5.0), tuple(QUANTILES))
    assert [spread.z_of(1, value) for value in (4.0, 5.0, 6.0)] == [0, 0, 0]
    table = np.array(
        [[100 + (step != 4) * 2 * NormalDist().inv_cdf(level) for step in range(8)] for level in QUANTILES]
    )
    outline = PathOutline(QuantileSpread(table, tuple(QUANTILES)), 0.6, SeriesUnits(100.0, 10.0, 1.0), float("-inf"))
    paths = BoltPaths(outline, PathRequest(4000, 8, 3, 1.0), {4: 100.0})
    for _ in range(8):
        paths.advance()
    assert np.allclose(paths.series_paths.mean(0), 100, atol=0.15)  # pulled neither up nor down


@pytest.mark.parametrize("level", [0.0, 5.0, 1e6])
def test_an_even_past_says_nothing_of_how_neighbours_go_together(whole, level):
    assert togetherness(load_bolt(read_bolt_folder(whole)), np.full(400, level), 16) == TOGETHER


def test_how_neighbours_go_together_is_measured_on_the_past(whole, monkeypatch):
    """Errors that hang together by 0.8 are found to; a past that is too short says nothing."""
    network, random = load_bolt(read_bolt_folder(whole)), np.random.default_rng(0)
    noise = np.zeros(4000)
    for at in range(1, 4000):
        noise[at] = 0.8 * noise[at - 1] + 0.6 * random.normal()
    bells = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
    monkeypatch.setattr(
        "plugins.autoregressive.series.model.bolt_paths.predicted_quantiles",
        lambda network, known: np.tile(bells[:, None], (len(known), 1, 16)),
    )
    found = [togetherness(network, noise[:end], 16) for end in range(500, 4001, 500)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.08)
    assert togetherness(network, noise[:20], 16) == TOGETHER


# The engine


def test_a_forecast_grows_and_goes_on_bit_for_bit_from_any_frame(engine):
    frames = list(engine.generate(PARAMS, started(LINE, {5: 44.0})))
    assert [frame.step for frame in frames] == list(range(13))
    again = list(engine.generate(PARAMS, frames[4].state))
    for one, two in zip(again, frames[4:], strict=True):
        for name in ("paths", "kept"):
            np.testing.assert_array_equal(one.state[name], two.state[name])
    last = frames[-1]
    table = quantiles_ahead(engine.network, LINE.values, 12)
    free = list(engine.generate(PARAMS, started(LINE)))[-1]
    np.testing.assert_allclose(free.views["curves"].curves["50 %"][-12:], table[4], atol=0.15 * np.ptp(table))
    assert float(last.views["curves"].curves["50 %"][-7]) == pytest.approx(44, abs=1e-3)


def test_drafts_and_tests_on_the_past(engine):
    assert engine.draft(LINE, PARAMS, {3: 60.0}).median[3] == pytest.approx(60, abs=1e-3)
    table = quantiles_ahead(engine.network, LINE.values, 12)
    off = np.abs(engine.draft(LINE, PARAMS, {}).median - table[4]) / (table[-1] - table[0])
    assert off.max() < 0.25  # by the chance of 60 paths
    rows = result_of(engine.back_test(LINE, PARAMS, 2))
    assert rows[0].way == "Forecast"
    assert np.isfinite(rows[0].score.mase)
    short = SeriesLine(LINE.values[:2], LINE.about)
    assert len(list(engine.generate(PARAMS, started(short)))) == 13
    level = SeriesLine(np.full(40, 3.0), LINE.about)
    assert np.isfinite(list(engine.generate(PARAMS, started(level)))[-1].state["paths"]).all()


# What it is


def test_info_tells_the_facts(whole):
    report = inspect_file(whole, [ChronosImporter()])
    assert (report.opens, report.architecture) == (True, "Chronos-Bolt (T5)")
    assert report.n_params == sum(one.numel() for one in arrays(CONFIG).values())
    facts = report.metadata
    assert (facts["patch"], facts["n_context"], facts["n_ahead"]) == (8, 96, 16)
    assert facts["quantiles"] == QUANTILES
    assert any("patches of 8" in line and "9 quantiles from 0.1 to 0.9" in line for line in lines(report))
    assert ChronosImporter().sniff(whole / "config.json") == 0.9
    card = result_of(ChronosImporter().load(whole)).card
    assert (card["kind"], card["id"]) == ("quantiles", "autoregressive/chronos-bolt-made.folder")


def test_copies_and_what_has_no_say_may_be_stored_too(folder):
    path = folder / "model.safetensors"
    width = torch.zeros(16, 16)
    useless = {
        "encoder.embed_tokens.weight": torch.zeros(2, 16),
        "decoder.block.0.layer.0.SelfAttention.q.weight": width,
        "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": torch.zeros(8, 4),
    }
    save_file(load_file(path) | useless | {"other.weight": torch.ones(2)}, path)
    assert ChronosImporter().describe(folder).warnings == ("“other.weight” is not used.",)


@pytest.mark.parametrize(
    ("changes", "chronos", "text"),
    [
        ({}, {"tokenizer_class": "MeanScaleUniformBins"}, "older Chronos"),
        ({"architectures": ["Chronos2Model"]}, {"output_patch_size": 16}, "(Chronos2Model)"),
        ({"d_model": 10**10}, {}, "“d_model” cannot be"),
        ({"d_model": None}, {}, "does not give “d_model”"),
        ({"num_layers": 65}, {}, "“num_layers” cannot be"),
        ({"num_layers": 64, "d_model": 16384, "d_ff": 16384}, {}, "too large"),
        ({"feed_forward_proj": "mish"}, {}, "“feed_forward_proj” cannot be mish"),
        ({"decoder_start_token_id": 2}, {}, "“decoder_start_token_id”"),
        ({"relative_attention_num_buckets": 7}, {}, "“relative_attention_num_buckets”"),
        ({"relative_attention_max_distance": 2}, {}, "“relative_attention_max_distance”"),
        ({"layer_norm_epsilon": -1}, {}, "“layer_norm_epsilon”"),
        ({}, {"quantiles": [0.9, 0.1]}, "“quantiles”"),
        ({}, {"quantiles": [0.1, 1.5]}, "“quantiles”"),
        ({}, {"quantiles": "all"}, "“quantiles”"),
        ({}, {"prediction_length": 10**7}, "“prediction_length”"),
        ({}, {"input_patch_stride": 9}, "“input_patch_stride”"),
        ({}, {"context_length": 4}, "“context_length”"),
        ({"d_ff": 25}, {}, "has the shape 24 x 16, but 25 x 16"),
    ],
)
def test_settings_that_cannot_be_are_named(folder, changes, chronos, text):
    put(folder, chronos, **changes)
    assert text in why_not(folder)


def test_missing_and_broken_files_are_named(folder):
    path = folder / "model.safetensors"
    found = load_file(path)
    save_file({name: one for name, one in found.items() if name != "shared.weight"}, path)
    assert "“shared.weight”" in why_not(folder)
    save_file(found | {"shared.weight": found["shared.weight"] / 0}, path)
    with pytest.raises(UserError, match="not numbers"):
        load_bolt(read_bolt_folder(folder))
    path.write_bytes(path.read_bytes()[:-40])
    assert "cut short" in why_not(folder)
    path.unlink()
    assert "no weights" in why_not(folder)
    (folder / "config.json").write_text("[")
    assert ChronosImporter().sniff(folder) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([*CONFIG, *CONFIG["chronos_config"]]), value=JSON)
def test_whatever_a_setting_is_it_opens_or_says_why(tmp_path, whole, key, value):
    values = json.loads((whole / "config.json").read_text())
    (values["chronos_config"] if key in values["chronos_config"] else values)[key] = value
    (tmp_path / "config.json").write_text(json.dumps(values))
    (tmp_path / "model.safetensors").unlink(missing_ok=True)
    (tmp_path / "model.safetensors").symlink_to(whole / "model.safetensors")
    report = ChronosImporter().describe(tmp_path)
    assert report.opens or report.why_not
