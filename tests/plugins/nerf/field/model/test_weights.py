"""Scenes come back from their file as they were, and a bad file is refused before memory is asked for."""

import contextlib
import json
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from plugins.nerf.field.model.config import FieldConfig
from plugins.nerf.field.model.weights import config_from_values, count_params, load_field, save_field
from studio.core.error import UserError
from tests.plugins.nerf.field.made_field import MOVING, SMALL, make_config, make_occupancy, make_weights

CONFIG = make_config()
N_NUMBERS = count_params(make_weights(CONFIG))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "scene.safetensors"
    save_field(path, CONFIG, make_weights(CONFIG), make_occupancy(CONFIG, 16, 2))
    return path


def test_a_scene_comes_back_bit_for_bit_where_its_numbers_are_halves(saved: Path) -> None:
    parts = load_field(saved, {"n_params": N_NUMBERS})
    weights, occupancy = make_weights(CONFIG), make_occupancy(CONFIG, 16, 2)
    assert parts.config == CONFIG
    for name, array in weights.arrays().items():
        np.testing.assert_array_equal(parts.weights.arrays()[name], array)
        assert parts.weights.arrays()[name].dtype == np.float32
    np.testing.assert_array_equal(parts.occupancy.cells, occupancy.cells)
    np.testing.assert_array_equal(parts.occupancy.low, occupancy.low)
    np.testing.assert_array_equal(parts.occupancy.high, occupancy.high)


def test_a_small_file_is_off_by_half_a_step_of_each_level(tmp_path: Path, saved: Path) -> None:
    path = tmp_path / "small.safetensors"
    weights = make_weights(CONFIG)
    save_field(path, CONFIG, weights, make_occupancy(CONFIG, 16, 2), is_small=True)
    found = load_field(path, {}).weights.grid
    levels = CONFIG.levels
    for first, n_entries in zip(levels.first, levels.n_entries, strict=True):
        level = slice(first, first + n_entries)
        half_step = np.abs(weights.grid[level]).max() / 127 / 2
        assert np.abs(found[level] - weights.grid[level]).max() <= half_step * 1.01 + 1e-6
    assert path.stat().st_size < saved.stat().st_size - weights.grid.size * 0.9


def test_a_scene_that_moves_comes_back(tmp_path: Path) -> None:
    config = make_config(**MOVING)
    assert config.is_moving
    weights, path = make_weights(config), tmp_path / "moving.safetensors"
    save_field(path, config, weights, make_occupancy(config), is_small=True)
    found = load_field(path, {"n_params": count_params(weights)})
    assert found.config == config
    assert np.abs(found.weights.grid - weights.grid).max() < np.abs(weights.grid).max() / 200


def test_a_card_that_counts_other_numbers_is_refused(saved: Path) -> None:
    with pytest.raises(UserError, match="another one"):
        load_field(saved, {"n_params": N_NUMBERS + 1})


def rewrite(path: Path, metadata: dict[str, str] | None = None, **arrays: Any) -> Path:
    """Write the file again with some arrays changed, or left out where they are None."""
    kept = {name: array for name, array in {**load_file(path), **arrays}.items() if array is not None}
    standard = {"architecture": "InstantNGP", "config": json.dumps({**SMALL, **REST})}
    save_file(kept, path, metadata=standard if metadata is None else metadata)
    return path


REST = {"interpolation": "linear", "colour_range": "unit"}
BAD_CONFIGS: dict[str, dict[str, Any]] = {
    "negative size": {"n_levels": -1},
    "no levels": {"n_levels": 0},
    "too many levels": {"n_levels": 10**9},
    "a huge table": {"log2_size": 60},
    "a whole number as text": {"n_levels": "4"},
    "a truth value": {"n_levels": True},
    "knots without end": {"n_moving_levels": 16, "n_knots": 1000, "knot_growth": 16.0},
    "knots that shrink": {"n_moving_levels": 1, "knot_growth": 0.5},
    "growth below one": {"growth": 0.5},
    "growth not a number": {"growth": float("nan")},
    "growth of a whole number": {"growth": 2},
    "endless resolution": {"growth": 16.0, "n_levels": 32},
    "a box inside out": {"low": [1.0, 1.0, 1.0], "high": [0.0, 0.0, 0.0]},
    "an infinite box": {"high": [float("inf"), 1.0, 1.0]},
    "a flat box": {"high": [1.0, 1.0, -1.0]},
    "a box of two numbers": {"low": [0.0, 0.0]},
    "a box of text": {"low": ["0", "0", "0"]},
    "wide networks": {"density_width": 10**6},
    "an unknown interpolation": {"interpolation": "cubic"},
    "a list for a word": {"interpolation": ["linear"]},
    "an unknown range": {"colour_range": "xyz"},
    "a key too many": {"surprise": 1},
}


