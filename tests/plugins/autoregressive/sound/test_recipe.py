"""The recipe of notes from data to card, what a note is told, and what it is measured by."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from plugins.autoregressive.shared.model.head_config import SOFTMAX, HeadConfig
from plugins.autoregressive.sound.model.notes import (
    NoteRequest,
    NotesWaveNet,
    NotesWaveNetConfig,
    n_conditioning,
    stretch_conditioning,
    waves_of,
)
from plugins.autoregressive.sound.model.weights import load_sound_network, save_sound_network
from plugins.autoregressive.sound.signal import RATE_HZ
from plugins.autoregressive.sound.training.notes_data import NoteBatches, lowered, read_semitones
from plugins.autoregressive.sound.training.notes_recipe import CONFIG, NOTES, note_checks, one_of_each_pair
from plugins.autoregressive.sound.training.objective import NextSampleObjective
from plugins.autoregressive.sound.training.samples import sheet_of
from studio.api.engine import TrainOptions
from studio.api.training import INSTRUMENTS, Split, Training, TrainSettings, load_notes, pitch_hz
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.sound.note import cents_between, frequency_hz
from tests.plugins.autoregressive.sound.sound_made import made_notes, notes_config

CPU = torch.device("cpu")


@pytest.fixture
def few(monkeypatch):
    """Few notes to learn from and to be measured on."""

    def load(split):
        notes = load_notes(split)
        return replace(
            notes,
            samples=notes.samples[:3],
            instruments=notes.instruments[:3],
            pitches=notes.pitches[:3],
            velocities=notes.velocities[:3],
        )

    monkeypatch.setattr("plugins.autoregressive.sound.training.notes_recipe.load_notes", load)
    monkeypatch.setattr("plugins.autoregressive.sound.training.notes_recipe.N_SHOWN", 2)


def options(tmp_path):
    return TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))


def small_recipe(n_steps=2, head=SOFTMAX):
    wave = replace(CONFIG.wave, dilation=(1, 2), width=8, skip_width=8, told_width=8, told_inner=8, head=head)
    short = TrainSettings(n_steps=n_steps, n_micro=1, n_warmup=1, n_decay=1)
    return replace(NOTES, config=replace(CONFIG, wave=wave), settings=short)


@pytest.mark.long("trains a network")
@pytest.mark.usefixtures("few")
def test_the_recipe_writes_a_model_with_its_card(tmp_path):
    recipe = small_recipe()
    frames = list(recipe.train(options(tmp_path)))
    first = next(frame for frame in frames if frame.views)
    assert first.views["picture"].pixels.shape == (96, 128, 3)
    assert first.views["sound"].samples.shape == (2 * 8192,)
    assert any("bits per sample" in name for frame in frames for name in frame.scalars)
    card = read_card(tmp_path / "made.json")
    assert card.id == "autoregressive/notes"
    assert card.more["kind"] == "sound"
    assert card.licence == "MIT"
    assert card.trained["seed"] == recipe.seed
    checks = card.more["checks"]
    assert checks[0]["value"] == pytest.approx(8, abs=0.5)  # bits: nothing was learnt
    assert [check["floor"] for check in checks] == [None, 90.0, 80.0, 1.0]
    assert load_sound_network(tmp_path / "made.safetensors").config == recipe.config


@pytest.mark.long("trains a network")
@pytest.mark.usefixtures("few")
def test_a_stopped_training_goes_on(tmp_path):
    recipe = small_recipe(4)
    frames: Any = recipe.train(options(tmp_path))
    while next(frames).step < 2:
        pass
    frames.close()
    resumed = recipe.train(replace(options(tmp_path), is_resumed=True))
    assert [frame.step for frame in resumed if "loss" in frame.scalars][-1] == 3


def test_the_file_of_a_model_is_small(tmp_path):
    save_sound_network(tmp_path / "made.safetensors", NotesWaveNet(CONFIG))
    assert (tmp_path / "made.safetensors").stat().st_size < 1.2e6


def test_what_is_saved_comes_back_within_rounding(tmp_path):
    network = made_notes()
    save_sound_network(tmp_path / "made.safetensors", network)
    loaded = load_sound_network(tmp_path / "made.safetensors")
    note = [NoteRequest(1, 60, 80)]
    inputs = (stretch_conditioning(note, 128, network.config), waves_of(note, 128, network.config))
    levels, told, waves = torch.zeros(1, 128).long(), *map(torch.from_numpy, inputs)
    np.testing.assert_allclose(loaded(levels, told, waves), network(levels, told, waves), atol=0.15)
    (tmp_path / "made.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError):
        load_sound_network(tmp_path / "made.safetensors")


def test_a_note_is_told_apart_by_all_that_is_asked_for():
    config = notes_config()
    note = NoteRequest(1, 60, 80)
    others = [NoteRequest(0, 60, 80), NoteRequest(1, 61, 80), NoteRequest(1, 60, 49)]
    told = stretch_conditioning([note, *others], 256, config)
    assert told.shape == (4, 16, n_conditioning(2))
    assert all((told[0] != other).any() for other in told[1:])


def test_the_end_is_told_wherever_it_is():
    config = notes_config(n_stretches=512)
    long, short = (
        stretch_conditioning([NoteRequest(0, 60, 80)], 4096, config)[0],
        stretch_conditioning([NoteRequest(0, 60, 80)], 2048, config)[0],
    )
    np.testing.assert_array_equal(long[:, -1] < 1, np.arange(256) * 16 > 4096 - 512)
    np.testing.assert_array_equal(short[-32:, -1], long[-32:, -1])


def test_the_waves_have_the_pitch_that_is_asked_for():
    config = notes_config()
    waves = waves_of([NoteRequest(0, 57.5, 80)], 8192, config)[0]
    heard = pitch_hz(np.ascontiguousarray(waves[:, 0]), RATE_HZ)
    assert heard is not None
    assert abs(cents_between(heard, frequency_hz(57.5))) < 3
    np.testing.assert_allclose(waves[:, 0] ** 2 + waves[:, 1] ** 2, 1, atol=1e-4)
    many = waves_of([NoteRequest(0, 72.0, 80)], 8192, replace(config, wave=replace(config.wave, n_waves=40)))[0]
    assert many.any(0).tolist() == 2 * (15 * [True] + 5 * [False])  # 523 Hz fits 15 times into 8 kHz


@pytest.mark.parametrize("semitones", [0.0, 0.4, 0.99])
def test_a_note_that_is_read_slower_is_lower(semitones):
    time = np.arange(8192) / RATE_HZ
    sound = (0.5 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)
    slower = lowered(sound, semitones)
    heard = pitch_hz(slower, RATE_HZ)
    assert slower.shape == sound.shape
    assert heard is not None
    assert cents_between(heard, 220) == pytest.approx(-100 * read_semitones(8192, semitones), abs=3)
    assert np.abs(slower[-3:]).max() < 1e-3


def test_batches_follow_from_seed_and_number_alone():
    batches = NoteBatches(load_notes(Split.VALIDATION), CONFIG, 3, CPU)
    one, again, other = batches.draw(4, 1), batches.draw(4, 1), batches.draw(4, 2)
    assert all((mine == theirs).all() for mine, theirs in zip(one, again, strict=True))
    assert one[0].shape != other[0].shape or (one[0] != other[0]).any()
    for levels, told, waves in (batches.draw(step, 0) for step in range(8)):
        assert levels.shape[1] % CONFIG.wave.hop == 0
        assert told.shape[1] * CONFIG.wave.hop == levels.shape[1] == waves.shape[1]


@pytest.mark.long("trains a network")
@pytest.mark.parametrize(("head", "first", "last"), [(SOFTMAX, 8, 6.5), (HeadConfig("logistic", 5), 9.4, 5.4)])
def test_a_note_is_learnt_by_heart(head, first, last):
    notes = load_notes(Split.TRAIN)
    few = replace(
        notes,
        samples=notes.samples[:1],
        instruments=notes.instruments[:1],
        pitches=notes.pitches[:1],
        velocities=notes.velocities[:1],
    )
    torch.manual_seed(2)
    wave = replace(CONFIG.wave, dilation=(1, 2, 4, 8), width=16, skip_width=32, head=head)
    settings = TrainSettings(n_steps=40, learning_rate=1e-2, n_warmup=5, n_decay=20, average_decay=0.0)
    batches = NoteBatches(few, replace(CONFIG, wave=wave), 1, CPU)
    training = Training(NotesWaveNet(replace(CONFIG, wave=wave)), NextSampleObjective(batches), settings, CPU)
    losses = [step.loss for step in training.run()]
    assert losses[0] == pytest.approx(first, abs=0.5)  # bits: 8, or 6.8 and twice the 1.3 that waves leave
    assert np.mean(losses[-5:]) < last


def test_real_notes_pass_the_floors():
    """What is measured hears real notes as they are: else a floor would ask for the impossible."""
    notes = load_notes(Split.TEST)
    chosen = one_of_each_pair(notes)
    assert len(chosen) == 45
    checks = result_of(note_checks(notes.sound(chosen), notes, chosen))
    assert all(check.value > 95 for check in checks)


def test_a_sheet_shows_waves_above_spectrograms():
    sheet = sheet_of(load_notes(Split.TEST).sound(slice(0, 3)))
    assert sheet.shape == (96, 192, 3)
    assert sheet[:32].max() == 235
    assert sheet[32:].std() > 10


def test_impossible_sizes_are_refused():
    for changes in ({"instruments": ()}, {"n_pitches": 0}, {"lowest_pitch": 120}, {"n_stretches": 0}):
        with pytest.raises(UserError):
            replace(CONFIG, **changes)
    with pytest.raises(UserError):
        NotesWaveNetConfig(("a", "b", "c"), CONFIG.wave)  # it would be told of more instruments
    assert len(CONFIG.instruments) == len(INSTRUMENTS)
