"""What a MIDI file says of time, metre and key, and files that are not as they should be."""

import struct

import mido
import numpy as np
import pytest

from plugins.autoregressive.foreign.midi.reader import read_midi
from plugins.autoregressive.music.grid import bar_starts, sounding
from studio.core.error import UserError
from tests.plugins.autoregressive.music.music_made import file_of

END = b"\0\xff\x2f\0"
TWO = b"\0\x90\x3c\x40\x83\x60\x3c\0\0\x3e\x40\x83\x60\x3e\0"
"""C and D, a quarter of 480 ticks each."""


def head(kind=0, n_tracks=1, division=480):
    return b"MThd" + struct.pack(">IHHH", 6, kind, n_tracks, division & 0xFFFF)


def chunk(data, name=b"MTrk", n_claimed=None):
    return name + struct.pack(">I", len(data) if n_claimed is None else n_claimed) + data


def read(folder, *parts):
    path = folder / "raw.mid"
    path.write_bytes(b"".join(parts))
    return read_midi(path)


def sopranos(found):
    return sounding(found.grid.values)[:, 0].tolist()


def metre(numerator, denominator, time=0):
    return mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=time)


def tempo(bpm, time=0):
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=time)


# Time


@pytest.mark.parametrize("upper", [9, 7, 5, 3, 6])
def test_empty_bars_of_eighths_are_left_out_whole(tmp_path, upper):
    bar = 2 * upper
    found = read_midi(file_of(tmp_path / "a.mid", [(bar, bar + 4, 60)], metas=(metre(upper, 8),)))
    assert sopranos(found)[:4] == [60] * 4
    assert bar_starts(found.grid.places)[0] == 0
    assert set(found.grid.bars.tolist()) == {bar}


def test_an_upbeat_stays_at_the_end_of_its_bar(tmp_path):
    found = read_midi(file_of(tmp_path / "a.mid", [(18 + 16, 36, 60), (36, 40, 62)], metas=(metre(9, 8),)))
    assert sopranos(found)[:20] == [0] * 16 + [60] * 2 + [62] * 2


@pytest.mark.parametrize("ticks", [4, 96, 480])
def test_bars_are_counted_from_where_their_metre_begins(tmp_path, ticks):
    step = ticks // 4
    metas = (metre(4, 4), metre(3, 4, time=32 * step))  # two bars are counted in
    notes = [(32 * step, 36 * step, 60), (36 * step, 44 * step, 62)]
    found = read_midi(file_of(tmp_path / "a.mid", notes, ticks=ticks, metas=metas))
    assert sopranos(found) == [60] * 4 + [62] * 8
    assert found.sentence == ""


def test_what_holds_first_is_what_comes_first_in_time(tmp_path):
    path = file_of(tmp_path / "a.mid", [(0, 32, 60)], metas=(tempo(60, time=40), metre(3, 4)))
    file = mido.MidiFile(path)
    file.tracks[1][:0] = [tempo(120), metre(2, 4)]
    file.save(path)
    found = read_midi(path)
    assert found.tempo_bpm == 120
    assert set(found.grid.bars.tolist()) == {8}
    assert found.sentence == ""


def test_a_metre_that_begins_later_is_not_that_of_the_beginning(tmp_path):
    found = read_midi(file_of(tmp_path / "a.mid", [(0, 32, 60)], metas=(metre(3, 4, time=16), tempo(90, time=4))))
    assert set(found.grid.bars.tolist()) == {16}
    assert found.tempo_bpm == 120  # what a file means that has not said yet
    assert "metre changes" in found.sentence
    assert "tempo changes" in found.sentence


def test_the_same_said_again_is_no_change(tmp_path):
    metas = (metre(4, 4), tempo(120), metre(2, 2, time=8), tempo(120.2, time=2))
    assert read_midi(file_of(tmp_path / "a.mid", [(0, 32, 60)], metas=metas)).sentence == ""


def test_bars_that_cannot_be_drawn_are_said(tmp_path):
    found = read_midi(file_of(tmp_path / "a.mid", [(0, 32, 60)], metas=(metre(1, 16),)))
    assert set(found.grid.bars.tolist()) == {16}
    assert "bars of 4/4 are shown" in found.sentence


