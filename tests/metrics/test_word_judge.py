"""Words as their judge sees them, and what it was measured to read."""

import json
from importlib.resources import files

import numpy as np
import torch

from studio.metrics.judge import load_judge
from studio.metrics.word_picture import N_SAMPLES, in_the_middle, word_pictures


def test_a_word_lies_in_the_middle():
    sound = np.ones(1000, np.float32)
    placed = in_the_middle(sound)
    assert placed.shape == (N_SAMPLES,)
    assert np.flatnonzero(placed).mean() == N_SAMPLES / 2 - 0.5
    assert np.flatnonzero(in_the_middle(sound, 100))[0] == np.flatnonzero(placed)[0] + 100
    assert in_the_middle(np.ones(N_SAMPLES + 500, np.float32)).all()


def test_the_loudest_place_is_white_however_loud_the_word_is():
    tone = in_the_middle(np.sin(np.arange(8000) * 0.4).astype(np.float32))
    loud, soft = word_pictures(np.stack([tone, tone / 3]))
    assert loud.shape == (1, 64, 128)
    assert loud.max() == soft.max() == 255
    assert (loud.int() - soft.int()).abs().max() <= 1


def test_silence_is_black():
    assert not word_pictures(np.zeros((1, N_SAMPLES), np.float32)).any()


def test_the_judge_reads_voices_that_it_never_heard():
    judge = load_judge("speech")
    card = json.loads((files("studio.metrics") / "models" / "speech.json").read_text("utf-8"))
    assert card["figures"]["Right on test spoken digits, share"] >= 0.97
    assert judge.read(torch.zeros(2, 1, 64, 128)).shape == (2,)
