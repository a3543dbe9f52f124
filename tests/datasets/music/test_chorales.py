"""Chorales: what is made of a score, of a package, and where there is none."""

import io
import sys
import zipfile

import numpy as np
import pytest

from studio.core.error import UserError
from studio.datasets.music import chorales
from studio.datasets.music.chorales import (
    build_chorales,
    load_chorales,
    read_wheel,
    save_chorales,
    without_copies,
)
from studio.datasets.music.chorales_score import HOLD, REST, Score, read_score
from studio.datasets.split import Split

NAMES = ("Soprano", "Alto", "Tenor", "Bass")


def note(pitch="C4", duration=2, more=""):
    step, octave = pitch[0], pitch[-1]
    alter = {"#": "<alter>1</alter>", "-": "<alter>-1</alter>"}.get(pitch[1:-1], "")
    body = f"<pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>"
    return f"<note>{more}{body}<duration>{duration}</duration></note>"


def rest(duration=2):
    return f"<note><rest/><duration>{duration}</duration></note>"


ATTRIBUTES = (
    "<attributes><divisions>2</divisions><key><fifths>{fifths}</fifths></key>"
    "<time><beats>{beats}</beats><beat-type>4</beat-type></time></attributes>"
)


def score_of(measures, fifths=0, beats=4, names=NAMES):
    """MusicXML in which every voice sings the same measures, two divisions to a beat."""
    head = "".join(f'<score-part id="P{n}"><part-name>{name}</part-name></score-part>' for n, name in enumerate(names))
    bars = [f"<measure>{body}</measure>" for body in measures]
    bars[0] = bars[0].replace("<measure>", "<measure>" + ATTRIBUTES.format(fifths=fifths, beats=beats))
    parts = "".join(f'<part id="P{n}">{"".join(bars)}</part>' for n in range(len(names)))
    return f"<score-partwise><part-list>{head}</part-list>{parts}</score-partwise>".encode()


def test_notes_stand_on_a_grid_of_sixteenths():
    score = read_score(score_of([note("A4", 1) + note("B-4", 1) + rest() + note("F#5", 4)], fifths=-1))
    soprano = score.values[:, 0].tolist()
    assert soprano == [69, HOLD, 70, HOLD, REST, HOLD, HOLD, HOLD, 78, *[HOLD] * 7]
    assert score.values.shape == (16, 4)
    assert score.fifths == -1
    assert score.places.tolist() == list(range(16))
    assert set(score.bars.tolist()) == {16}


def test_an_upbeat_ends_at_its_bar_line():
    score = read_score(score_of([note(duration=2), note(duration=6), note(duration=6)], beats=3))
    assert score.places[:6].tolist() == [8, 9, 10, 11, 0, 1]
    assert score.places[4:].tolist() == [*range(12), *range(12)]


def test_a_bar_that_is_cut_in_two_is_counted_on():
    score = read_score(score_of([note(duration=8), note(duration=6), note(duration=2), note(duration=8)]))
    assert score.places.tolist() == [*range(16)] * 3


def test_tied_notes_are_one_and_chords_give_their_first_note():
    tied = note("C4", 2) + note("C4", 2, '<tie type="stop"/>') + note("C4", 2) + note("E4", 2, "<chord/>") + rest()
    values = read_score(score_of([tied])).values[:, 3].tolist()
    assert values == [60, *[HOLD] * 7, 60, *[HOLD] * 3, REST, *[HOLD] * 3]


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<score>",
        b"<score-partwise/>",
        score_of([note()], names=("Soprano", "Alto", "Bass")),
        score_of([note("C4", 0)]),
        score_of([note()]).replace(b"<octave>4", b"<octave>40"),
    ],
)
def test_what_has_no_four_voices_is_none(xml):
    with pytest.raises(ValueError, match=r"."):
        read_score(xml)


def music(pitches):
    values = np.full((len(pitches) * 4, 4), HOLD, np.uint8)
    values[::4] = np.array(pitches)[:, None]
    places = np.arange(len(values)) % 16
    return Score(values, places.astype(np.uint8), np.full(len(values), 16, np.uint8), 0)


