"""What a network is told of a word: phonemes, places, turns and timbres, against what they are by definition."""

import numpy as np
import pytest
import torch

from plugins.autoregressive.sound.model.speech import (
    runs,
    stretch_conditioning,
    waves_of,
    word_conditioning,
    word_request,
)
from plugins.autoregressive.sound.training.speech_recipe import (
    pitch_of,
    request_of,
    segments_of,
    spoken_segments,
    voice_timbres,
)
from studio.datasets.speech import PHONEMES, VOICES
from studio.datasets.voice_pitch import HOP
from tests.plugins.autoregressive.sound.speech_made import (
    CONFIG,
    LENGTHS,
    NAMES,
    TIMBRE,
    made_speech,
    made_talker,
    made_word,
)

N_PHONEMES = len(PHONEMES)


def test_each_stretch_is_told_its_phoneme_and_both_neighbours():
    told = stretch_conditioning(made_word(), CONFIG)
    assert told.shape == (25, CONFIG.wave.n_told)
    spoken, last, following = (told[:, k * N_PHONEMES : (k + 1) * N_PHONEMES].argmax(1) for k in range(3))
    names = np.array(PHONEMES)
    assert list(names[spoken]) == list(np.repeat(NAMES, LENGTHS))
    assert list(names[last]) == list(np.repeat(("_", "_", "s", "aI"), LENGTHS))
    assert list(names[following]) == list(np.repeat(("s", "aI", "_", "_"), LENGTHS))


def test_places_run_through_each_segment():
    told = stretch_conditioning(made_word(), CONFIG)[:, 3 * N_PHONEMES :]
    share, length = told[:, 0], told[:, 1]
    assert share[4:14] == pytest.approx((np.arange(10) + 0.5) / 10)
    assert np.exp(length[4:14]) * 0.1 == pytest.approx(10 * HOP / 16_000)
    begun, ended = told[:, 2:5], told[:, 5:8]
    assert begun[[0, 4, 14, 20]] == pytest.approx(1)
    assert ended[[3, 13, 19, 24]] == pytest.approx(1)
    assert begun[5] == pytest.approx(np.exp(-0.004 / np.array([0.01, 0.03, 0.09])))


def test_the_pitch_is_told_where_there_is_a_voice():
    told = stretch_conditioning(made_word(280.0), CONFIG)[:, -5:-3]
    assert told[14:20] == pytest.approx(np.tile([1.0, 1.0], (6, 1)), abs=1e-6)  # an octave above 140 Hz
    assert not np.delete(told, np.arange(14, 20), 0).any()
    assert (stretch_conditioning(made_word(), CONFIG)[:, -3:] == TIMBRE).all()


def test_waves_are_partials_of_the_turns():
    waves = waves_of(made_word(125.0), CONFIG)
    assert waves.shape == (25 * HOP, 4)
    at = np.arange(14 * HOP, 20 * HOP)
    angles = 2 * np.pi * 125 * at[:, None] / 16_000 * [1, 2]
    assert waves[at] == pytest.approx(np.concatenate([np.sin(angles), np.cos(angles)], 1), abs=1e-5)
    assert not np.delete(waves, at, 0).any()


def test_a_longer_sound_ends_in_silence_and_a_shorter_one_is_cut():
    longer, shorter = made_word().lasting(30), made_word().lasting(7)
    assert (longer.phonemes[25:] == 0).all()
    assert not longer.is_voiced[25:].any()
    assert stretch_conditioning(longer, CONFIG)[:20] == pytest.approx(stretch_conditioning(made_word(), CONFIG)[:20])
    assert waves_of(shorter, CONFIG) == pytest.approx(waves_of(made_word(), CONFIG)[: 7 * HOP])


def test_runs_are_where_phonemes_change():
    starts, ends = runs(np.array([0, 0, 3, 3, 3, 1], np.uint8))
    assert (starts.tolist(), ends.tolist()) == ([0, 2, 5], [2, 5, 6])


def test_a_table_keeps_how_each_voice_says_each_word():
    table = spoken_segments([made_speech()], 2, 5)
    assert table[1, 3, :, 1].tolist() == [*LENGTHS, 0]
    assert table[1, 3, 2, 2:] == pytest.approx(110, rel=1e-3)
    assert not table[1, 3, [0, 1, 3], 2:].any()


def test_a_word_is_asked_out_of_the_table():
    network = made_talker()
    network.segments[1, 0] = torch.from_numpy(spoken_segments([made_speech()], 2, 5)[1, 0])
    asked, real = word_request(network, 1, 0), made_word(110.0)
    assert (asked.phonemes == real.phonemes).all()
    assert (asked.is_voiced == real.is_voiced).all()
    assert np.diff(asked.turns)[14:19] == pytest.approx(np.diff(real.turns)[14:19], rel=1e-3)
    assert asked.timbre == pytest.approx(network.timbres[1].numpy())


def test_what_is_told_is_as_long_as_the_sound():
    told = word_conditioning(made_word(), 1000, CONFIG)
    assert told.numbers.shape == (16, CONFIG.wave.n_told)
    assert told.waves.shape == (1000, 4)


def test_words_are_asked_as_they_were_spoken():
    speech = made_speech()
    asked = request_of(speech, 25, np.eye(2, 3, dtype=np.float32))
    assert asked.timbre.tolist() == [0, 1, 0]
    assert pitch_of(speech, 25) == pytest.approx(110, rel=1e-3)
    assert segments_of(speech, 25, 5)[1, 2:].tolist() == [0, 0]  # voiceless


def test_timbres_are_principal_components_of_the_voices_heard():
    speech = made_speech(4)
    timbres = voice_timbres(speech, 3)
    assert timbres.shape == (len(VOICES), 3)
    heard = speech.timbres[:4].astype(np.float64)
    covariance = np.cov(heard.T, bias=True)
    values = np.linalg.eigvalsh(covariance)[::-1][:3]
    assert timbres[:4].mean(0) == pytest.approx(0, abs=1e-5)
    assert timbres[:4].var(0) == pytest.approx(values / values[0], rel=1e-3)
