"""Spoken digits: voices apart, phonemes on the grid, building with a speaker made by hand, and the real one."""

import ctypes.util

import numpy as np
import pytest

import studio.datasets.speech as module
from studio.core.error import UserError
from studio.datasets.espeak import Espeak, Spoken
from studio.datasets.speech import (
    MANNERS,
    N_AFTER,
    N_BEFORE,
    PHONEMES,
    VOICES,
    WORDS,
    build_speech,
    load_speech,
    placed_word,
    voice_splits,
)
from studio.datasets.split import Split
from studio.datasets.voice_pitch import HOP

RATE_HZ = 22_050


class MadeSpeaker:
    """Says every word as two phonemes and a pause; how loud depends on the voice."""

    def say(self, word, voice, words_per_minute, pitch):
        n_samples = RATE_HZ * 60 // words_per_minute // 2
        time_s = np.arange(n_samples) / RATE_HZ
        loudness = 0.1 + 0.01 * len(voice)
        sound = (loudness * np.sin(2 * np.pi * (80 + 2 * pitch) * time_s)).astype(np.float32)
        phonemes = (("s", 0), ("'aI", n_samples // 3), ("_:", n_samples - 400), ("_", n_samples - 200))
        return Spoken(sound, phonemes, RATE_HZ)


@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "Espeak", MadeSpeaker)
    monkeypatch.setattr(module, "WORDS", WORDS[:2])
    *_, last = build_speech(tmp_path)
    assert last.fraction == 1
    return tmp_path


def test_ten_voices_of_forty_four_are_held_out():
    splits = voice_splits()
    assert [splits.count(split) for split in Split] == [34, 4, 6]


@pytest.mark.long("computes for long")
def test_each_part_has_the_words_of_its_voices(built):
    splits, n_words = voice_splits(), 0
    for split in Split:
        speech = load_speech(split, built)
        assert {splits[voice] for voice in speech.voices} == {split}
        assert len(speech.sound(0)) == HOP * (speech.stretches(0).stop - speech.stretches(0).start)
        n_words += len(speech.words)
    assert n_words == len(VOICES) * 2 * len(MANNERS)


@pytest.mark.long("computes for long")
def test_the_loudest_word_of_each_voice_is_as_loud(built):
    speech = load_speech(Split.TEST, built)
    for voice in np.unique(speech.voices):
        peaks = [np.abs(speech.sound(number)).max() for number in np.flatnonzero(speech.voices == voice).tolist()]
        assert max(peaks) == pytest.approx(0.9, abs=1e-3)


@pytest.mark.long("computes for long")
def test_phonemes_stand_where_they_are_heard(built):
    speech = load_speech(Split.TRAIN, built)
    names = [PHONEMES[place] for place in speech.phonemes[speech.stretches(0)]]
    n_first = names.count("s")
    assert names[:N_BEFORE] == ["_"] * N_BEFORE
    assert names[-N_AFTER:] == ["_"] * N_AFTER
    assert n_first == pytest.approx(names.count("aI") / 2, abs=4)  # a third of the word, less the pause
    sound = speech.sound(0)
    assert not sound[: N_BEFORE * HOP].any()
    assert np.abs(sound[(N_BEFORE + 1) * HOP :][:400]).max() > 0.05


@pytest.mark.long("computes for long")
def test_the_turns_grow_by_the_pitch(built):
    speech = load_speech(Split.TRAIN, built)
    part = speech.stretches(0)
    turns = speech.turns[part][N_BEFORE + 6 : -N_AFTER - 6]
    pitch_hz = 80 + 2 * MANNERS[0][1]
    assert np.diff(turns) * 16_000 / HOP == pytest.approx(pitch_hz, rel=0.02)


def test_an_unknown_sound_is_said():
    with pytest.raises(UserError, match="“xx”"):
        placed_word(Spoken(np.zeros(5000, np.float32), (("xx", 0), ("_:", 4000)), RATE_HZ))


def test_before_it_was_built_it_is_said(tmp_path):
    with pytest.raises(UserError, match="not on this computer"):
        load_speech(Split.TRAIN, tmp_path)


@pytest.mark.long("computes for long")
def test_a_damaged_file_is_said(built):
    with np.load(built / "speech.npz") as file:
        arrays = dict(file)
    np.savez(built / "speech.npz", **{**arrays, "samples": arrays["samples"][:-1]})
    with pytest.raises(UserError, match="damaged"):
        load_speech(Split.TRAIN, built)
    (built / "speech.npz").write_bytes(b"no zip")
    with pytest.raises(UserError, match="damaged"):
        load_speech(Split.TRAIN, built)


def test_without_the_program_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(UserError, match="needs espeak-ng"):
        list(build_speech(tmp_path))


@pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="espeak-ng is not on this computer")
def test_the_real_one_says_seven():
    spoken = Espeak().say("seven", "en-us+m3", 160, 50)
    assert [name.strip("'") for name, _ in spoken.phonemes[:-2]] == ["s", "E", "v", "@", "n"]
    word = placed_word(spoken)
    assert 0.3 < len(word.samples) / 16_000 < 0.9
    assert 0.05 < np.abs(word.samples).max() < 1
