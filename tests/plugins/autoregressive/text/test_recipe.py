"""How a Transformer-XL is trained, measured and written, from texts to card; tokens and files."""

import math
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from plugins.autoregressive.shared.model.relative_network import save_with_cutter
from plugins.autoregressive.shared.tokenizer import TextCutter
from plugins.autoregressive.text.model.reader import XLMemory, XLReader, surprises
from plugins.autoregressive.text.model.transformer_xl import TransformerXL, load_xl
from plugins.autoregressive.text.training.objective import (
    XLNextToken,
    XLPassages,
    bits_per_character,
    segments,
    stream_of,
)
from plugins.autoregressive.text.training.recipe import TEXT_XL
from studio.api.engine import TrainOptions
from studio.api.training import Training, TrainSettings, Works
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.text.byte_tokens import END_ID
from studio.nn.network_file import save_network
from tests.plugins.autoregressive.text.xl_made import TEXT, made_cutter, made_network, tiny_config

CPU = torch.device("cpu")
SHORT = TrainSettings(n_steps=4, n_warmup=1, n_decay=2, average_decay=0.9)


@pytest.fixture
def recipe(monkeypatch):
    """A recipe that reads little with a small network."""
    works = Works(("one",), (TEXT,))
    monkeypatch.setattr("plugins.autoregressive.text.training.recipe.load_shakespeare", lambda split: works)
    monkeypatch.setattr("plugins.autoregressive.text.training.recipe.N_PREVIEW", 3)
    return replace(TEXT_XL, config=tiny_config(n_vocab=280), settings=SHORT, n_items=2, n_read=3, memories=(0, 4, 8))


def options(tmp_path):
    return TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))


@pytest.mark.long("trains a network")
def test_a_recipe_writes_a_model_with_its_card(recipe, tmp_path):
    (tmp_path / "made.peer.checkpoint").write_bytes(b"an earlier training's")
    frames = list(recipe.train(options(tmp_path)))
    first = next(frame for frame in frames if frame.views)
    assert "".join(first.views["text"].pieces).startswith("ROMEO.\n")
    card = read_card(tmp_path / "made.json")
    assert (card.id, card.more["kind"]) == ("autoregressive/text-xl", "text")
    curve = card.more["memory_curve"]
    assert curve["memory"] == [0, 4, 8]
    bits, gain, loss, peer = card.more["checks"]
    assert bits["value"] == pytest.approx(curve["bits"][2], abs=1e-3)
    assert gain["value"] == pytest.approx(curve["bits"][0] - curve["bits"][2], abs=1e-3)
    assert (gain["floor"], loss["floor"], peer["floor"]) == (0.03, 1.0, pytest.approx(bits["value"], abs=1e-3))
    network, cutter = load_xl(tmp_path / "made.safetensors")
    assert network.config == recipe.config
    assert cutter.encode(TEXT[:20]) == made_cutter().encode(TEXT[:20])


@pytest.mark.long("trains a network")
def test_a_stopped_training_goes_on_as_if_it_had_not_been_stopped(recipe, tmp_path):
    whole = list(replace(recipe, has_peer=False).train(options(tmp_path)))
    frames: Any = replace(recipe, has_peer=False).train(options(tmp_path))
    while next(frames).step < 2:
        pass
    frames.close()
    resumed = list(replace(recipe, has_peer=False).train(replace(options(tmp_path), is_resumed=True)))
    assert losses(resumed)[3] == losses(whole)[3]


def losses(frames):
    return {frame.step: frame.scalars["loss"] for frame in frames if "loss" in frame.scalars}


def test_the_loss_is_that_of_all_segments_each_with_what_came_before():
    network = made_network()
    passages = XLPassages(np.arange(100, dtype=np.int32), 2, 10, 3, CPU)
    loss, _ = XLNextToken(passages, 8)(network, 0, 0)
    rows = passages.draw(0, 0)
    assert torch.equal(rows[:, 1:], rows[:, :-1] + 1)
    each = []
    for logits, following in segments(network, rows, 8):
        each.append(-logits.log_softmax(-1).gather(2, following[..., None]).mean())
    assert [len(one) for one in rows] == [11, 11]
    assert float(loss) == pytest.approx(float(torch.stack(each).mean()), abs=1e-5)


@pytest.mark.parametrize("n_memory", [0, 4, 8])
def test_bits_per_character_are_those_of_tokens_read_one_by_one(n_memory):
    network, texts = made_network(), [TEXT[:50], TEXT[10:31]]
    found = result_of(bits_per_character(network, texts, made_cutter().encode, n_memory))
    bits = 0.0
    for text in texts:
        reader, ids = XLReader(network, XLMemory(n_memory)), stream_of([text], made_cutter().encode).tolist()
        assert ids[0] == ids[-1] == END_ID
        bits -= sum(reader.read(one).log_probabilities[two] for one, two in pairwise(ids)) / math.log(2)
    assert found == pytest.approx(bits / 71, rel=1e-4)


