"""Every architecture says the same here and in the `transformers` library: logits, attention, in every precision."""

from pathlib import Path

import pytest
import torch

from plugins.transformer.foreign.hf.folder import read_folder
from plugins.transformer.foreign.loading import arranged, load_folder
from plugins.transformer.foreign.model import is_foreign, open_foreign
from plugins.transformer.foreign.weight_plan import n_params, target_shapes
from plugins.transformer.importers import HuggingFaceImporter
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.model.probe import Probe
from studio.compute.device import choose_device
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.made_folder import MODELS, N_VOCAB, made_folder

CPU = torch.device("cpu")
IDS = torch.randint(0, N_VOCAB, (1, 14), generator=torch.Generator().manual_seed(0))


TURNED_BY_LENGTH = ("LLaMA, dynamic", "Phi-3 long")  # what is remembered was turned for a shorter text


def assert_close(found: torch.Tensor, wanted: torch.Tensor, tolerance: float = 2e-5) -> None:
    assert (found - wanted).abs().max() <= tolerance * wanted.abs().max()


@pytest.mark.parametrize("name", MODELS)
def test_logits_and_attention_are_those_of_the_library(tmp_path: Path, name: str) -> None:
    model = made_folder(tmp_path, name)
    folder = read_folder(tmp_path)
    decoder = load_folder(folder, torch.float32, CPU)
    wanted = model(IDS).logits
    probe = Probe()
    cache = KeyValueCache(folder.config)
    assert_close(decoder(IDS), wanted)
    assert_close(decoder(IDS, cache, probe), wanted)
    if model.config._attn_implementation == "eager":
        assert_close(torch.stack(probe.attention), torch.stack(model(IDS, output_attentions=True).attentions))
    assert folder.warnings == ()
    assert folder.weights.n_params == sum(one.numel() for one in model.parameters())
    assert {one.name for one in folder.weights.tensors} == set(folder.plan)
    assert n_params(folder.config) == sum(one.numel() for one in decoder.parameters())


@torch.inference_mode()
@pytest.mark.parametrize("name", [name for name in MODELS if name not in TURNED_BY_LENGTH])
def test_what_is_remembered_goes_on_as_the_library_does(tmp_path: Path, name: str) -> None:
    """A text in portions, then token by token, by torch and by the compiled step, in which nothing is read again."""
    model = made_folder(tmp_path, name)
    folder = read_folder(tmp_path)
    decoder = load_folder(folder, torch.float32, CPU)
    wanted, cache = model(IDS).logits, KeyValueCache(folder.config)
    found = [decoder(part, cache) for part in IDS.split([6, 3, 1, 1, 1, 1, 1], 1)]
    assert_close(torch.cat(found, 1), wanted)
    step = FusedStep.of(decoder)
    assert (step is None) == bool(folder.config.n_experts)
    cache.crop(9)
    for place in range(9, IDS.shape[1]):
        if step is None:
            break
        said = step.read(int(IDS[0, place]), cache).log_probabilities
        assert_close(torch.from_numpy(said), wanted[0, place].log_softmax(-1))


@pytest.mark.parametrize("name", MODELS)
def test_the_plan_fills_every_row_once(tmp_path: Path, name: str) -> None:
    made_folder(tmp_path, name)
    folder = read_folder(tmp_path)
    filled = {target: torch.zeros(shape) for target, shape in target_shapes(folder.config).items()}
    for place in folder.plan.values():
        for number, part in enumerate(torch.ones(place.shape) if "*" in place.target else torch.ones(1, *place.shape)):
            rows = arranged(part, place, folder.config)
            for target in filter(None, (place.target.replace("*", str(number)), place.also)):
                filled[target][place.first : place.first + len(rows)] += rows
    assert all((one == 1).all() for one in filled.values())
    state = load_folder(folder, torch.float32, CPU).state_dict()
    assert {key: one.shape for key, one in state.items()} == {key: one.shape for key, one in filled.items()}


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
