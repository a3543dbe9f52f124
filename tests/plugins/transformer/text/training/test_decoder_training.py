"""How decoders learn: passages by number, bits of held-out texts counted token by token, a recipe from end to end."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.config import DecoderConfig
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.training import shakespeare_recipe
from plugins.transformer.text.training import shakespeare_recipe as peer
from plugins.transformer.text.training.decoder_training import (
    NextTokenObjective,
    TextPassages,
    bits_per_character,
    stream_of,
)
from plugins.transformer.text.training.shakespeare_recipe import Characters, ShakespeareRecipe
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.core.pausing import result_of
from studio.datasets.shakespeare import Works
from studio.datasets.split import Split
from tests.plugins.transformer.text.decoder_made import LLAMA, SENTENCE, decoder

CPU = Device("cpu", "float32", 1)


def encode(text):
    return [1 + ord(char) % 60 for char in text]


def test_each_text_stands_between_two_ends():
    assert stream_of(["ab", "c"], lambda text: [ord(char) for char in text], 0).tolist() == [0, 97, 98, 0, 99, 0]


def test_passages_are_drawn_by_number_and_followed_by_themselves():
    passages = TextPassages(np.arange(100, dtype=np.int32), 8, 10, 3, torch.device("cpu"))
    tokens, following = passages.draw(4, 1)
    assert tokens.shape == (8, 10)
    assert torch.equal(following, tokens + 1)
    assert torch.equal(passages.draw(4, 1)[0], tokens)
    assert not torch.equal(passages.draw(5, 1)[0], tokens)
    reached = {int(place) for step in range(60) for place in passages.draw(step, 0)[1].flatten()}
    assert reached == set(range(1, 100))


def test_the_loss_is_that_of_the_next_token():
    model = decoder(LLAMA)
    passages = TextPassages(np.arange(100, dtype=np.int32) % 61, 2, 10, 3, torch.device("cpu"))
    loss, _ = NextTokenObjective(passages)(model, 0, 0)
    tokens, following = passages.draw(0, 0)
    shares = model(tokens).softmax(-1)
    wanted = -sum(math.log(shares[row, place, following[row, place]]) for row in range(2) for place in range(10)) / 20
    assert float(loss) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(("n_characters", "stride"), [(10, 8), (16, 8), (17, 8), (30, 8), (41, 16), (200, 4)])
def test_bits_are_counted_once_for_each_token_with_what_its_window_sees(n_characters, stride):
    model = decoder(replace(LLAMA, n_context=16))
    text = (SENTENCE * 3)[:n_characters]
    ids, nats, n_context = [0, *encode(text), 0], 0.0, 16
    for place in range(1, len(ids)):
        first = 0 if place <= n_context else stride * math.ceil((place - n_context) / stride)
        if first + n_context > len(ids) - 1:
            first = max(0, len(ids) - 1 - n_context)
        with torch.inference_mode():
            said = model(torch.tensor([ids[first:place]]))[0, -1].log_softmax(-1)
        nats -= float(said[ids[place]])
    bits = result_of(bits_per_character(model, [text], encode, 0, stride))
    assert bits == pytest.approx(nats / math.log(2) / n_characters, rel=1e-4)


def test_characters_are_numbered_from_one_and_strangers_are_the_end():
    characters = Characters(("bca",))
    assert characters.encode("abcz") == [1, 2, 3, 0]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A recipe in a few seconds: small works, a small network and a small peer."""
    patch = pytest.MonkeyPatch()
    works = {split: Works((str(split),), (SENTENCE * n,)) for split, n in zip(Split, (40, 2, 2), strict=True)}
    patch.setattr(shakespeare_recipe, "load_shakespeare", works.__getitem__)
    small = DecoderConfig(
        n_vocab=300, n_context=32, n_layers=1, n_heads=2, n_kv_heads=2, width=32, head_width=16, mlp_width=32
    )
    patch.setattr(peer, "peer_config", lambda n_vocab: replace(small, n_vocab=n_vocab))
    settings = replace(ShakespeareRecipe().settings, n_warmup=5, n_decay=10)
    recipe = replace(ShakespeareRecipe(), config=small, n_items=4, settings=settings)
    out = tmp_path_factory.mktemp("trained") / "shakespeare.safetensors"
    frames = list(recipe.train(TrainOptions(out, CPU, n_steps=40)))
    patch.undo()
    return frames, out


@pytest.mark.long("trains a network")
def test_the_recipe_learns_and_writes_weights_and_card(trained):
    frames, out = trained
    losses = [frame.scalars["loss"] for frame in frames if "loss" in frame.scalars]
    assert losses[-1] < 0.6 * losses[0]
    card = json.loads(out.with_suffix(".json").read_text("utf-8"))
    names = [check["name"] for check in card["checks"]]
    assert len(names) == 3
    decoder = TransformerEngine.open(source(out), CPU).decoder
    assert card["n_params"] == sum(value.numel() for value in decoder.parameters())
    assert card["trained"]["n_steps"] == 40
    assert card["examples"]
    assert abs(card["figures"][names[1]]) < 5


def source(path):
    return ModelSource("transformer/shakespeare", path)


def test_what_it_wrote_goes_on_with_the_sentence(trained):
    engine = TransformerEngine.open(source(trained[1]), CPU)
    *_, last = engine.generate(TransformerParams(prompt="To be, or not", length=4, is_greedy=True))
    assert last.scalars["surprise"] < 6
