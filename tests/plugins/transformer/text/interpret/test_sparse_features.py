"""Sparse features: what they describe, their gradient, their file, how well they stand in, and their words."""

import json
import math
from dataclasses import asdict

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from plugins.transformer.adapter_importer import base_hash
from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.interpret.sparse_features import (
    SparseAutoencoder,
    SparseConfig,
    SparseFeatures,
    load_features,
    save_features,
)
from plugins.transformer.text.model.weights import save_decoder
from plugins.transformer.text.state import FeatureWords
from plugins.transformer.text.training.decoder_training import TextPassages
from plugins.transformer.text.training.features_recipe import (
    FeatureTexts,
    feature_figures,
    feature_words,
    stream_after,
)
from studio.api.engine import ModelSource
from studio.compute.device import choose_device
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.text.steer_slider import SteerSlider
from tests.plugins.transformer.text.decoder_made import LLAMA, decoder, sentence_tokenizer, small_engine, tokens

CPU = torch.device("cpu")
CONFIG = SparseConfig(width=32, n_features=24, n_active=3, layer=1)
WORDS = tuple(FeatureWords((f"w{n}",), (f"a «w{n}» b",)) for n in range(24))


def autoencoder(config=CONFIG):
    torch.manual_seed(7)
    made = SparseAutoencoder(config)
    with torch.no_grad():
        for weight in (made.encoder_bias, made.bias, made.mean):
            weight.copy_(0.3 * torch.randn_like(weight))
        made.scale.fill_(1.7)
    return made.requires_grad_(False)


def exact(mean):
    """Two features for each axis, one each way: nothing is lost."""
    made = SparseAutoencoder(SparseConfig(width=32, n_features=64, n_active=64, layer=1))
    both = torch.cat([torch.eye(32), -torch.eye(32)])
    with torch.no_grad():
        made.encoder.copy_(both)
        made.decoder.copy_(both)
        made.mean.copy_(mean)
    return made


def test_a_description_is_the_largest_answers_times_their_directions():
    made = autoencoder()
    x = torch.randn(5, 32)
    for row, found, again in zip(x, made.activations(x), made(x), strict=True):
        inner = (row - made.mean) / made.scale - made.bias
        answers = [max(0.0, float(inner @ made.encoder[one] + made.encoder_bias[one])) for one in range(24)]
        kept = sorted(range(24), key=lambda one: -answers[one])[:3]
        total = made.bias.clone()
        for one in kept:
            total += answers[one] * made.decoder[one] / made.decoder[one].norm()
        assert {int(one) for one in found.nonzero()} == {one for one in kept if answers[one]}
        assert torch.allclose(again, total * made.scale + made.mean, atol=1e-5)


@pytest.mark.parametrize("name", ["encoder", "decoder", "encoder_bias", "bias"])
def test_the_gradient_is_that_of_finite_differences(name):
    made, x = autoencoder().double().requires_grad_(True), torch.randn(6, 32, dtype=torch.float64)
    weight = getattr(made, name)
    (gradient,) = torch.autograd.grad((made(x) - x).square().mean(), weight)
    way, step = torch.randn_like(weight), 1e-6
    losses = []
    with torch.no_grad():
        for sign in (1, -2):
            weight.add_(way, alpha=sign * step)
            losses.append(float((made(x) - x).square().mean()))
    assert float((gradient * way).sum()) == pytest.approx((losses[0] - losses[1]) / (2 * step), rel=1e-4)


def test_a_features_file_comes_back_beside_its_model(tmp_path):
    engine = small_engine()
    path = tmp_path / "small.safetensors"
    save_decoder(path, engine.decoder, sentence_tokenizer())
    source, device = ModelSource("transformer/small", path, {}), choose_device("cpu")
    assert TransformerEngine.open(source, device).about().features == ()
    save_features(tmp_path / "small-features.safetensors", SparseFeatures(autoencoder(), WORDS), base_hash(source))
    opened = TransformerEngine.open(source, device)
    assert opened.about().features == WORDS
    ids = [*opened.tokenizer.encode("to be")]
    x = opened.decoder.embedded(torch.tensor([ids]))
    for layer in range(2):
        x = opened.decoder.layer(layer, x)
    network = load_features(tmp_path / "small-features.safetensors", opened.decoder.config, base_hash(source)).network
    assert np.allclose(opened.features(ids, ""), network.activations(x)[0, -1].tolist(), atol=1e-3)
    assert opened.features(ids, "layer 1") != opened.features(ids, "")
    assert opened._directions.step(SteerSlider(10.0, feature=5))[0] == 1
    with pytest.raises(UserError, match="24 features"):
        opened._ablation("\n+5 feature 25")
    with pytest.raises(UserError, match="No features"):
        engine._ablation("\n+5 feature 1")


