"""Adapters: merged as applied, and those that PEFT writes say here what they say there."""

from typing import Any

import numpy as np
import pytest
import torch

from plugins.transformer.adapter_importer import AdapterImporter, find_base
from plugins.transformer.foreign.adapter.adaptable import base_of
from plugins.transformer.foreign.adapter.file import place_of, save_adapter, save_folder, settings_of
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.cache import KeyValueCache
from plugins.transformer.text.model.config import DecoderConfig
from plugins.transformer.text.model.decoder import Decoder
from plugins.transformer.text.model.kernels.fused_step import FusedStep
from plugins.transformer.text.model.low_rank import (
    AdaptedLinear,
    Adapter,
    AdapterPlace,
    adapted,
    can_merge,
    merged,
)
from plugins.transformer.text.model.quantised_layers import Quantisation, QuantisedLinear
from studio.api.engine import Device
from studio.core.adapter_strength import AdapterStrength
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.bare_adapter import parts_of
from tests.plugins.transformer.foreign.made_folder import made_folder

CPU = Device("cpu", "float32", 1)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", ["LLaMA 2", "GPT-2", "Qwen2"])
@pytest.mark.parametrize("is_root", [False, True])
def test_an_adapter_of_peft_says_the_same_here(tmp_path, name, is_root):
    peft = pytest.importorskip("peft")
    model = made_folder(tmp_path / "base", name)
    torch.manual_seed(1)
    config = peft.LoraConfig(
        r=3,
        lora_alpha=7,
        use_rslora=is_root,
        target_modules="all-linear",
        fan_in_fan_out=name == "GPT-2",
        task_type="CAUSAL_LM",
        init_lora_weights=False,
    )
    tuned = peft.get_peft_model(model, config).eval()
    tuned.peft_config["default"].base_model_name_or_path = "someone/base"
    tuned.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    ids = torch.arange(5, 40)[None]
    with torch.no_grad():
        wanted = tuned(ids).logits
    engine = TransformerEngine.open(result_of(AdapterImporter().load(tmp_path / "adapter")), CPU)
    with torch.no_grad():
        assert torch.allclose(engine.decoder(ids), wanted, atol=1e-5)
        assert not torch.allclose(engine._untuned(ids), wanted, atol=1e-3)


def test_merged_says_what_is_applied_and_the_base_keeps_its_bits():
    base = Decoder(DecoderConfig(50, 32, 2, 2, 2, 16, 8, 24)).eval().requires_grad_(False)
    before = {key: value.clone() for key, value in base.state_dict().items()}
    places = [
        AdapterPlace("k", "blocks.1.attention.qkv", 16, 16, 16),
        AdapterPlace("d", "blocks.0.mlp.down", 0, 16, 24),
    ]
    adapter = Adapter(places, AdapterStrength(3, 5.0), torch.device("cpu"))
    for part in parts_of(adapter):
        torch.nn.init.normal_(part.up, std=0.5)
    ids = torch.arange(20)[None]
    said = adapted(base, adapter)(ids)
    assert torch.allclose(merged(base, adapter)(ids), said, atol=1e-5)
    assert not torch.allclose(base(ids), said, atol=1e-3)
    said.square().sum().backward()
    assert all(part.up.grad is not None for part in parts_of(adapter))
    assert all(torch.equal(before[key], value) for key, value in base.state_dict().items())


@pytest.mark.long("trains a network")
def test_gradients_of_an_adapter_are_those_of_small_steps_beside_a_quantised_matrix_too():
    places = [AdapterPlace("q", "x", 4, 8, 32)]
    quantised = QuantisedLinear(16, 32, Quantisation(8, has_minima=False))
    quantised.codes = torch.randint(0, 255, (16, 32), dtype=torch.uint8)
    quantised.scales, quantised.minima = torch.rand(quantised.scales.shape) * 0.01, torch.zeros(16, 0)
    matrix = quantised.rows(np.arange(16))
    for base in (quantised, _plain(matrix)):
        adapter = Adapter(places, AdapterStrength(2, 3.0), torch.device("cpu"))
        part = parts_of(adapter)[0]
        torch.nn.init.normal_(part.up)
        layer, x = AdaptedLinear(base, parts_of(adapter), 16), torch.randn(3, 32, requires_grad=True)
        layer(x).square().sum().backward()
        whole = matrix.double().clone()
        whole[4:12] += part.product().detach()
        wanted = 2 * (x.detach().double() @ whole.T) @ whole
        assert x.grad is not None
        assert torch.allclose(x.grad.double(), wanted, rtol=1e-4, atol=1e-4)
        for weights in (part.up, part.down):
            assert weights.grad is not None
            assert _slope(layer, x, weights) == pytest.approx(float(weights.grad[1, 1]), rel=1e-2, abs=1e-2)


