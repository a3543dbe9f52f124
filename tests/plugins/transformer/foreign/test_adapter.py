"""Adapters: merged as applied, and those that PEFT writes say here what they say there."""

import pytest
import torch

from plugins.transformer.adapter_importer import AdapterImporter
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.low_rank import Adapter, AdapterPlace, AdapterStrength, adapted, merged
from studio.api.engine import Device
from studio.core.pausing import result_of
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
    from plugins.transformer.text.model.config import DecoderConfig
    from plugins.transformer.text.model.decoder import Decoder

    base = Decoder(DecoderConfig(50, 32, 2, 2, 2, 16, 8, 24)).eval().requires_grad_(False)
    before = {key: value.clone() for key, value in base.state_dict().items()}
    places = [
        AdapterPlace("k", "blocks.1.attention.qkv", 16, 16, 16),
        AdapterPlace("d", "blocks.0.mlp.down", 0, 16, 24),
    ]
    adapter = Adapter(places, AdapterStrength(3, 5.0), torch.device("cpu"))
    for part in adapter.parts:
        torch.nn.init.normal_(part.up, std=0.5)
    ids = torch.arange(20)[None]
    said = adapted(base, adapter)(ids)
    assert torch.allclose(merged(base, adapter)(ids), said, atol=1e-5)
    assert not torch.allclose(base(ids), said, atol=1e-3)
    said.square().sum().backward()
    assert all(part.up.grad is not None for part in adapter.parts)
    assert all(torch.equal(before[key], value) for key, value in base.state_dict().items())
