"""Words as their judge sees them, and what it was measured to read."""

import json
from importlib.resources import files

import numpy as np
import pytest
import torch

from studio.metrics.judge import load_judge
from studio.metrics.word_picture import N_SAMPLES, in_the_middle, noisy, word_pictures


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


def test_noise_is_as_loud_as_it_is_said():
    random = np.random.default_rng(1)
    tone = np.sin(np.arange(40_000) * 0.4).astype(np.float32)
    hiss, hoarse = noisy(tone, 20, 0.0, random) - tone, noisy(tone, 200, 0.5, random) - tone
    assert np.mean(hiss**2) / np.mean(tone**2) == pytest.approx(0.01, rel=0.05)
    assert np.mean(hoarse**2) / np.mean(tone**2) == pytest.approx(0.25, rel=0.05)


def test_the_judge_reads_voices_that_it_never_heard():
    judge = load_judge("speech")
    card = json.loads((files("studio.metrics") / "models" / "speech.json").read_text("utf-8"))
    assert card["figures"]["Right on test spoken digits, share"] >= 0.97
    assert judge.read(torch.zeros(2, 1, 64, 128)).shape == (2,)
