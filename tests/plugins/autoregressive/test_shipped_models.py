"""The shipped models of sounds and texts keep what their cards say, on small samples made anew."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from plugins.autoregressive.infill.model.xlnet import load_xlnet
from plugins.autoregressive.infill.training.objective import bits_both_sides, gaps_in
from plugins.autoregressive.sound.model.notes import NotesWaveNet, note_conditioning
from plugins.autoregressive.sound.model.speech import SpeechWaveNet
from plugins.autoregressive.sound.model.weights import load_sound_network
from plugins.autoregressive.sound.training.notes_data import note_requests
from plugins.autoregressive.sound.training.notes_recipe import note_checks, one_of_each_pair
from plugins.autoregressive.sound.training.samples import sampled_sounds
from plugins.autoregressive.sound.training.speech_recipe import spoken_words, word_check
from plugins.autoregressive.text.model.transformer_xl import load_xl
from plugins.autoregressive.text.training.objective import bits_per_character
from studio.api.training import Split, load_notes, load_shakespeare
from studio.core.card import Check
from studio.core.pausing import result_of
from studio.datasets.speech import VOICES, voice_splits

MODELS = Path(str(files("plugins.autoregressive") / "models"))
MAX_BYTES = 8 << 20


def card(name):
    return json.loads((MODELS / f"{name}.json").read_text("utf-8"))


def checks_with_floors(name):
    return [Check(**check) for check in card(name)["checks"] if check["floor"] is not None]


def test_all_together_they_are_small():
    assert sum(path.stat().st_size for path in MODELS.iterdir()) < MAX_BYTES


def test_memory_reaches_its_floor_on_the_card():
    assert checks_with_floors("text-xl")
    assert all(check.is_reached for check in checks_with_floors("text-xl"))


def test_the_card_says_how_many_digits_are_understood_and_they_are_enough():
    understood = checks_with_floors("speech")[0]
    assert understood.is_reached
    assert understood.value <= 100


@pytest.mark.long("computes for long")
def test_notes_that_were_never_heard_are_in_tune_and_as_loud_as_real_ones():
    network, notes = load_sound_network(MODELS / "notes.safetensors"), load_notes(Split.TEST)
    assert isinstance(network, NotesWaveNet)
    chosen = one_of_each_pair(notes)[:9]
    told = [
        note_conditioning(note_requests(notes)[place], network.config.n_samples, network.config) for place in chosen
    ]
    sounds = result_of(sampled_sounds(network, told, 500, card("notes")["defaults"]["temperature"]))
    in_tune, _ = result_of(note_checks(sounds, notes, chosen))
    assert in_tune.value >= 75  # 7 of 9; who guesses hits a semitone of 25
    loudness = [20 * np.log10(np.sqrt((part**2).mean(1))) for part in (sounds, notes.sound()[chosen])]
    assert np.abs(loudness[0] - loudness[1]).mean() < 4


def test_notes_reach_their_floor_of_pitch_on_the_card():
    in_tune = next(check for check in checks_with_floors("notes") if check.name.startswith("Pitch"))
    assert in_tune.is_reached


@pytest.mark.long("computes for long")
def test_digits_are_understood_in_voices_that_were_never_heard():
    network = load_sound_network(MODELS / "speech.safetensors")
    assert isinstance(network, SpeechWaveNet)
    unheard = [voice for voice, split in enumerate(voice_splits()) if split is Split.TEST]
    asked = [(unheard[word % len(unheard)], word % 10) for word in range(20)]
    sounds = result_of(spoken_words(network, asked, 500, card("speech")["defaults"]["temperature"]))
    assert word_check(sounds, asked).value >= 65  # 13 of 20; who guesses hears 2
    assert np.abs(sounds[:, :256]).max() < 0.05  # silence comes first
    assert set(network.config.voices) == set(VOICES)


@pytest.mark.long("computes for long")
def test_memory_helps_to_read_what_was_never_read():
    network, cutter = load_xl(MODELS / "text-xl.safetensors")
    text = load_shakespeare(Split.TEST).texts[0][20_000:32_000]
    bits = [result_of(bits_per_character(network, [text], cutter.encode, n)) for n in (0, 512)]
    assert bits[1] < bits[0] - 0.02
    assert bits[1] == pytest.approx(card("text-xl")["memory_curve"]["bits"][-1], abs=0.25)


@pytest.mark.long("computes for long")
def test_gaps_are_filled_with_both_sides_in_view():
    network, cutter = load_xlnet(MODELS / "text-xlnet.safetensors")
    gaps = gaps_in(load_shakespeare(Split.TEST).texts[1], 12)
    bits = result_of(bits_both_sides(network, cutter, gaps))
    assert bits == pytest.approx(card("text-xlnet")["checks"][0]["value"], rel=0.25)
