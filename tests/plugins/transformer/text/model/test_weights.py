"""Our own files: written and read again, broken ones refused."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.weights import load_decoder, save_decoder
from plugins.transformer.text.params import TransformerParams
from studio.api.engine import Device, ModelSource
from studio.core.error import UserError
from tests.plugins.transformer.text.decoder_made import SENTENCE, sentence_tokenizer, small_engine


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "small.safetensors"
    save_decoder(path, small_engine().decoder, sentence_tokenizer())
    return path


def parts_of(path):
    with safe_open(path, "pt") as file:
        names = file.keys()
        return {name: file.get_tensor(name) for name in names}, file.metadata()


def test_a_decoder_comes_back_but_for_its_rounding(path):
    decoder, tokenizer = load_decoder(path)
    whole = small_engine()
    ids = whole.tokenizer.encode(SENTENCE[:40])
    assert tokenizer.encode(SENTENCE[:40]) == ids
    assert decoder.config == whole.decoder.config
    for name, value in whole.decoder.state_dict().items():
        step = value.abs().amax(-1, keepdim=True) / 127
        assert ((decoder.state_dict()[name] - value).abs() <= 0.6 * step + 1e-3).all(), name
    tensors, _ = parts_of(path)
    assert tensors["model.blocks.0.attention.qkv.weight"].dtype == torch.int8


def test_the_engine_opens_it_and_writes(path):
    engine = TransformerEngine.open(ModelSource("transformer/small", path), Device("cpu", "float32", 1))
    assert len(list(engine.generate(TransformerParams(prompt="To be", length=3, seed=2)))) >= 3
    assert engine.about().n_layers == 3
    engine.close()


@pytest.mark.parametrize("wrong", ["architecture", "config", "tokenizer", "missing", "more", "shape", "nan", "huge"])
def test_a_broken_file_is_refused(path, tmp_path, wrong):
    tensors, about = parts_of(path)
    config = json.loads(about["config"])
    name = "model.blocks.1.mlp_norm.weight"
    if wrong in ("architecture", "config", "tokenizer"):
        about[wrong] = "{}"
    elif wrong == "missing":
        del tensors[name]
    elif wrong == "more":
        tensors["model.more"] = torch.zeros(2)
    elif wrong == "shape":
        tensors[name] = torch.zeros(3)
    elif wrong == "nan":
        tensors[name][2] = float("nan")
    else:
        about["config"] = json.dumps(config | {"n_layers": 500, "width": 60_000, "mlp_width": 60_000})
    broken = tmp_path / "broken.safetensors"
    save_file(tensors, broken, about)
    with pytest.raises(UserError):
        load_decoder(broken)


def test_a_tokenizer_of_another_model_is_refused(path, tmp_path):
    tensors, about = parts_of(path)
    tensors["model.tokens.weight"] = tensors["model.tokens.weight"][:-1]
    tensors["model.tokens.weight#step"] = tensors["model.tokens.weight#step"][:-1]
    about["config"] = json.dumps(json.loads(about["config"]) | {"n_vocab": len(tensors["model.tokens.weight"])})
    broken = tmp_path / "broken.safetensors"
    save_file(tensors, broken, about)
    with pytest.raises(UserError, match="tokenizer"):
        load_decoder(broken)
