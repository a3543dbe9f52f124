"""A folder of sounds: kinds by names, beginnings found, other rates, and what is left out."""

import numpy as np
import pytest
import soundfile

from studio.core.error import UserError
from studio.core.sound.wave import resampled
from studio.datasets.folder.sounds import OTHER, kinds_of, load_sounds, prepared, sound_files
from studio.datasets.split import Split

ENDINGS = ("wav", "flac", "ogg")


def finish(generator):
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def test_kinds_follow_from_names():
    names = [
        "Kick_01.wav",
        "kick (2).wav",
        "snare-1.wav",
        "snare.wav",
        "odd.wav",
        "bells/a.wav",
        "bells/b.wav",
        "12.wav",
    ]
    kinds, labels = kinds_of(names)
    assert kinds == ("bells", "kick", "snare", OTHER)
    assert [kinds[label] for label in labels] == ["kick", "kick", "snare", "snare", OTHER, "bells", "bells", OTHER]


@pytest.mark.parametrize(("n_kinds", "n_single"), [(64, 0), (64, 3), (70, 0), (70, 5), (63, 1)])
def test_there_are_never_more_kinds_than_a_model_takes(n_kinds, n_single):
    names = [f"kind {chr(97 + kind // 26)}{chr(97 + kind % 26)}_{n}.wav" for kind in range(n_kinds) for n in range(2)]
    kinds, labels = kinds_of(names + [f"one {chr(97 + n)}.wav" for n in range(n_single)])
    assert len(kinds) == 64
    assert (OTHER in kinds) == (n_kinds > 64 or n_single > 0)
    assert len(labels) == len(names) + n_single


def test_another_rate_keeps_the_tone():
    at = np.arange(22_050)
    there = resampled(np.sin(2 * np.pi * 440 * at / 44_100).astype(np.float32), 44_100, 16_000)
    wanted = np.sin(2 * np.pi * 440 * np.arange(len(there)) / 16_000)
    assert len(there) == 8000
    assert there[200:-200] == pytest.approx(wanted[200:-200], abs=0.01)


def test_a_sound_begins_where_it_is_heard():
    sound = np.concatenate([np.zeros(5000), np.ones(300)]).astype(np.float32)
    found = prepared(sound, 16_000, 2048, 16_000)
    assert found.shape == (2048,)
    assert found.max() == pytest.approx(0.9)
    assert int(np.argmax(found > 0.1)) == 80  # 5 ms


def test_an_offset_is_neither_the_beginning_of_a_sound_nor_a_click():
    tone = np.concatenate([np.zeros(8000), 0.3 * np.sin(np.arange(300) / 5)])
    for offset in (0.0, 0.2, -0.2):
        found = prepared((tone + offset).astype(np.float32), 16_000, 1024, 16_000)
        assert int(np.argmax(np.abs(found) > 0.1)) == pytest.approx(80, abs=3)
        assert np.abs(found[400:]).max() < 0.01  # nothing but silence behind the tone
    with pytest.raises(UserError, match="silent"):
        prepared(np.full(100, 0.3, np.float32), 16_000, 64, 16_000)


def test_silence_is_refused():
    with pytest.raises(UserError, match="silent"):
        prepared(np.zeros(100, np.float32), 16_000, 64, 16_000)


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(1)
    for kind, hertz in (("low", 200), ("high", 2000)):
        for number in range(6):
            sound = np.sin(2 * np.pi * hertz * np.arange(4000) / 22_050) + 0.01 * random.standard_normal(4000)
            soundfile.write(tmp_path / f"{kind}_{number}.{ENDINGS[number % 3]}", 0.5 * sound, 22_050)
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    (tmp_path / "notes.txt").write_text("no sound")
    return tmp_path


def test_a_folder_is_read(folder):
    sounds = finish(load_sounds(folder, 2048, 16_000))
    assert sounds.kinds == ("high", "low")
    assert sounds.samples.shape == (12, 2048)
    assert len(sounds.left_out) == 1
    assert "broken.wav" in sounds.left_out[0]
    assert [len(sounds.part(split)[1]) for split in Split] == [10, 1, 1]
    assert len(sound_files(folder)) == 13
    assert sounds.sentence == "12 sounds to learn from, of the kinds high, low."


def test_too_few_sounds_are_said(tmp_path):
    with pytest.raises(UserError, match="0 sounds"):
        finish(load_sounds(tmp_path, 2048, 16_000))
    with pytest.raises(UserError, match="no folder"):
        finish(load_sounds(tmp_path / "none", 2048, 16_000))


def test_sounds_of_one_kind_are_told_as_such(tmp_path):
    for number in range(8):
        soundfile.write(tmp_path / f"kick_{number}.wav", np.sin(np.arange(4000.0) * (1 + number) / 20), 16_000)
    assert finish(load_sounds(tmp_path, 2048, 16_000)).sentence == "8 sounds to learn from, all of the kind kick."