def test_copies_in_another_key_are_left_out():
    random = np.random.default_rng(1)
    first, other = random.integers(60, 70, 40), random.integers(60, 70, 40)
    kept = without_copies({"a": music(first), "b": music(first + 3), "c": music(other), "d": music(first[:30])})
    assert list(kept) == ["a", "c"]


@pytest.mark.parametrize("n_notes", [1, 5, 12])
def test_a_copy_of_a_short_one_is_left_out_too(n_notes):
    pitches = np.random.default_rng(2).integers(60, 70, n_notes)
    assert list(without_copies({"a": music(pitches), "b": music(pitches + 3)})) == ["a"]


def packed(xml):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as inner:
        inner.writestr("META-INF/container.xml", "<container/>")
        inner.writestr("music.xml", xml)
    return data.getvalue()


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "music21-10.5.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for number, pitch in enumerate(("C4", "D4", "E4")):
            body = note(pitch, 8) + note("G4", 2 * number + 2) + note("A4", 6 - 2 * number)
            archive.writestr(f"music21/corpus/bach/bwv{number}.1.mxl", packed(score_of([body, note(pitch, 8)])))
        archive.writestr("music21/corpus/bach/bwv846.mxl", packed(score_of([note()])))
        archive.writestr("music21/corpus/bach/bwv9.mxl", packed(score_of([note()], names=("Violin",))))
        archive.writestr("music21/corpus/mozart/k1.mxl", packed(score_of([note()])))
        archive.writestr("music21/corpus/bach/bwv7.mxl", b"no archive")
    return path


def test_only_chorales_of_the_package_are_read(wheel):
    with zipfile.ZipFile(wheel, "r") as archive:
        names = [name for name in archive.namelist() if "bwv7" not in name]
        data = {name: archive.read(name) for name in names}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, one in data.items():
            archive.writestr(name, one)
    assert list(read_wheel(wheel)) == ["bwv0.1", "bwv1.1", "bwv2.1"]


def test_a_package_that_is_another_is_refused(wheel):
    with pytest.raises(UserError, match="has changed"):
        read_wheel(wheel)  # one of its scores is no archive
    wheel.write_bytes(b"no wheel")
    with pytest.raises(UserError, match="has changed"):
        read_wheel(wheel)


def test_building_writes_parts_that_load(wheel, tmp_path, monkeypatch):
    test_only_chorales_of_the_package_are_read(wheel)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncp "{wheel}" .\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(chorales, "N_TEST", 1)
    monkeypatch.setattr(chorales, "N_VALIDATION", 1)
    folder = tmp_path / "data"
    assert list(build_chorales(folder))[-1].fraction == 1.0
    parts = {split: load_chorales(split, folder) for split in Split}
    assert [len(parts[split]) for split in Split] == [1, 1, 1]
    assert {name for part in parts.values() for name in part.names} == {"bwv0.1", "bwv1.1", "bwv2.1"}


def test_what_was_written_comes_back(tmp_path):
    score = read_score(score_of([note("A4", 8)], fifths=-3))
    save_chorales(tmp_path / "chorales.npz", {f"bwv{number}": score for number in range(200)})
    parts = {split: load_chorales(split, tmp_path) for split in Split}
    assert [len(parts[split]) for split in Split] == [130, 30, 40]
    again = parts[Split.TEST].scores[7]
    assert np.array_equal(again.values, score.values)
    assert (again.fifths, again.places.tolist()) == (-3, score.places.tolist())


def test_without_the_set_a_sentence_says_how_to_get_it(tmp_path):
    with pytest.raises(UserError, match="not on this computer") as error:
        load_chorales(Split.TRAIN, tmp_path)
    assert "main.py data chorales" in error.value.what_to_do


def test_a_damaged_set_is_refused(tmp_path):
    path = tmp_path / "chorales.npz"
    save_chorales(path, {f"bwv{number}": read_score(score_of([note("A4", 8)])) for number in range(80)})
    data = path.read_bytes()
    for broken in (b"", data[:200], data[:-40]):
        path.write_bytes(broken)
        with pytest.raises(UserError, match="damaged"):
            load_chorales(Split.TRAIN, tmp_path)


def test_without_pip_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="could not download"):
        list(build_chorales(tmp_path))
