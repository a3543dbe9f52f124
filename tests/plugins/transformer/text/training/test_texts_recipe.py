"""A folder of texts becomes a model: new, or from the one that is there; what its training shows on the way."""

import json
from dataclasses import replace

import pytest

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.weights import load_decoder
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.training import texts_recipe
from plugins.transformer.text.training.texts_recipe import TransformerTextsRecipe
from plugins.transformer.text.view_model import learnt_tokens
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.core.error import UserError
from studio.core.frame import Frame, whole_frames
from studio.core.pausing import result_of
from studio.core.view import Tokens
from tests.plugins.transformer.text.decoder_made import SENTENCE

CPU = Device("cpu", "float32", 1)
SMALL = replace(
    TransformerTextsRecipe(),
    n_layers=1,
    n_heads=1,
    n_context=32,
    n_items=4,
    settings=replace(TransformerTextsRecipe().settings, n_warmup=5, n_decay=10),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts")
    (path / "a.txt").write_text(SENTENCE * (21_000 // len(SENTENCE) + 1))
    (path / "b.md").write_bytes(b"\xff")
    return path


def trained(recipe, folder, out, n_steps, **settings):
    options = TrainOptions(out, CPU, n_steps=n_steps, settings={"data": str(folder), **settings})
    return list(whole_frames(recipe.train(options)))


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "texts.safetensors"
    return trained(SMALL, folder, out, 40), out


def test_a_folder_becomes_a_model_that_goes_on_with_its_texts(run):
    frames, out = run
    losses = [frame.scalars["loss"] for frame in frames if "loss" in frame.scalars]
    assert losses[-1] < 0.6 * losses[0]
    engine = TransformerEngine.open(ModelSource("transformer/texts", out), CPU)
    *_, last = engine.generate(TransformerParams(prompt=SENTENCE[:20], length=4, is_greedy=True))
    assert last.scalars["surprise"] < 6


def test_its_card_says_what_it_learnt_from_and_holds_no_path(run, folder):
    text = run[1].with_suffix(".json").read_text("utf-8")
    card = json.loads(text)
    assert card["data"].startswith("1 texts of your own")
    assert len(card["checks"]) == 1
    assert card["examples"]
    assert str(folder) not in text


def test_the_training_shows_what_is_left_out_and_what_the_model_writes(run):
    frames, _ = run
    assert any("b.md" in frame.label for frame in frames)
    samples = [learnt_tokens(frame) for frame in frames if learnt_tokens(frame)]
    assert len(samples) > 2
    assert all("".join(token.piece for token in tokens).startswith(SENTENCE[:20]) for tokens in samples)


def test_a_frame_with_a_state_is_a_text_and_no_sample():
    view = Tokens(("a", "b"), (1.0, 2.0))
    assert [token.piece for token in learnt_tokens(Frame(0, 1, views={"text": view}))] == ["a", "b"]
    assert learnt_tokens(Frame(0, 1, views={"text": view}, state={})) == ()


def test_it_goes_on_from_a_model_that_is_there(run, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(texts_recipe, "SHAKESPEARE", run[1])
    out = tmp_path / "more.safetensors"
    frames = trained(replace(SMALL, n_layers=2), folder, out, 6, begin="shakespeare", learning_rate="1e-4")
    first = next(frame.scalars["loss"] for frame in frames if "loss" in frame.scalars)
    known = next(frame.scalars["loss"] for frame in run[0] if "loss" in frame.scalars)
    assert first < 0.7 * known
    assert load_decoder(out)[0].config == load_decoder(run[1])[0].config


def test_folders_are_looked_into_before_anything_is_learnt(folder, tmp_path):
    assert SMALL.takes_folder(folder)
    assert SMALL.takes_folder(folder / "a.txt")
    assert not SMALL.takes_folder(tmp_path)
    assert "1 texts" in result_of(SMALL.look_into(folder)).sentence
    with pytest.raises(UserError, match="folder"):
        trained(SMALL, "", tmp_path / "none.safetensors", 2)
