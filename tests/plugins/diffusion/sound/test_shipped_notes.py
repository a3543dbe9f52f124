"""The shipped notes keep what their card says, on a small sample computed anew."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.weights import load_network
from plugins.diffusion.sound.model.diffwave import NotesDiffusion
from plugins.diffusion.sound.training.evaluation import (
    DISTANCE_CEILING,
    ESTIMATOR_FLOOR,
    JUDGE_FLOOR,
    PITCH_FLOOR,
    WantedSounds,
    in_tune,
    sampled_sounds,
    wanted_notes,
)
from studio.api.training import Notes, Split, load_judge, load_notes, note_pictures
from studio.core.card import Check
from studio.core.sound.mel import log_mel, log_mel_distance
from tests.plugins.diffusion.finished_work import finished

MODEL = Path(str(files("plugins.diffusion") / "models" / "notes.safetensors"))
CARD = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
N_REAL = 20


@pytest.fixture(scope="module")
def wanted():
    """A note of each instrument, all over the keyboard."""
    n = len(CARD["words"]["instruments"])
    return WantedSounds(range(n), list(range(n)), [48.0 + (7 * place) % 25 for place in range(n)], [80.0] * n)


@pytest.fixture(scope="module")
def drawn(wanted):
    return sounds_for(wanted)


def sounds_for(wanted):
    network = load_network(MODEL)[1]
    assert isinstance(network, NotesDiffusion)
    defaults = CARD["defaults"]
    return finished(sampled_sounds(network, wanted, defaults["steps"], Guidance(defaults["guidance"])))


def test_the_floors_are_reached_on_the_card():
    reached = {check["floor"]: Check(**check) for check in CARD["checks"]}
    for floor in (PITCH_FLOOR, JUDGE_FLOOR, ESTIMATOR_FLOOR, DISTANCE_CEILING):
        assert reached[floor].is_reached
    assert MODEL.stat().st_size < 1_100_000


@pytest.mark.long("computes for long")
def test_notes_have_the_pitch_that_was_asked_for(drawn, wanted):
    assert np.sum(finished(in_tune(drawn, wanted.pitches))) >= len(wanted.pitches) - 3


def test_most_instruments_are_heard_by_the_judge(drawn, wanted):
    read = load_judge("notes").read(note_pictures(drawn).float() / 255).numpy()
    assert np.sum(read == np.array(wanted.instruments)) >= 0.6 * len(wanted.instruments)


@pytest.mark.long("computes for long")
def test_held_out_notes_come_out_about_as_near_as_the_card_says():
    notes = load_notes(Split.TEST)
    some = np.linspace(0, len(notes.pitches) - 1, N_REAL).astype(int)
    real = Notes(
        notes.samples[some], notes.instruments[some], notes.pitches[some], notes.velocities[some], notes.is_full
    )
    levels = zip(log_mel(sounds_for(wanted_notes(real))), log_mel(real.sound()), strict=True)
    promised = CARD["figures"]["Log-mel distance to the real note, dB"]
    assert np.mean([log_mel_distance(one, other) for one, other in levels]) < 1.2 * promised