def test_features_of_weights_that_changed_are_refused(tmp_path):
    engine, path = small_engine(), tmp_path / "small.safetensors"
    save_decoder(path, engine.decoder, sentence_tokenizer())
    source, device = ModelSource("transformer/small", path, {}), choose_device("cpu")
    save_features(tmp_path / "small-features.safetensors", SparseFeatures(autoencoder(), WORDS), base_hash(source))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="another model"):
        TransformerEngine.open(source, device)


BAD = {
    "other weights": ({}, {"model": "0" * 64}),
    "no weights named": ({}, {"model": ""}),
    "nan": ({"encoder": torch.full((24, 32), math.nan)}, {}),
    "shape": ({"decoder": torch.zeros(32, 24)}, {}),
    "no scale": ({"scale": torch.zeros(())}, {}),
    "two scales": ({"scale": torch.ones(2)}, {}),
    "no words": ({}, {"features": "[]"}),
    "words are numbers": ({}, {"features": json.dumps([3] * 24)}),
    "not JSON": ({}, {"config": "{"}),
    "deep": ({}, {"config": "[" * 100_000}),
    "huge": ({}, {"config": json.dumps({**asdict(CONFIG), "n_features": 2**60})}),
    "all active": ({}, {"config": json.dumps({**asdict(CONFIG), "n_active": 25})}),
    "a text for a size": ({}, {"config": json.dumps({**asdict(CONFIG), "n_active": "3"})}),
    "unknown size": ({}, {"config": json.dumps({**asdict(CONFIG), "more": 3})}),
    "other layer": ({}, {"config": json.dumps({**asdict(CONFIG), "layer": 9})}),
    "half a layer": ({}, {"config": json.dumps({**asdict(CONFIG), "layer": 1.5})}),
    "other width": ({}, {"config": json.dumps({**asdict(CONFIG), "width": 16})}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_a_sentence(tmp_path, name):
    path = tmp_path / "f.safetensors"
    save_features(path, SparseFeatures(autoencoder(), WORDS), "f" * 64)
    about = {
        "model": "f" * 64,
        "config": json.dumps(asdict(CONFIG)),
        "features": json.dumps([asdict(one) for one in WORDS]),
    }
    tensors, metadata = BAD[name]
    save_file({**load_file(path), **tensors}, path, {**about, **metadata})
    with pytest.raises(UserError):
        load_features(path, LLAMA, "f" * 64)


@pytest.mark.parametrize("n_bytes", [0, 7, 200])
def test_a_cut_file_is_refused_in_a_sentence(tmp_path, n_bytes):
    path = tmp_path / "f.safetensors"
    save_features(path, SparseFeatures(autoencoder(), WORDS), "f" * 64)
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(UserError):
        load_features(path, LLAMA, "f" * 64)


def test_figures_of_a_description_that_loses_nothing_and_of_one_that_says_nothing():
    model, row = decoder(LLAMA), tokens(1, 65 * 9, seed=2)[0].int().numpy()
    rows = torch.from_numpy(row[: 65 * 9]).long().view(9, 65)
    mean = stream_after(model, rows[:, :-1], 1).mean(0)
    found = result_of(feature_figures(exact(mean), model, row, None, CPU))
    assert found.explained == pytest.approx(1, abs=1e-6)
    assert found.described == pytest.approx(found.plain, abs=1e-5)
    assert found.recovered == pytest.approx(1, abs=1e-4)
    assert found.n_active == pytest.approx(32, abs=0.1)
    assert found.dead == 0
    nothing = exact(mean)
    with torch.no_grad():
        nothing.encoder_bias.fill_(-1e6)
    found = result_of(feature_figures(nothing, model, row, None, CPU))
    assert found.explained == pytest.approx(0, abs=1e-5)
    assert found.recovered == pytest.approx(0, abs=1e-5)
    assert (found.n_active, found.dead) == (0, 1)


def test_a_feature_is_called_after_the_word_that_it_answers_to_most():
    engine, network = small_engine(), autoencoder()
    cutter, model = engine.tokenizer, engine.decoder
    row = np.array(cutter.encode("To be, or not to be, that is the question. " * 12, with_start=False), np.int32)
    passages = TextPassages(row, 100, 16, 1, CPU)
    found = result_of(feature_words(network, FeatureTexts(model, cutter, row, row, row), passages))
    read = torch.cat([passages.draw(1_000_000 + number, 0)[0] for number in range(3)])
    answers = network.activations(stream_after(model, read, 1)).view(300, 15, 24)
    for feature, told in enumerate(found):
        best = answers[:, :, feature]
        assert bool(told.words) == (float(best.max()) > 0)
        if told.words:
            at = divmod(int(best.argmax()), 15)
            piece = cutter.pieces([int(read[at[0], at[1] + 1])])[0].decode().strip()
            assert piece in told.contexts[0].partition("«")[2].partition("»")[0]