@pytest.mark.parametrize("changes", BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_impossible_configurations_are_refused(saved: Path, changes: dict[str, Any]) -> None:
    text = json.dumps({**SMALL, **REST, **changes})
    with pytest.raises(UserError, match="sizes"):
        load_field(rewrite(saved, {"architecture": "InstantNGP", "config": text}), {})


BAD_METADATA = {
    "none": {},
    "another program": {"architecture": "VAE", "config": "{}"},
    "no configuration": {"architecture": "InstantNGP"},
    "no json": {"architecture": "InstantNGP", "config": "{"},
    "a list": {"architecture": "InstantNGP", "config": "[]"},
    "deeply nested": {"architecture": "InstantNGP", "config": "[" * 100_000},
}


@pytest.mark.parametrize("metadata", BAD_METADATA.values(), ids=BAD_METADATA.keys())
def test_strange_metadata_is_refused(saved: Path, metadata: dict[str, str]) -> None:
    with pytest.raises(UserError):
        load_field(rewrite(saved, metadata), {})


BAD_ARRAYS: dict[str, dict[str, Any]] = {
    "no grid": {"grid": None},
    "no network": {"colour.1": None},
    "no occupancy": {"occupancy": None},
    "a grid of another size": {"grid": np.zeros((3, 2), np.float16)},
    "a whole-number network": {"density.0": np.zeros((16, 8), np.int64)},
    "not a number": {"density.0": np.full((16, 8), np.nan, np.float16)},
    "infinite": {"colour.0": np.full((16, 32), np.inf, np.float16)},
    "int8 without steps": {"grid": np.zeros((CONFIG.levels.n_rows, 2), np.int8)},
    "occupancy of floats": {"occupancy": np.zeros((1, 8, 8, 1), np.float32)},
    "occupancy that is no cube": {"occupancy": np.zeros((1, 8, 16, 1), np.uint8)},
    "occupancy of two dimensions": {"occupancy": np.zeros((8, 1), np.uint8)},
    "too many cascades": {"occupancy": np.zeros((9, 8, 8, 1), np.uint8)},
    "no cascade": {"occupancy": np.zeros((0, 8, 8, 1), np.uint8)},
    "a box inside out": {"occupancy.box": np.array([[1, 1, 1], [0, 0, 0]], np.float32)},
}


@pytest.mark.parametrize("arrays", BAD_ARRAYS.values(), ids=BAD_ARRAYS.keys())
def test_arrays_that_do_not_fit_are_refused(saved: Path, arrays: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        load_field(rewrite(saved, **arrays), {})


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(UserError, match="missing"):
            load_field(path, {})


def test_a_claimed_header_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "lie.safetensors"
    path.write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(UserError, match="damaged"):
        load_field(path, {})


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_cut_and_flipped_files_never_crash(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("flip") / "scene.safetensors"
    save_field(path, CONFIG, make_weights(CONFIG), make_occupancy(CONFIG))
    content = bytearray(path.read_bytes())
    content = content[: data.draw(st.integers(1, len(content)))]
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, min(len(content), 3000) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with contextlib.suppress(UserError):
        load_field(path, {})


def test_plain_values_make_the_same_configuration() -> None:
    assert config_from_values({**SMALL, **REST, "low": [-1.0] * 3, "high": [1.0] * 3}) == FieldConfig(**SMALL)


def test_a_configuration_of_earlier_days_knows_no_spots() -> None:
    values = asdict(CONFIG)
    del values["is_mip"]
    assert config_from_values(values) == CONFIG
    with pytest.raises(UserError):
        config_from_values({**values, "is_mip": "yes"})