@pytest.mark.parametrize(("n_memory", "cut"), [(0, 0), (8, 0), (8, 8)])
def test_surprises_in_segments_are_those_of_tokens_read_one_by_one(n_memory, cut):
    network, ids = made_network(), made_cutter().encode(TEXT[:60])
    found = result_of(surprises(network, ids, XLMemory(n_memory, cut)))
    reader = XLReader(network, XLMemory(n_memory, cut))
    said = [reader.read(token).log_probabilities for token in ids]
    expected = [-said[place - 1][ids[place]] / math.log(2) for place in range(1, len(ids))]
    assert found[0] == -1
    np.testing.assert_allclose(found[1:], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.long("trains a network")
def test_a_text_is_learnt_by_heart():
    stream = stream_of([TEXT], made_cutter().encode)
    torch.manual_seed(2)
    objective = XLNextToken(XLPassages(stream, 4, 16, 1, CPU), 8)
    network = TransformerXL(tiny_config(width=32, mlp_width=64))
    settings = TrainSettings(n_steps=60, learning_rate=1e-2, n_warmup=5, n_decay=20, average_decay=0.0)
    found = [step.loss for step in Training(network, objective, settings, CPU).run()]
    assert found[0] == pytest.approx(math.log(network.config.n_vocab), abs=0.3)
    assert found[-1] < 1.0


def test_tokens_say_every_text():
    cutter = made_cutter()
    for text in ("To be\n\n— or 😀 not", "\x00\tö", "", "half \ud800 a pair"):
        ids = cutter.encode(text)
        assert "".join(cutter.vocabulary.texts(ids)) == text.encode("utf-8", "replace").decode()
    assert cutter.encode("<|end|>") == [END_ID]
    assert cutter.vocabulary.mark(END_ID)
    assert TextCutter.from_text(cutter.to_text()).encode(TEXT) == cutter.encode(TEXT)
    assert len(cutter.encode(TEXT)) < 0.6 * len(TEXT)


def test_a_file_without_its_tokens_or_with_others_is_refused(tmp_path):
    path = tmp_path / "made.safetensors"
    save_network(path, made_network())
    with pytest.raises(UserError, match="damaged"):
        load_xl(path)
    save_with_cutter(path, made_network(n_vocab=300), made_cutter())
    with pytest.raises(UserError, match="another model"):
        load_xl(path)
    path.write_bytes(b"nothing")
    with pytest.raises(UserError):
        load_xl(path)


def test_packing_keeps_what_the_network_says(tmp_path):
    path, network = tmp_path / "made.safetensors", made_network()
    save_with_cutter(path, network, made_cutter())
    read, _ = load_xl(path)
    assert asdict(read.config) == asdict(network.config)
    tokens = torch.arange(12)[None]
    torch.testing.assert_close(read(tokens)[0], network(tokens)[0], atol=0.3, rtol=0.1)


def said_twice(n, seed):
    """Blocks of six tokens, each there twice: the second time it is certain to whoever remembers the first."""
    blocks = np.random.default_rng(seed).integers(1, 9, (n, 6))
    return np.repeat(blocks, 2, 0).ravel().astype(np.int32)


@pytest.mark.long("trains a network")
def test_what_lies_before_the_segment_is_learnt_to_be_remembered():
    torch.manual_seed(1)
    network = TransformerXL(tiny_config(n_vocab=9, width=32, mlp_width=64))
    objective = XLNextToken(XLPassages(said_twice(2000, 1), 8, 24, 1, CPU), 8)
    settings = TrainSettings(n_steps=130, learning_rate=1e-2, n_warmup=10, n_decay=60, average_decay=0.9)
    training = Training(network, objective, settings, CPU)
    list(training.run())
    average: Any = training.average
    rows = torch.from_numpy(said_twice(30, 7)[None]).long()
    nats = {}
    for n_memory in (0, 8):
        said = torch.cat([logits for logits, _ in segments(average, rows, n_memory)], 1).log_softmax(-1)
        costs = -said.gather(2, rows[:, 1:, None])[0, :, 0]
        nats[n_memory] = float(costs[torch.arange(1, rows.shape[1]) % 12 >= 6].mean())  # of each second time
    assert nats[0] > math.log(8) - 0.3  # no better than chance; how sure it is of itself depends on the machine
    assert nats[8] < min(nats[0], math.log(8)) - 0.6
