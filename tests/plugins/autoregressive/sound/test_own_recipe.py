"""A folder of one's own sounds becomes a model: what is read and left out, what is told, and what its card says."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from plugins.autoregressive.sound.conditioning import WordChoice
from plugins.autoregressive.sound.engine import SoundEngine
from plugins.autoregressive.sound.model.config import WaveConfig
from plugins.autoregressive.sound.model.own_sounds import (
    OwnWaveNet,
    OwnWaveNetConfig,
    kind_conditioning,
    n_conditioning,
)
from plugins.autoregressive.sound.model.weights import conditioner_of, load_sound_network
from plugins.autoregressive.sound.params import SoundParams
from plugins.autoregressive.sound.signal import levels_of
from plugins.autoregressive.sound.training import own_recipe
from plugins.autoregressive.sound.training.objective import NextSampleObjective
from plugins.autoregressive.sound.training.own_recipe import MOST_MEASURED, SOUNDS, OwnSoundBatches
from studio.api.engine import FolderRecipe, ModelSource, TrainOptions
from studio.api.training import Training, TrainSettings
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.pausing import result_of
from tests.plugins.autoregressive.sound.test_engine import tone, write_wav

CPU = Device("cpu", "float32", 1)
WAVE = WaveConfig((1, 2, 4), n_conditioning(1), n_waves=0, width=8, skip_width=8, told_width=8, told_inner=8)
SHORT = replace(SOUNDS.settings, n_steps=4, n_micro=1, n_warmup=1, n_decay=2, seconds=0.256)
SMALL = replace(SOUNDS, wave=WAVE, settings=SHORT)


def sounds_config(n_kinds=2, n_stretches=32):
    wave = replace(WAVE, n_told=n_conditioning(n_kinds))
    return OwnWaveNetConfig(tuple("abcdefgh"[:n_kinds]), wave, n_stretches)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(own_recipe, "N_SHOWN", 2)


@pytest.fixture
def folder(tmp_path):
    """Six beeps and four clicks in folders of their own, one that is silent and one that is no sound."""
    place = tmp_path / "My sounds"
    for kind in ("beep", "click"):
        (place / kind).mkdir(parents=True)
    for number in range(6):
        write_wav(place / "beep" / f"{number}.wav", tone(0.3, 200 + 40 * number, gain=0.2))
    for number in range(4):
        noise = np.random.default_rng(number).normal(0, 0.1, 4000) * np.exp(-np.arange(4000) / 300)
        write_wav(place / "click" / f"{number}.wav", noise)
    write_wav(place / "nothing.wav", np.zeros(4000))
    (place / "broken.wav").write_bytes(b"RIFF????WAVEnothing")
    return place


def options(tmp_path, folder):
    return TrainOptions(tmp_path / "own.safetensors", CPU, settings={"data": str(folder)})


def test_what_can_be_learnt_from_is_said_and_what_cannot_too(folder):
    assert isinstance(SOUNDS, FolderRecipe)
    assert SOUNDS.takes_folder(folder)
    assert SOUNDS.takes_folder(folder / "nothing.wav")
    assert not SOUNDS.takes_folder(folder / "click")  # four sounds
    finding = result_of(SOUNDS.look_into(folder))
    assert finding.sentence == "10 sounds to learn from, of the kinds beep, click."
    assert {one.partition(":")[0] for one in finding.left_out} == {"broken.wav", "nothing.wav"}


def test_a_folder_that_is_no_good_gives_a_sentence(tmp_path, folder):
    with pytest.raises(UserError, match="own sounds"):
        list(SMALL.train(TrainOptions(tmp_path / "a.safetensors", CPU)))
    with pytest.raises(UserError, match="There are 4 sounds"):
        list(SMALL.train(options(tmp_path, folder / "click")))
    with pytest.raises(UserError, match="no folder"):
        list(SMALL.train(options(tmp_path, folder / "gone")))


@pytest.mark.usefixtures("few")
def test_a_folder_becomes_a_model_that_plays(folder, tmp_path):
    frames = list(SMALL.train(options(tmp_path, folder)))
    assert any("left out: 2" in frame.label for frame in frames)
    first: Any = next(frame for frame in frames if frame.views)
    assert first.views["picture"].pixels.shape[0] == 96
    assert len(first.views["sound"].samples) == 2 * 4096
    text = (tmp_path / "own.json").read_text("utf-8")
    card = json.loads(text)
    assert (card["id"], card["kind"]) == ("autoregressive/sounds", "sound")
    assert card["data"] == "10 sounds of your own, 0.26 s at 16 kHz"
    assert card["data_set"]["name"] == "My sounds"
    assert str(folder.parent) not in text
    assert (card["trained"]["seed"], card["trained"]["n_steps"]) == (SOUNDS.seed, 4)
    bits, loss = card["checks"]
    assert bits["value"] == pytest.approx(8, abs=1)  # nothing was learnt
    assert loss["floor"] == 1.0
    source = ModelSource("autoregressive/own", tmp_path / "own.safetensors", card)
    engine = SoundEngine.open(source, CPU)
    assert list(engine.asking.offer.pickers) == [
        WordChoice("kind", "Kind of sound", {"beep": "beep", "click": "click"})
    ]
    params = SoundParams(kind="click", seconds=0.064, block=512)
    last: Any = list(whole_frames(engine.generate(params)))[-1]
    assert last.views["waveform"].samples.shape == (1024,)
    assert engine.about().offer.asked(params) == "You asked for “click”."
    with pytest.raises(UserError, match="“gong”"):
        list(engine.generate(replace(params, kind="gong")))


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
    assert load_sound_network(tmp_path / "own.safetensors").config.kinds == ("beep", "click")


def losses(frames):
    return {frame.step: frame.scalars["loss"] for frame in frames if "loss" in frame.scalars}


def test_a_person_chooses_how_much_of_each_sound_is_learnt(folder):
    recipe = replace(SOUNDS, settings=SOUNDS.settings.chosen({"data": str(folder), "seconds": "1.024"}, 10))
    *_, last = recipe.material(CPU.torch_device)
    assert "left out" in last.label
    material = result_of(recipe.material(CPU.torch_device))
    levels = [one[0] for batches in material.batches.values() for one in batches.each()]
    assert sum(map(len, levels)) == 10
    assert {one.shape[1] for one in levels} == {16_384}
    with pytest.raises(UserError):
        SOUNDS.settings.chosen({"seconds": "60"}, 10)


def test_a_sound_is_told_by_its_kind_and_when_it_is():
    config = sounds_config()
    one, other = (kind_conditioning(kind, 2048, config) for kind in (0, 1))
    assert one.numbers.shape == (32, n_conditioning(2))
    assert one.waves.shape == (2048, 0)
    np.testing.assert_array_equal(one.numbers[:, :2], np.tile([1, 0], (32, 1)))
    np.testing.assert_array_equal(one.numbers[:, 2:], other.numbers[:, 2:])
    assert (np.diff(one.numbers[:24, 2:-1], axis=0) < 0).all()  # the beginning fades at every pace
    np.testing.assert_array_equal(one.numbers[:, -1] < 1, np.arange(32) * 64 > 2048 - 512)


def test_batches_follow_from_seed_and_number_alone_and_keep_their_kind():
    samples = np.random.default_rng(1).uniform(-0.9, 0.9, (6, 2048)).astype(np.float32)
    batches = OwnSoundBatches(samples, np.array([0, 0, 0, 1, 1, 1]), sounds_config(), 3, torch.device("cpu"))
    for number in range(6):
        one, again = batches.draw(number, 0), batches.draw(number, 0)
        assert all((mine == theirs).all() for mine, theirs in zip(one, again, strict=True))
    levels, told, _ = batches.each()[4]
    np.testing.assert_array_equal(levels[0], levels_of(samples[4]))
    assert told[0, 0, :2].tolist() == [0, 1]
    many = replace(batches, samples=np.repeat(samples, 40, 0), labels=np.repeat(batches.labels, 40))
    assert len(many.each()) == MOST_MEASURED
    assert len(batches.each()) == 6


@pytest.mark.long("trains a network")
def test_kinds_are_learnt_apart():
    """Two kinds, each a constant of its own: only who is told the kind can tell the first sample."""
    samples = np.repeat(np.array([[-0.5], [0.5]], np.float32), 16, 1)
    config = sounds_config(n_stretches=1)
    config = replace(config, wave=replace(config.wave, told_width=32, told_inner=32))
    torch.manual_seed(2)
    network = OwnWaveNet(config)
    batches = OwnSoundBatches(samples, np.array([0, 1]), config, 1, torch.device("cpu"))
    settings = TrainSettings(n_steps=120, n_micro=4, learning_rate=1e-2, n_warmup=5, n_decay=20, average_decay=0.0)
    list(Training(network, NextSampleObjective(batches), settings, torch.device("cpu")).run())
    network.requires_grad_(False)
    asking = conditioner_of(network)
    low, high = levels_of(samples[:, 0]).tolist()
    said = {}
    for kind in "ab":
        told, waves = (torch.from_numpy(part)[None] for part in asking.told(SoundParams(kind=kind), 16))
        said[kind] = network(torch.zeros(1, 1, dtype=torch.int64), told[:, :1], waves[:, :1])[0, 0].softmax(-1)
    assert said["a"][low] > 5 * said["b"][low]
    assert said["b"][high] > 5 * said["a"][high]


def test_impossible_sizes_are_refused():
    config = sounds_config()
    for changes in ({"kinds": ()}, {"kinds": ("a", "a")}, {"kinds": ("a", "b", "c")}, {"n_stretches": 0}):
        with pytest.raises(UserError):
            replace(config, **changes)
