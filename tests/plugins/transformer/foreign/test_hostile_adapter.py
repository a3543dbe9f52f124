"""Adapters that are broken, or want what cannot be, are refused with a sentence; those of our own writer come back."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from plugins.transformer.adapter_importer import AdapterImporter
from plugins.transformer.foreign.adapter.adaptable import AdaptableBase
from plugins.transformer.foreign.adapter.file import place_of, read_adapter, save_adapter, save_folder, settings_of
from plugins.transformer.foreign.adapter.settings import read_settings
from plugins.transformer.foreign.hf.folder import ADAPTER
from plugins.transformer.foreign.loading import arranged
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.low_rank import Adapter
from studio.api.engine import Device
from studio.core.adapter_strength import AdapterStrength
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.bare_adapter import DOWN, SETTINGS, WEIGHTS, Q, arrays, parts_of, write_adapter
from tests.plugins.transformer.foreign.bare_folder import put, write_bare

CPU = Device("cpu", "float32", 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An adapter beside its base."""
    write_bare(tmp_path / "base")
    return write_adapter(tmp_path / "adapter")


def _open(folder: Path) -> TransformerEngine:
    return TransformerEngine.open(result_of(AdapterImporter().load(folder)), CPU)


def _why_not(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        _open(folder)
    return str(caught.value)


def test_what_it_adds_is_the_product_of_its_arrays(folder):
    engine, found = _open(folder), arrays()
    down: Any = engine.decoder.get_submodule("blocks.1.mlp.down").weight
    before: Any = engine._untuned.get_submodule("blocks.1.mlp.down").weight
    wanted = 1.5 * found[f"{DOWN}.lora_B.weight"] @ found[f"{DOWN}.lora_A.weight"]
    assert torch.allclose(down - before, torch.from_numpy(wanted), atol=1e-6)
    untouched: list[Any] = [one.get_submodule("blocks.0.mlp.down") for one in (engine.decoder, engine._untuned)]
    assert untouched[0].weight.data_ptr() == untouched[1].weight.data_ptr()


def test_fine_tuning_is_switched_off_as_a_part_of_the_network(folder):
    engine = _open(folder)
    assert engine.about().is_tuned
    effect = engine.effect([1, 2, 3], "fine-tuning, head 1.1")
    plain = TransformerEngine(engine._untuned, engine.tokenizer)
    assert np.array_equal(effect.muted, plain.effect([1, 2, 3], "head 1.1").muted)
    assert not np.allclose(effect.muted, engine.effect([1, 2, 3], "head 1.1").muted, atol=1e-5)
    with pytest.raises(UserError, match="not fine-tuned"):
        plain.effect([1, 2, 3], "fine-tuning")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"r": 1 << 40}, "“r”"),
        ({"r": 0}, "“r”"),
        ({"r": "2"}, "“r”"),
        ({"lora_alpha": float("nan")}, "lora_alpha"),
        ({"peft_type": "IA3"}, "IA3"),
        ({"use_dora": True}, "use_dora"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"rank_pattern": {"q_proj": 9}}, "rank_pattern"),
        ({"base_model_name_or_path": "someone/other"}, "someone/other"),
        ({"base_model_name_or_path": "../../../etc"}, "etc"),
        ({"base_model_name_or_path": "\\\\server\\share\\base2"}, "not on this computer"),
        ({"base_model_name_or_path": "/".join([".."] * 400)}, "not on this computer"),
        ({"base_model_name_or_path": "a\0b"}, "not on this computer"),
        ({"base_model_name_or_path": ["base"]}, "base_model_name_or_path"),
        ({"r": 3}, "shape"),
    ],
)
def test_settings_that_cannot_be_are_refused(folder, changes, said):
    put(folder, ADAPTER, {**SETTINGS, **changes})
    assert said in _why_not(folder)


def _without(name: str) -> dict[str, np.ndarray]:
    return {key: value for key, value in arrays().items() if key != name}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (_without(f"{Q}.lora_A.weight"), "incomplete"),
        ({}, "incomplete"),
        ({**arrays(), f"{Q}.lora_A.weight": np.zeros((2, 9), np.float32)}, "2 x 9"),
        ({**arrays(), f"{Q}.lora_A.weight": np.zeros((16,), np.float32)}, "shape"),
        ({**arrays(), f"{Q}.lora_A.weight": np.zeros((2, 8), np.int64)}, "shape"),
        ({**arrays(), f"{Q}.lora_B.weight": np.full((8, 2), np.nan, np.float32)}, "not numbers"),
        ({**arrays(), f"{DOWN}.lora_B.weight": np.full((8, 2), np.inf, np.float32)}, "not numbers"),
        ({**arrays(), "base_model.model.lm_head.lora_A.weight": np.zeros((2, 8), np.float32)}, "lm_head"),
        ({**arrays(), f"{Q}.lora_magnitude_vector": np.zeros((8,), np.float32)}, "lora_magnitude"),
        ({**arrays(), "../../../etc/passwd": np.zeros((8,), np.float32)}, "cannot be changed"),
        ({**arrays(), Q.replace("1", "99") + ".lora_A.weight": np.zeros((2, 8), np.float32)}, "cannot be changed"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(folder, found, said):
    save_file(found, folder / WEIGHTS)
    assert said in _why_not(folder)


def test_a_file_cut_anywhere_is_refused(folder):
    whole = (folder / WEIGHTS).read_bytes()
    for length in (0, 7, 8, 100, len(whole) - 1):
        (folder / WEIGHTS).write_bytes(whole[:length])
        assert _why_not(folder)
    (folder / WEIGHTS).unlink()
    assert WEIGHTS in _why_not(folder)


def test_a_base_beside_it_is_found_by_the_last_part_of_its_name_alone(folder):
    put(folder, ADAPTER, {**SETTINGS, "base_model_name_or_path": "C:\\Users\\someone\\base"})
    assert _open(folder).about().is_tuned


@pytest.mark.parametrize("is_root", [False, True])
def test_what_our_writer_wrote_comes_back_to_the_bit(folder, tmp_path, is_root):
    base: AdaptableBase = AdapterImporter().read(folder)
    places = [place_of(path, place) for path, place in base.places.items()]
    adapter = Adapter(places, AdapterStrength(5, 4.0, is_root), torch.device("cpu"))
    for part in parts_of(adapter):
        torch.nn.init.normal_(part.up)
    save_adapter(tmp_path / "own.safetensors", adapter, base)
    table = settings_of(adapter, base, "base")
    save_folder(tmp_path / "own", (tmp_path / "own.safetensors").read_bytes(), table)
    settings = read_settings(json.loads((tmp_path / "own" / ADAPTER).read_text()), ADAPTER)
    again = read_adapter(tmp_path / "own" / WEIGHTS, settings, base, torch.device("cpu"))
    assert again.strength == adapter.strength
    mine = {part.place.path: part for part in parts_of(adapter)}
    assert len(parts_of(again)) == len(mine) == 14
    for part in parts_of(again):
        other = mine[part.place.path]
        assert torch.equal(part.up, other.up)
        assert torch.equal(part.down, other.down)
    stored, path = load_file(tmp_path / "own" / WEIGHTS), "model.layers.0.self_attn.q_proj"
    up = torch.from_numpy(stored[f"base_model.model.{path}.lora_B.weight"])
    assert torch.equal(arranged(up, base.places[path], base.config), mine[path].up)
    assert _open(tmp_path / "own").about().is_tuned
