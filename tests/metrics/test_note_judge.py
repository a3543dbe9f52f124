"""The judge of notes: its card's figures, recomputed on what the program brings along, and what it sees."""

import json
from importlib.resources import files

import numpy as np
import pytest
import torch

from studio.core.sound.mel import FLOOR_DB, log_mel
from studio.datasets.music.notes import INSTRUMENTS, load_notes
from studio.datasets.split import Split
from studio.metrics.judge import load_judge
from studio.metrics.note_picture import N_COPIES, copied_note_pictures, disturbed, note_pictures


@pytest.fixture(scope="module")
def card():
    return json.loads((files("studio.metrics") / "models" / "notes.json").read_text("utf-8"))


def test_the_judge_is_right_on_real_notes_and_its_card_says_so(card):
    notes = load_notes(Split.TEST)
    pictures = note_pictures(notes.sound()).float() / 255
    right = float((load_judge("notes").read(pictures).numpy() == notes.instruments).mean())
    figure = card["figures"]["Right on test notes, share"]
    assert figure >= 0.95
    assert right >= figure - 0.05  # the small set is rounded more coarsely
    assert card["config"]["n_classes"] == len(INSTRUMENTS)


def test_the_file_is_small():
    path = files("studio.metrics") / "models" / "notes.safetensors"
    assert len(path.read_bytes()) <= 300_000


def test_pictures_are_levels():
    notes = load_notes(Split.VALIDATION)
    picture = note_pictures(notes.sound()[:1])
    assert picture.shape == (1, 1, 64, 64)
    assert picture.dtype == torch.uint8
    wanted = (1 - log_mel(notes.sound()[0]) / FLOOR_DB) * 255
    assert np.abs(picture[0, 0].numpy() - wanted).max() <= 0.51


def test_copies_are_disturbed_but_not_beyond_knowing():
    notes = load_notes(Split.VALIDATION)
    sounds = notes.sound()
    assert disturbed(sounds, 0) is sounds
    other = disturbed(sounds, 1)
    assert other.shape == sounds.shape
    assert np.array_equal(other, disturbed(sounds, 1))
    assert not np.allclose(other, disturbed(sounds, 2))
    pictures, labels = copied_note_pictures(notes)
    assert len(pictures) == len(labels) == N_COPIES * len(sounds)
    read = load_judge("notes").read(pictures.float() / 255)
    assert float((read == labels).float().mean()) > 0.9
