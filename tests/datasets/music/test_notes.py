"""Notes: the small set, pairs apart, and building with a player made by hand."""

import numpy as np
import pytest

import studio.datasets.music.notes as module
from studio.core.error import UserError
from studio.datasets.music.notes import (
    INSTRUMENTS,
    N_SAMPLES,
    PITCHES,
    RATE_HZ,
    VELOCITIES,
    build_notes,
    decimated,
    load_notes,
    pair_splits,
    save_notes,
)
from studio.datasets.small import coarse_sound, read_small, write_small_notes
from studio.datasets.split import Split


def test_the_small_set_says_what_it_is():
    notes = load_notes(Split.VALIDATION)
    assert not notes.is_full
    assert notes.samples.shape == (18, N_SAMPLES)
    assert set(notes.velocities) == {80}
    assert np.abs(notes.sound()).max() <= 1


def test_no_pair_is_in_two_parts_and_one_in_ten_is_held_out():
    parts = pair_splits()
    assert len(parts) == len(INSTRUMENTS) * len(PITCHES) == 450
    assert sum(part is Split.TEST for part in parts.values()) == 45
    for split in Split:
        notes = load_notes(split)
        assert {parts[int(i), int(p)] for i, p in zip(notes.instruments, notes.pitches, strict=True)} == {split}


def test_the_test_part_has_neighbouring_velocities():
    notes = load_notes(Split.TEST)
    assert sorted(set(notes.velocities)) == [80, 96]
    assert len(notes.pitches) == 90


def test_the_filter_keeps_what_is_low_and_stops_what_would_fold_back():
    at = np.arange(3 * 3000 + 48) / (3 * RATE_HZ)
    kept = decimated(np.sin(2 * np.pi * 1000 * at))
    assert len(kept) >= 3000
    wanted = np.sin(2 * np.pi * 1000 * np.arange(3000) / RATE_HZ)
    assert kept[100:2900] == pytest.approx(wanted[100:2900], abs=1e-3)
    assert np.abs(decimated(np.sin(2 * np.pi * 9000 * at))[100:2900]).max() < 1e-3


def test_the_rounding_of_the_small_set_loses_little(tmp_path):
    sound = (0.5 * np.sin(2 * np.pi * 440 / RATE_HZ * np.arange(N_SAMPLES)) * 32767).astype(np.int16)
    path = tmp_path / "small.npz"
    keys = np.array([[0, 69, 80], [0, 69, 64]], np.uint8)
    write_small_notes(path, np.stack([sound, sound]), keys, np.array(["train", "train"]))
    with np.load(path, allow_pickle=False) as file:
        assert file["keys"].tolist() == [[0, 69, 80]]
    zeros = coarse_sound(np.zeros((1, 512, 16), np.int8))
    assert zeros.shape == (1, N_SAMPLES)
    assert not zeros.any()


class MadePlayer:
    def __init__(self, font):
        self.font = font

    def note(self, program, pitch, velocity):
        return velocity / 127 * np.sin(np.arange(N_SAMPLES) * pitch / 500)

    def close(self):
        pass


def test_it_is_built_with_every_note(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_check_tools", lambda: None)
    monkeypatch.setattr(module, "_fetch", lambda folder: folder / "font.sf2")
    monkeypatch.setattr(module, "Player", MadePlayer)
    monkeypatch.setattr(module, "INSTRUMENTS", dict(list(INSTRUMENTS.items())[:2]))
    *_, last = build_notes(tmp_path)
    assert last.fraction == 1
    parts = [load_notes(split, tmp_path) for split in Split]
    assert all(part.is_full for part in parts)
    assert sum(len(part.pitches) for part in parts) == 2 * len(PITCHES) * len(VELOCITIES)
    sounds = np.concatenate([part.sound() for part in parts])
    assert np.abs(sounds).max() == pytest.approx(0.9, abs=1e-3)
    assert not sounds[:, -1].any()  # they fade


def test_without_the_tools_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UserError, match="apt-get"):
        list(build_notes(tmp_path))


def test_a_damaged_file_is_said(tmp_path):
    (tmp_path / "notes.npz").write_bytes(b"no zip")
    with pytest.raises(UserError, match="damaged"):
        load_notes(Split.TRAIN, tmp_path)
    save_notes(tmp_path / "notes.npz", np.zeros((1, 5), np.int16), np.array([[0, 48, 80]], np.uint8))
    with pytest.raises(UserError, match="damaged"):
        load_notes(Split.TRAIN, tmp_path)


def test_the_small_set_is_small():
    from studio.core.place import asset

    assert asset("datasets/notes.npz").stat().st_size < 600_000
    assert read_small("datasets/notes.npz")["samples"].dtype == np.int16
