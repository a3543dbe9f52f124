"""Folders of encoders say what the library that wrote them says: logits, attention, and how well each word fits."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from plugins.transformer.encoder_importer import EncoderImporter
from plugins.transformer.fill_in.engine import FillInEngine
from plugins.transformer.fill_in.model.config import EncoderConfig
from plugins.transformer.fill_in.model.cutter import SMALL_LETTERS
from plugins.transformer.fill_in.model.encoder import Encoder
from plugins.transformer.fill_in.panel.presenter import described
from plugins.transformer.fill_in.params import ORDERS, FillInParams
from plugins.transformer.fill_in.state import GAP, started
from plugins.transformer.foreign.encoder.folder import EncoderFolder, read_encoder_folder
from plugins.transformer.foreign.encoder.loading import forecast, load_encoder_folder, open_encoder
from plugins.transformer.text.model.probe import Probe
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.pausing import result_of
from studio.core.view import Tokens
from tests.plugins.transformer.foreign.encoder.bare_encoder import bert_arrays, write_bert
from tests.plugins.transformer.foreign.encoder.made_encoder import ENCODERS, made_folder

CPU = Device("cpu", "float32", 1)
CLOSE = 2e-5


def opened(folder: Path) -> tuple[EncoderFolder, Encoder]:
    found = read_encoder_folder(folder)
    return found, load_encoder_folder(found)


def pieces_of(frame: Frame) -> tuple[str, ...]:
    text = frame.views["text"]
    assert isinstance(text, Tokens)
    return text.pieces


def agree(ours: Encoder, theirs: Any, tokens: torch.Tensor) -> None:
    with torch.inference_mode():
        wanted = theirs(tokens, output_attentions=True)
        logits, probe = ours(tokens), Probe()
        ours(tokens, probe)
    scale = float(wanted.logits.abs().max())
    assert scale > 0.5
    assert float((logits - wanted.logits).abs().max()) < CLOSE * scale
    assert torch.allclose(probe.all_attention(), torch.stack(wanted.attentions, 1), atol=1e-5)


@pytest.mark.parametrize("name", ENCODERS)
def test_logits_and_attention_are_those_of_the_library(tmp_path: Path, name: str) -> None:
    theirs = made_folder(tmp_path, name)
    _, ours = opened(tmp_path)
    agree(ours, theirs, torch.randint(6, 50, (2, 30), generator=torch.manual_seed(1)))


def test_numbers_out_of_a_pickle_with_the_names_of_the_first_berts(tmp_path: Path) -> None:
    theirs = made_folder(tmp_path, "BERT")
    (tmp_path / "model.safetensors").unlink()
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    arrays = {}
    for name, values in theirs.state_dict().items():
        end = next((end for end in old if name.endswith(end)), "")
        arrays[name.removesuffix(end) + old[end] if end else name] = values
    torch.save({**arrays, "cls.seq_relationship.weight": torch.zeros(2, 24)}, tmp_path / "pytorch_model.bin")
    found, ours = opened(tmp_path)
    agree(ours, theirs, torch.randint(6, 50, (2, 30), generator=torch.manual_seed(1)))
    assert not found.warnings


@pytest.mark.parametrize("name", ["BERT", "RoBERTa", "DistilBERT"])
def test_the_fit_of_each_word_is_the_one_that_the_library_gives_it_alone(tmp_path: Path, name: str) -> None:
    """Pseudo-likelihood: each token replaced by the mask in turn, as anybody would write it with the library."""
    theirs, text = made_folder(tmp_path, name), "The cat sat on the mat, and played!"
    engine = FillInEngine.open(result_of(EncoderImporter().load(tmp_path)), CPU)
    cutter, row = engine.cutter, engine.cut(f"{text} __").gapped.ids
    found = result_of(engine.fit(row, "key"))[1]
    barred = list(engine.reader.barred)
    assert set(found) == {place for place, token in enumerate(row) if token >= 0 and token not in barred}
    for place, bits in found.items():
        gaps = [cutter.mask if token < 0 or at == place else token for at, token in enumerate(row)]
        logits = theirs(torch.tensor([[*cutter.before, *gaps, *cutter.after]])).logits[0].double()
        logits[:, barred] = -torch.inf
        wanted = -float(logits.log_softmax(-1)[place + len(cutter.before), row[place]]) / math.log(2)
        assert bits == pytest.approx(wanted, abs=1e-4)
    engine.close()


def test_gaps_fill_step_by_step_and_chips_join_to_a_text(tmp_path: Path) -> None:
    made_folder(tmp_path, "BERT")
    engine = FillInEngine.open(result_of(EncoderImporter().load(tmp_path)), CPU)
    assert engine.cut("[MASK] cat").gapped.gaps == (0,)
    prompt = "The cat was playing, __ (not __) walked."
    frames = list(engine.generate(FillInParams(prompt=prompt, order=ORDERS[1]), None))
    assert len(frames) == 3
    first, last = (pieces_of(frame) for frame in (frames[0], frames[-1]))
    assert "".join(first) == f"the cat was playing,{GAP} (not{GAP}) walked."
    assert first[3:5] == (" play", "ing")
    assert GAP not in last
    lead, rest = described(started(engine.cut(prompt).gapped), engine.vocabulary, {})
    assert (lead, rest.endswith(SMALL_LETTERS)) == ("2 gaps.", True)
    branch = list(engine.generate(FillInParams(prompt="x", order=ORDERS[1]), frames[1].state))
    assert pieces_of(branch[-1]) == last
    engine.close()


def test_memory_is_forecast_and_a_model_that_does_not_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = result_of(EncoderImporter().load(write_bert(tmp_path)))
    needed = forecast(read_encoder_folder(tmp_path).config)
    assert needed.weights == pytest.approx(4 * source.card["n_params"], rel=0.2)
    free = SimpleNamespace(available=needed.total - 1)
    monkeypatch.setattr("plugins.transformer.foreign.encoder.loading.psutil.virtual_memory", lambda: free)
    with pytest.raises(UserError, match="This model needs about"):
        open_encoder(source)
    free.available += 1
    open_encoder(source)


def test_a_large_vocabulary_is_counted() -> None:
    """XLM-RoBERTa's: all it says of a text of 256 tokens is 64 million figures."""
    config = EncoderConfig(250_002, 512, 12, 12, 768, 3072, 1)
    assert forecast(config).weights == pytest.approx(4 * 278e6, rel=0.02)
    assert forecast(config).reading > 256 * 250_002 * 8


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    write_bert(tmp_path)
    arrays = {name: torch.from_numpy(one) for name, one in bert_arrays().items()}
    (tmp_path / "model.safetensors").unlink()
    arrays["cls.predictions.bias"][0] = torch.nan
    torch.save(arrays, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="not numbers"):
        opened(tmp_path)
