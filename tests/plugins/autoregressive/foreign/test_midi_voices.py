"""Who sings what of a MIDI file: staves of two voices, two hands, melodies with chords, and more than four can sing."""

import numpy as np
import pytest

from plugins.autoregressive.foreign.midi.reader import read_midi
from plugins.autoregressive.music.grid import sounding
from tests.plugins.autoregressive.music.music_made import file_of


def line(*pitches, length=4, first=0):
    """Notes one after the other, as (start, end, pitch) in sixteenths."""
    return [(first + length * at, first + length * (at + 1), pitch) for at, pitch in enumerate(pitches)]


def sung(path, *tracks):
    """(T, V) what sounds, and what is said."""
    found = read_midi(file_of(path / "a.mid", *tracks))
    return sounding(found.grid.values), found.sentence


def test_two_staves_of_two_voices_are_four(tmp_path):
    upper = [*line(72, 74, 76, 77), *line(67, 67, 67, 69)]
    lower = [*line(64, 62, 60, 60), *line(48, 55, 48, 53)]
    pitches, sentence = sung(tmp_path, upper, lower)
    assert pitches[::4].tolist() == [[72, 67, 64, 48], [74, 67, 62, 55], [76, 67, 60, 48], [77, 69, 60, 53]]
    assert sentence == ""


def test_in_a_staff_a_voice_that_holds_its_note_keeps_it(tmp_path):
    upper = [*line(72, 74, 65, 77), *line(67, length=16)]
    lower = [*line(55, length=16), *line(48, 50), *line(47, length=8, first=8)]
    pitches, sentence = sung(tmp_path, upper, lower)
    assert pitches[:, 0].tolist() == [72] * 4 + [74] * 4 + [65] * 4 + [77] * 4  # it crosses the alto
    assert pitches[:, 1].tolist() == [67] * 16
    assert pitches[:, 2].tolist() == [55] * 16
    assert pitches[:, 3].tolist() == [48] * 4 + [50] * 4 + [47] * 8
    assert sentence == ""


def test_where_a_staff_has_one_note_it_is_the_outer_voices(tmp_path):
    upper, lower = [*line(72, 74), *line(67)], [*line(55), *line(48, 50)]
    pitches, _ = sung(tmp_path, upper, lower)
    assert pitches[4].tolist() == [74, 0, 0, 50]


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([[*line(76), *line(72)], [*line(55), *line(48)]], [76, 72, 55, 48]),
        ([line(76), [*line(55), *line(52), *line(48)]], [76, 55, 52, 48]),
        ([[*line(76), *line(72), *line(67)], line(48)], [76, 72, 67, 48]),
        ([line(76), [*line(55), *line(48)]], [76, 55, 0, 48]),
        ([line(76), line(60), [*line(55), *line(48)]], [76, 60, 55, 48]),
    ],
)
def test_a_part_gets_as_many_voices_as_sound_in_it(tmp_path, tracks, expected):
    pitches, sentence = sung(tmp_path, *tracks)
    assert pitches[0].tolist() == expected
    assert sentence == ""


def test_a_melody_over_a_held_bass_in_one_part(tmp_path):
    pitches, sentence = sung(tmp_path, [*line(60, 62, 64, 65), *line(48, length=16)])
    assert pitches[:, 0].tolist() == np.repeat([60, 62, 64, 65], 4).tolist()
    assert pitches[:, 3].tolist() == [48] * 16
    assert sentence == ""


def test_a_melody_whose_notes_overlap_a_little_stays_one(tmp_path):
    file = file_of(tmp_path / "a.mid", [(0, 570, 60), (480, 1050, 62), (960, 1440, 64)], ticks=480)
    pitches = sounding(read_midi(file).grid.values)
    assert pitches[:, 0].tolist() == [60] * 4 + [62] * 4 + [64] * 4 + [0] * 4
    assert not pitches[:, 1:].any()


def test_what_four_voices_cannot_sing_is_counted(tmp_path):
    chord = [36 + 5 * at for at in range(10)]
    pitches, sentence = sung(tmp_path, [note for pitch in chord for note in line(pitch, pitch)])
    assert pitches[0].tolist() == [81, 76, 71, 36]
    assert sentence == "12 notes of more than four voices were left out."


def test_of_five_tracks_the_highest_and_the_lowest_sing(tmp_path):
    pitches, sentence = sung(tmp_path, *(line(84 - 7 * at) for at in range(5)))
    assert pitches[0].tolist() == [84, 77, 70, 56]
    assert sentence == "1 note of more than four voices was left out."


def test_of_a_chord_in_one_of_four_parts_the_outer_note_is_sung(tmp_path):
    parts = [*line(72), *line(69)], line(65), line(60), [*line(50), *line(43)]
    pitches, sentence = sung(tmp_path, *parts)
    assert pitches[0].tolist() == [72, 65, 60, 43]
    assert sentence == "2 notes of more than four voices were left out."


def test_a_voice_that_is_taken_from_a_held_note_is_said(tmp_path):
    held = [note for pitch in (72, 67, 60, 48) for note in line(pitch, length=16)]
    pitches, sentence = sung(tmp_path, held, line(79, first=4))
    assert pitches[:, 0].tolist() == [72] * 4 + [79] * 4 + [0] * 8
    assert pitches[:, 3].tolist() == [48] * 16
    assert sentence == "1 note ends early, since another needs its voice."


def test_notes_that_are_too_quick_are_counted(tmp_path):
    file = file_of(tmp_path / "a.mid", [(at, at + 1, 60 + at) for at in range(8)], ticks=8)
    found = read_midi(file)
    assert not sounding(found.grid.values)[:, 1:].any()
    assert "shorter than a sixteenth were left out" in found.sentence
