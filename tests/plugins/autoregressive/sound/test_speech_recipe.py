"""Spoken digits from data to card, and as they are asked for in the window."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.autoregressive.sound.conditioning import WordChoice
from plugins.autoregressive.sound.engine import SoundEngine
from plugins.autoregressive.sound.model.speech import SpeechWaveNet, n_conditioning
from plugins.autoregressive.sound.model.weights import load_sound_network, save_sound_network
from plugins.autoregressive.sound.params import SoundParams
from plugins.autoregressive.sound.training.speech_recipe import (
    CONFIG,
    SPEECH,
    requested_pairs,
    spoken_words,
    word_check,
)
from studio.api.engine import TrainOptions
from studio.api.training import Split, TrainSettings
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.pausing import result_of
from studio.datasets.speech import VOICES, WORDS
from tests.plugins.autoregressive.sound.speech_made import made_speech, made_talker


@pytest.fixture
def few(monkeypatch):
    parts = dict.fromkeys(Split, made_speech())
    monkeypatch.setattr("plugins.autoregressive.sound.training.speech_recipe.load_speech_parts", lambda: parts)
    monkeypatch.setattr("plugins.autoregressive.sound.training.speech_recipe.N_HEARD", 4)
    monkeypatch.setattr("plugins.autoregressive.sound.training.speech_recipe.SHOWN_VOICE", 1)


@pytest.mark.usefixtures("few")
def test_the_recipe_writes_a_model_with_its_card(tmp_path):
    told = n_conditioning(len(CONFIG.phonemes), 2)
    wave = replace(CONFIG.wave, dilation=(1, 2), n_told=told, width=8, skip_width=8, told_width=8, told_inner=8)
    short = TrainSettings(n_steps=2, n_warmup=1, n_decay=1)
    recipe = replace(SPEECH, config=replace(CONFIG, wave=wave, n_timbre=2), settings=short)
    path = tmp_path / "made.safetensors"
    frames = list(recipe.train(TrainOptions(path, Device("cpu", "float32", 1))))
    assert any({"picture", "sound"} <= set(frame.views) for frame in frames)
    card = read_card(path.with_suffix(".json"))
    assert (card.id, card.more["kind"]) == ("autoregressive/speech", "sound")
    checks = card.more["checks"]
    assert [check["floor"] for check in checks] == [None, 80.0, 1.0]
    assert checks[0]["value"] == pytest.approx(8, abs=0.5)  # bits: nothing was learnt
    network = load_sound_network(path)
    assert isinstance(network, SpeechWaveNet)
    assert network.segments[1, 3, :4, 1].tolist() == [4, 10, 6, 5]
    assert network.timbres.any()


def test_a_network_is_what_it_was_when_it_is_read_again(tmp_path):
    network = made_talker()
    save_sound_network(tmp_path / "a.safetensors", network)
    again = load_sound_network(tmp_path / "a.safetensors")
    assert isinstance(again, SpeechWaveNet)
    assert (again.segments == network.segments).all()
    assert again.timbres == pytest.approx(network.timbres, abs=2e-3)


def test_a_word_is_asked_for_by_word_and_voice():
    engine = SoundEngine(made_talker(), {})
    offer = engine.about().offer
    assert [list(picker.labels) for picker in offer.pickers if isinstance(picker, WordChoice)] == [
        list(WORDS),
        list(VOICES),
    ]
    params = SoundParams(kind="seven", instrument="Annie", seconds=0.128)
    assert offer.asked(params) == "You asked for “seven” in the voice Annie."
    *_, last = whole_frames(engine.generate(params))
    assert last.state is not None
    assert len(last.state["levels"]) == 2048
    told = [engine.asking.told(replace(params, instrument=voice), 2048).numbers for voice in ("Annie", "Lee")]
    assert (told[0][:, -3:] != told[1][:, -3:]).all()


@pytest.mark.parametrize("asked", [{"kind": "eleven"}, {"kind": "one", "instrument": "nobody"}])
def test_what_it_does_not_know_is_said(asked):
    with pytest.raises(UserError, match="does not know"):
        SoundEngine(made_talker(), {}).generate(SoundParams(**asked))


@pytest.mark.parametrize(("column", "value"), [(0, 22), (0, -1), (1, 0), (1, 60_000), (2, -5), (3, 9_000)])
def test_a_table_that_makes_no_sense_is_said(column, value):
    network = made_talker()
    network.segments[2, 3, :, column] = value
    with pytest.raises(UserError, match="damaged"):
        SoundEngine(network, {})


def test_every_word_of_every_voice_is_asked_in_turn():
    pairs = requested_pairs(np.array([3, 7]), 2, 5)
    assert pairs == [(3, 0), (3, 1), (7, 0), (7, 1), (3, 0)]


def test_words_are_as_long_as_the_longest():
    sounds = result_of(spoken_words(made_talker(), [(0, 0), (1, 2)], 1, 0.8))
    assert sounds.shape == (2, 25 * 64)


def test_the_judge_hears_which_words_are_right(monkeypatch):
    class Ear:
        def read(self, pictures):
            assert pictures.shape[1:] == (1, 64, 128)
            return torch.tensor([2, 5, 5])

    monkeypatch.setattr("plugins.autoregressive.sound.training.speech_recipe.load_judge", lambda name: Ear())
    check = word_check(np.zeros((3, 1600), np.float32), [(0, 2), (1, 5), (1, 9)])
    assert check.value == pytest.approx(200 / 3)