def test_a_quantised_matrix_is_learnt_beside_in_half_precision():
    layer = QuantisedLinear(16, 32, Quantisation(8, has_minima=False))
    layer.codes = torch.randint(0, 255, (16, 32), dtype=torch.uint8)
    layer.scales, layer.minima = torch.rand(layer.scales.shape) * 0.01, torch.zeros(16, 0)
    x = torch.randn(3, 32, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        said = layer(x)
    assert said.dtype == torch.bfloat16
    weights = torch.randn(3, 16).bfloat16()
    (said * weights).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == torch.float32
    assert torch.allclose(x.grad, weights.float() @ layer.rows(np.arange(16)), rtol=2e-2, atol=2e-2)


def _plain(matrix):
    layer = torch.nn.Linear(32, 16, bias=False).requires_grad_(False)
    layer.weight.copy_(matrix)
    return layer


@torch.no_grad()
def _slope(layer, x, weights, step=1e-2):
    said = []
    for sign in (1, -2):
        weights[1, 1] += sign * step
        said.append(float(layer(x).double().square().sum()))
    weights[1, 1] += step
    return (said[0] - said[1]) / (2 * step)


def test_an_adapter_beside_quantised_weights_says_what_one_in_their_numbers_does():
    base = Decoder(DecoderConfig(50, 32, 2, 2, 2, 16, 8, 32)).eval().requires_grad_(False)
    mlp: Any = base.get_submodule("blocks.0.mlp")
    rows, columns = mlp.down.weight.shape
    places = [AdapterPlace("d", "blocks.0.mlp.down", 0, rows, columns)]
    adapter = Adapter(places, AdapterStrength(3, 5.0), torch.device("cpu"))
    torch.nn.init.normal_(parts_of(adapter)[0].up)
    assert can_merge(base, adapter)
    quantised = QuantisedLinear(rows, columns, Quantisation(8, has_minima=False))
    quantised.codes = torch.randint(0, 255, (rows, columns), dtype=torch.uint8)
    quantised.scales, quantised.minima = torch.rand(quantised.scales.shape) * 0.01, torch.zeros(rows, 0)
    mlp.down.weight = torch.nn.Parameter(quantised.rows(np.arange(rows)), requires_grad=False)
    ids = torch.arange(20)[None]
    wanted = merged(base, adapter)(ids)
    mlp.down = quantised
    assert not can_merge(base, adapter)
    said = adapted(base, adapter)
    beside: Any = said.get_submodule("blocks.0.mlp.down.base")
    assert beside.codes.data_ptr() == quantised.codes.data_ptr()
    assert torch.allclose(said(ids), wanted, atol=1e-5)
    assert torch.allclose(step_by_step(said, ids), wanted[0].log_softmax(-1), atol=1e-5)


def step_by_step(decoder: Decoder, ids: torch.Tensor) -> torch.Tensor:
    """What compiled steps say after each token, (T, V)."""
    step, cache = FusedStep.of(decoder), KeyValueCache(decoder.config)
    assert step is not None
    return torch.from_numpy(np.stack([step.read(int(token), cache).log_probabilities for token in ids[0]]))


@torch.no_grad()
def test_compiled_steps_add_every_part_of_a_projection_at_its_rows():
    base = Decoder(DecoderConfig(50, 32, 2, 2, 1, 16, 8, 24)).eval().requires_grad_(False)
    places = [
        AdapterPlace("q", "blocks.1.attention.qkv", 0, 16, 16),
        AdapterPlace("v", "blocks.1.attention.qkv", 24, 8, 16),
        AdapterPlace("o", "blocks.0.attention.out", 0, 16, 16),
        AdapterPlace("u", "blocks.0.mlp.up", 3, 7, 16),
    ]
    adapter = Adapter(places, AdapterStrength(3, 5.0), torch.device("cpu"))
    for part in parts_of(adapter):
        torch.nn.init.normal_(part.up, std=0.5)
    ids = torch.arange(20)[None]
    wanted = merged(base, adapter)(ids)[0].log_softmax(-1)
    assert torch.allclose(step_by_step(adapted(base, adapter), ids), wanted, atol=1e-5)
    assert not torch.allclose(step_by_step(base, ids), wanted, atol=1e-2)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", ["LLaMA 2", "GPT-2", "Gemma 2", "Phi-3"])
def test_peft_opens_what_is_written_here(tmp_path, name):
    peft = pytest.importorskip("peft")
    model = made_folder(tmp_path / "base", name)
    base = base_of(find_base(str(tmp_path / "base")))
    places = [place_of(path, place) for path, place in base.places.items()]
    adapter = Adapter(places, AdapterStrength(3, 5.0), torch.device("cpu"))
    for part in parts_of(adapter):
        torch.nn.init.normal_(part.up, std=0.2)
    save_adapter(tmp_path / "own.safetensors", adapter, base)
    save_folder(tmp_path / "own", (tmp_path / "own.safetensors").read_bytes(), settings_of(adapter, base, "base"))
    engine = TransformerEngine.open(result_of(AdapterImporter().load(tmp_path / "own")), CPU)
    tuned = peft.PeftModel.from_pretrained(model, str(tmp_path / "own")).eval()
    ids = torch.arange(5, 40)[None]
    with torch.no_grad():
        assert torch.allclose(engine.decoder(ids), tuned(ids).logits, atol=1e-5)
        assert not torch.allclose(engine.decoder(ids), engine._untuned(ids), atol=1e-3)
