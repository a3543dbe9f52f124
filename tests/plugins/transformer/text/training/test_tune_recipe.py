"""A model that is there learns a text by an adapter; what was written opens, over its base alone, and can be off."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.transformer.adapter_importer import AdapterImporter
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.training.tune_recipe import TransformerTuneRecipe
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.pausing import result_of
from tests.plugins.transformer.foreign.bare_folder import write_bare

CPU = Device("cpu", "float32", 1)
TEXT = "abcd ab cd " * 300
PLAIN = TransformerTuneRecipe()
SMALL = replace(PLAIN, settings=replace(PLAIN.settings, n_warmup=2, n_decay=10, learning_rate=5e-2))


def trained(tmp_path, n_steps=80, **settings):
    out = tmp_path / "tuned.safetensors"
    options = TrainOptions(out, CPU, n_steps=n_steps, settings={"base": str(tmp_path / "base"), **settings})
    return list(whole_frames(SMALL.train(options))), out


@pytest.fixture
def base(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    return write_bare(tmp_path / "base")


@pytest.mark.long("trains a network")
def test_it_learns_a_text_and_what_it_wrote_opens_here_and_as_a_folder(base, tmp_path):
    before = (base / "model.safetensors").read_bytes()
    frames, out = trained(tmp_path, data=str(tmp_path / "text.txt"), folder=str(tmp_path / "peft"))
    losses = [frame.scalars["loss"] for frame in frames if "loss" in frame.scalars]
    assert losses[-1] < losses[0] - 0.03
    assert (base / "model.safetensors").read_bytes() == before
    card = json.loads(out.with_suffix(".json").read_text())
    after, plain = (check["value"] for check in card["checks"])
    assert after < plain - 0.05
    assert str(tmp_path / "text.txt") not in out.with_suffix(".json").read_text()
    own = TransformerEngine.open(ModelSource("transformer/tune", out, card), CPU)
    folder = TransformerEngine.open(result_of(AdapterImporter().load(tmp_path / "peft")), CPU)
    ids = torch.arange(12)[None]
    assert torch.equal(own.decoder(ids), folder.decoder(ids))
    assert not torch.allclose(own.decoder(ids), own._untuned(ids), atol=1e-2)
    params = TransformerParams(prompt="ab", length=5, is_greedy=True, muted="fine-tuning")
    *_, last = whole_frames(own.generate(params))
    *_, wanted = whole_frames(TransformerEngine(own._untuned, own.tokenizer).generate(replace(params, muted="")))
    assert last.state is not None
    assert wanted.state is not None
    assert np.array_equal(last.state["ids"], wanted.state["ids"])


def test_a_base_whose_weights_changed_is_refused(base, tmp_path):
    _, out = trained(tmp_path, 2, data=str(tmp_path / "text.txt"))
    weights = base / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    source = ModelSource("transformer/tune", out, json.loads(out.with_suffix(".json").read_text()))
    with pytest.raises(UserError, match="not those that this model was fine-tuned from"):
        TransformerEngine.open(source, CPU)
    weights.unlink()
    (base / "config.json").unlink()
    with pytest.raises(UserError, match="not on this computer"):
        TransformerEngine.open(source, CPU)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no text to learn from"),
        ({"data": "short.txt"}, "9 characters"),
        ({"data": "bytes.txt"}, "cannot be learnt from"),
        ({"data": "text.txt", "base": "transformer/none"}, "not on this computer"),
    ],
)
def test_what_cannot_be_learnt_from_is_said(base, tmp_path, settings, said):
    (tmp_path / "short.txt").write_text("abcd abcd")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00" * 900)
    chosen = {name: str(tmp_path / value) if name == "data" else value for name, value in settings.items()}
    with pytest.raises(UserError, match=said):
        trained(tmp_path, 2, **chosen)
