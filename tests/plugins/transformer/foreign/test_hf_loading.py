"""Every architecture says the same here and in the `transformers` library: logits, attention, in every precision."""

from pathlib import Path

import pytest
import torch

from plugins.transformer.foreign.hf.folder import read_folder
from plugins.transformer.foreign.loading import load_folder
from plugins.transformer.foreign.model import is_foreign, open_foreign
from plugins.transformer.foreign.weight_plan import n_params, target_shapes
from plugins.transformer.importers import HuggingFaceImporter
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.probe import Probe
from studio.compute.device import choose_device
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.made_folder import MODELS, N_VOCAB, made_folder

CPU = torch.device("cpu")
IDS = torch.randint(0, N_VOCAB, (1, 14), generator=torch.Generator().manual_seed(0))


def assert_close(found: torch.Tensor, wanted: torch.Tensor, tolerance: float = 1e-4) -> None:
    assert (found - wanted).abs().max() <= tolerance * wanted.abs().max()


@pytest.mark.parametrize("name", MODELS)
def test_logits_and_attention_are_those_of_the_library(tmp_path: Path, name: str) -> None:
    model = made_folder(tmp_path, name)
    folder = read_folder(tmp_path)
    decoder = load_folder(folder, torch.float32, CPU)
    wanted = model(IDS, output_attentions=True)
    probe = Probe()
    cache = KeyValueCache(folder.config)
    assert_close(decoder(IDS), wanted.logits)
    assert_close(decoder(IDS, cache, probe), wanted.logits)
    assert_close(torch.stack(probe.attention), torch.stack(wanted.attentions))
    assert folder.warnings == ()
    assert n_params(folder.config) == sum(one.numel() for one in model.parameters()) == folder.weights.n_params


@pytest.mark.parametrize("name", ["GPT-2", "LLaMA with biases", "Qwen3", "Gemma 2", "Pythia"])
def test_the_plan_fills_every_row_once(tmp_path: Path, name: str) -> None:
    made_folder(tmp_path, name)
    folder = read_folder(tmp_path)
    rows: dict[str, list[int]] = {target: [] for target in target_shapes(folder.config)}
    for place in folder.plan.values():
        n_rows = place.shape[1] if place.layout == "columns" else place.shape[0]
        rows[place.target] += range(place.first, place.first + n_rows)
    assert {name: sorted(found) for name, found in rows.items()} == {
        name: list(range(shape[0])) for name, shape in target_shapes(folder.config).items()
    }


def test_our_shapes_are_those_of_our_decoder(tmp_path: Path) -> None:
    for name in ("GPT-2", "LLaMA with biases", "Gemma 2", "Qwen3", "Pythia"):
        made_folder(tmp_path / name, name)
        folder = read_folder(tmp_path / name)
        state = load_folder(folder, torch.float32, CPU).state_dict()
        assert {key: tuple(one.shape) for key, one in state.items()} == target_shapes(folder.config)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_files_open_in_full_precision(tmp_path: Path, dtype: torch.dtype) -> None:
    model = made_folder(tmp_path, "LLaMA 2", dtype)
    folder = read_folder(tmp_path)
    assert folder.weights.dtype == str(dtype).removeprefix("torch.")
    assert_close(load_folder(folder, torch.float32, CPU)(IDS), model(IDS).logits)


@pytest.mark.parametrize("name", ["GPT-2", "SmolLM", "LLaMA with biases"])
def test_matrices_may_be_stored_in_half(tmp_path: Path, name: str) -> None:
    model = made_folder(tmp_path, name, torch.bfloat16)
    folder = read_folder(tmp_path)
    decoder = load_folder(folder, torch.bfloat16, CPU)
    found = decoder(IDS, KeyValueCache(folder.config))
    assert found.dtype == torch.float32
    assert_close(found, model(IDS).logits, 0.03)  # bfloat16 has 8 bits
    stored = {one.data_ptr(): one.numel() * one.element_size() for one in decoder.parameters()}
    vectors = sum(one.numel() for one in decoder.parameters() if one.dim() == 1)
    assert sum(stored.values()) == 2 * n_params(folder.config) + 2 * vectors


def test_a_bare_model_lacks_the_prefix(tmp_path: Path) -> None:
    model = made_folder(tmp_path, "GPT-2")
    model.transformer.save_pretrained(tmp_path)
    folder = read_folder(tmp_path)
    assert "wte.weight" in folder.plan
    assert_close(load_folder(folder, torch.float32, CPU)(IDS), model(IDS).logits)


def test_weights_may_be_split_into_files(tmp_path: Path) -> None:
    model = made_folder(tmp_path, "LLaMA 2", max_shard_size="40KB")
    folder = read_folder(tmp_path)
    assert len(folder.weights.paths) > 2
    assert_close(load_folder(folder, torch.float32, CPU)(IDS), model(IDS).logits)


def test_what_the_importer_loads_the_engine_opens(tmp_path: Path) -> None:
    model = made_folder(tmp_path, "Mistral")
    source = result_of(HuggingFaceImporter().load(tmp_path / "config.json"))
    assert is_foreign(source.card)
    opened = open_foreign(source, choose_device("cpu"))
    assert opened.dtype == torch.float32
    assert opened.template is None
    assert_close(opened.decoder(IDS), model(IDS).logits)
    assert opened.tokenizer.decode(opened.tokenizer.encode("in the inn, Ünï")) == "in the inn, Ünï"