@pytest.mark.parametrize(("division", "n_steps"), [(0xE728, 4), (0xE250, 1), (0xE350, 1)])
def test_a_file_that_counts_frames_of_a_film_is_read_by_the_clock(tmp_path, division, n_steps):
    """480 ticks are 0.48 s at 25 frames of 40 ticks, 0.2 s at 30 (or 29.97) of 80; a sixteenth lasts 0.125 s."""
    found = read(tmp_path, head(division=division), chunk(TWO + END))
    pitches = sopranos(found)
    assert pitches[: n_steps + 1] == [60] * n_steps + [60 if n_steps == 1 else 62]
    assert found.tempo_bpm == 120


# What is not as it should be


def test_drums_alone_are_said(tmp_path):
    with pytest.raises(UserError, match="drums"):
        read(tmp_path, head(), chunk(TWO.replace(b"\x90", b"\x99") + END))


def test_a_note_that_never_ends_does_so_as_the_next_begins_or_with_its_track(tmp_path):
    found = read(tmp_path, head(), chunk(b"\0\x90\x3c\x40\x83\x60\x3e\x40\x83\x60\x40\x40" + b"\x87\x40\xff\x2f\0"))
    assert sopranos(found) == [60] * 4 + [62] * 4 + [64] * 8


def test_a_note_without_a_length_is_a_short_one(tmp_path):
    found = read(tmp_path, head(), chunk(b"\0\x90\x3c\x40\0\x3c\0\x83\x60\x3e\x40\x83\x60\x3e\0" + END))
    assert sopranos(found)[:8] == [60, 0, 0, 0] + [62] * 4


@pytest.mark.parametrize("division", [0, 0x8028, 0xE700])
def test_a_file_without_beats_is_a_sentence(tmp_path, division):
    with pytest.raises(UserError, match="how long a beat is"):
        read(tmp_path, head(division=division), chunk(TWO + END))


def test_chunks_of_other_kinds_are_skipped(tmp_path):
    other = chunk(b"abcd", b"XFIH")
    found = read(tmp_path, head(), other, chunk(TWO + END), other)
    assert sopranos(found)[:8] == [60] * 4 + [62] * 4
    assert found.sentence == ""


def test_fewer_tracks_than_claimed_are_read_and_said(tmp_path):
    found = read(tmp_path, head(1, 5), chunk(TWO + END))
    assert sopranos(found)[:8] == [60] * 4 + [62] * 4
    assert "5 tracks but has 1" in found.sentence


def test_a_track_that_is_shorter_than_it_claims_is_read_and_said(tmp_path):
    found = read(tmp_path, head(), chunk(TWO + END, n_claimed=9999))
    assert sopranos(found)[:8] == [60] * 4 + [62] * 4
    assert "cut short" in found.sentence


@pytest.mark.parametrize("wrong", [b"\0\xff\x59\x02\x09\x05", b"\0\xff\x59\x02\x20\x07", b"\0\xff\x59\x01\0"])
def test_a_key_that_there_is_not_is_passed_over(tmp_path, wrong):
    found = read(tmp_path, head(), chunk(wrong + TWO + END))
    assert np.array_equal(found.grid.values, read(tmp_path, head(), chunk(TWO + END)).grid.values)


def test_a_key_that_there_is_stays(tmp_path):
    """It stands beside one that there is not."""
    found = read(tmp_path, head(), chunk(b"\0\xff\x59\x02\x02\0" + TWO + b"\0\xff\x59\x02\x09\x05" + END))
    assert found.grid.key == 2


def test_of_pieces_that_do_not_belong_together_the_first_is_taken(tmp_path):
    low = TWO.replace(b"\x3c", b"\x30").replace(b"\x3e", b"\x32")
    found = read(tmp_path, head(2, 3), chunk(END), chunk(TWO + END), chunk(low + END))
    assert sounding(found.grid.values)[0].tolist() == [60, 0, 0, 0]
    assert "2 separate pieces" in found.sentence


def test_times_that_no_file_can_tell_are_damage(tmp_path):
    with pytest.raises(UserError, match="damaged"):
        read(tmp_path, head(), chunk(b"\xff" * 400 + TWO + END))
