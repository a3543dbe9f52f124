"""A folder of one's own texts becomes a Transformer-XL: what is read and left out, and what its card says."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from plugins.autoregressive.text.engine import XLTextEngine
from plugins.autoregressive.text.params import TextParams
from plugins.autoregressive.text.training.recipe import MIN_VOCABULARY, N_MEASURED, OWN_TRAINING, TEXTS
from studio.api.engine import FolderRecipe, ModelSource, TrainOptions
from studio.api.training import Split
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.autoregressive.text.xl_made import tiny_config

CPU = Device("cpu", "float32", 1)
SHORT = replace(OWN_TRAINING, n_steps=4, n_warmup=1, n_decay=2)
SMALL = replace(TEXTS, config=tiny_config(), settings=SHORT, n_items=2, n_read=3, memories=(0, 4, 8))


def made_text(n_words, seed):
    words = ["meadow", "river", "stone", "evening", "walks", "slowly", "the", "a", "and", "over"]
    return " ".join(random.Random(seed).choices(words, k=n_words)).capitalize() + "."


@pytest.fixture
def folder(tmp_path):
    """Two texts, one of which is long, and two files that are none."""
    place = tmp_path / "My texts"
    (place / "inner").mkdir(parents=True)
    (place / "long.txt").write_text(made_text(4500, 1), "utf-8")
    (place / "inner" / "short.md").write_text(made_text(60, 2), "utf-8")
    (place / "empty.txt").write_text(" \n", "utf-8")
    (place / "broken.txt").write_bytes(b"\xff\xfe\x00")
    return place


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr("plugins.autoregressive.text.training.recipe.N_PREVIEW", 3)
    monkeypatch.setattr("plugins.autoregressive.text.training.recipe.N_VALIDATION_CHARACTERS", 300)
    monkeypatch.setattr("plugins.autoregressive.text.training.recipe.N_MEASURED", 300)


def options(tmp_path, folder):
    return TrainOptions(tmp_path / "own.safetensors", CPU, settings={"data": str(folder)})


def test_what_can_be_learnt_from_is_said_and_what_cannot_too(folder):
    assert isinstance(TEXTS, FolderRecipe)
    assert TEXTS.takes_folder(folder)
    assert TEXTS.takes_folder(folder / "long.txt")
    finding = result_of(TEXTS.look_into(folder))
    assert finding.sentence.startswith("2 texts with ")
    assert {one.partition(":")[0] for one in finding.left_out} == {"empty.txt", "broken.txt"}


def test_a_folder_that_is_no_good_gives_a_sentence(tmp_path, folder):
    with pytest.raises(UserError, match="own texts"):
        list(SMALL.train(TrainOptions(tmp_path / "a.safetensors", CPU)))
    with pytest.raises(UserError, match="characters that can be read"):
        list(SMALL.train(options(tmp_path, folder / "inner")))
    scraps = tmp_path / "scraps"
    scraps.mkdir()
    for number in range(1300):
        (scraps / f"{number}.txt").write_text("sixteen letters!", "utf-8")
    with pytest.raises(UserError, match="too short to set part"):
        list(SMALL.train(options(tmp_path, scraps)))


@pytest.mark.usefixtures("few")
def test_a_folder_becomes_a_model_that_writes(folder, tmp_path):
    frames = list(SMALL.train(options(tmp_path, folder)))
    assert any("left out: 2" in frame.label for frame in frames)
    text = (tmp_path / "own.json").read_text("utf-8")
    card = json.loads(text)
    assert (card["id"], card["kind"]) == ("autoregressive/texts", "text")
    assert card["data"].startswith("2 texts of your own, ")
    assert card["data_set"]["name"] == "My texts"
    assert str(folder.parent) not in text
    assert card["memory_curve"]["memory"] == [0, 4, 8]
    bits, gain, loss = card["checks"]
    assert bits["name"] == "Bits per character on the last twentieth of each text, memory of 8 tokens"
    assert bits["value"] == pytest.approx(card["memory_curve"]["bits"][2], abs=1e-3)
    assert (gain["floor"], loss["floor"]) == (None, 1.0)
    assert not any("Macbeth" in note for note in card["notes"])
    assert not (tmp_path / "own.peer.checkpoint").exists()
    engine = XLTextEngine.open(ModelSource("autoregressive/own", tmp_path / "own.safetensors", card), CPU)
    assert engine.config.n_vocab <= MIN_VOCABULARY  # there is little to learn tokens from
    frames = list(engine.generate(TextParams(prompt=card["examples"][0], length=3)))
    assert frames
    assert len(card["examples"][0]) <= 40


@pytest.mark.long("trains a network")
@pytest.mark.usefixtures("few")
def test_a_stopped_training_goes_on_as_if_it_had_not_been_stopped(folder, tmp_path):
    whole = list(SMALL.train(options(tmp_path, folder)))
    frames: Any = SMALL.train(options(tmp_path, folder))
    while next(frames).step < 2:
        pass
    frames.close()
    resumed = list(SMALL.train(replace(options(tmp_path, folder), is_resumed=True)))
    assert losses(resumed)[3] == losses(whole)[3]


def losses(frames):
    return {frame.step: frame.scalars["loss"] for frame in frames if "loss" in frame.scalars}


def test_parts_are_held_out_of_each_text(folder):
    own = replace(TEXTS, folder=result_of(SMALL._read(replace(SHORT, data=str(folder)))))
    learnt, chosen_by, measured = (own.texts(split) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST))
    assert (len(learnt), len(chosen_by), len(measured)) == (2, 1, 1)
    long = made_text(4500, 1)
    assert measured[0].splitlines()[-1] == long[-int(0.05 * len(long)) :][:N_MEASURED]
    assert long.startswith(learnt[-1])
