"""The shipped notes keep what their card says, on a small sample computed anew."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from plugins.diffusion.denoiser import Guidance
from plugins.diffusion.notes_evaluation import (
    ESTIMATOR_FLOOR,
    JUDGE_FLOOR,
    PITCH_FLOOR,
    WantedSounds,
    in_tune,
    sampled_sounds,
)
from plugins.diffusion.notes_model import NotesDiffusion
from plugins.diffusion.weights import load_network
from studio.api.training import load_judge, note_pictures
from tests.plugins.diffusion.finished_work import finished

MODEL = Path(str(files("plugins.diffusion") / "models" / "notes.safetensors"))
CARD = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
N_STEPS = 25


@pytest.fixture(scope="module")
def wanted():
    """A note of each instrument, all over the keyboard."""
    n = len(CARD["words"]["instruments"])
    return WantedSounds(range(n), list(range(n)), [48.0 + (7 * place) % 25 for place in range(n)], [80.0] * n)


@pytest.fixture(scope="module")
def drawn(wanted):
    network = load_network(MODEL)[1]
    assert isinstance(network, NotesDiffusion)
    return finished(sampled_sounds(network, wanted, N_STEPS, Guidance(CARD["defaults"]["guidance"])))


def test_pitch_and_instrument_reach_their_floors_on_the_card():
    reached = {check["floor"]: check["value"] for check in CARD["checks"] if check["is_higher_better"]}
    for floor in (PITCH_FLOOR, JUDGE_FLOOR, ESTIMATOR_FLOOR):
        assert reached[floor] >= floor
    assert MODEL.stat().st_size < 1_100_000


def test_notes_have_the_pitch_that_was_asked_for(drawn, wanted):
    assert np.sum(finished(in_tune(drawn, wanted.pitches))) >= len(wanted.pitches) - 3


def test_most_instruments_are_heard_by_the_judge(drawn, wanted):
    read = load_judge("notes").read(note_pictures(drawn).float() / 255).numpy()
    assert np.sum(read == np.array(wanted.instruments)) >= 0.6 * len(wanted.instruments)
