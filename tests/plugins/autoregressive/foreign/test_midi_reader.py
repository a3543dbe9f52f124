"""MIDI in and out: round trips, parts and chords, bounds, and files that are broken on purpose."""

import io

import mido
import numpy as np
import pytest

from plugins.autoregressive.foreign.midi.reader import MAX_BYTES, read_midi, within
from plugins.autoregressive.music.frames import note_rows
from plugins.autoregressive.music.grid import HIGHEST, LOWEST, MAX_STEPS, sounding
from plugins.autoregressive.music.state import is_sound
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.recording.recording import RunInfo
from studio.core.view import Notes
from studio.render.export.format import format_for
from studio.render.export.midi import midi_bytes, write_midi
from studio.render.export.option import ExportOptions
from tests.plugins.autoregressive.music.music_made import file_of, made_grid, piece


def written(path, notes, tempo_bpm=96.0):
    path.write_bytes(midi_bytes(Notes(notes), tempo_bpm))
    return path


def test_a_piece_survives_its_file(tmp_path):
    grid = made_grid(64)
    found = read_midi(written(tmp_path / "a.mid", note_rows(grid.values)))
    assert np.array_equal(sounding(found.grid.values), sounding(grid.values))
    assert note_rows(found.grid.values) == note_rows(grid.values)
    assert found.tempo_bpm == pytest.approx(96, abs=0.01)
    assert found.sentence == ""


def test_the_hosts_export_writes_it_with_what_made_it(tmp_path):
    path = tmp_path / "piece.mid"
    info = RunInfo("autoregressive/chorales", {"seed": 3, "tempo_bpm": 72.0}, 3)
    frame = Frame(0, 1, views={"notes": Notes(note_rows(piece("60 62", "- -", "- -", "48 50").values))})
    clip = Clip(1, lambda start, stop: iter([frame][start:stop]), 10, info, {})
    kind = format_for(path)
    assert kind.id == "midi"
    assert kind.fits(frame)
    list(write_midi(clip, path, ExportOptions()))
    file = mido.MidiFile(path)
    texts = [message.text for message in file.tracks[0] if message.type == "text"]
    assert "autoregressive/chorales" in texts[0]
    assert read_midi(path).tempo_bpm == pytest.approx(72, abs=0.01)


def test_a_clip_without_notes_has_nothing_to_write(tmp_path):
    clip = Clip(1, lambda start, stop: iter([Frame(0, 1)][start:stop]), 10, RunInfo("a/b", {}, 1), {})
    with pytest.raises(UserError, match="no notes"):
        list(write_midi(clip, tmp_path / "a.mid", ExportOptions()))


def test_a_melody_is_the_sopranos(tmp_path):
    path = file_of(tmp_path / "a.mid", [(0, 4, 67), (4, 8, 69), (8, 16, 71)])
    pitches = sounding(read_midi(path).grid.values)
    assert pitches[:, 0].tolist() == [67] * 4 + [69] * 4 + [71] * 8
    assert not pitches[:, 1:].any()


def test_parts_are_voices_from_high_to_low(tmp_path):
    path = file_of(tmp_path / "a.mid", [(0, 16, 50)], [(0, 16, 72)], [(0, 16, 60)], [(0, 16, 65)])
    assert sounding(read_midi(path).grid.values)[0].tolist() == [72, 65, 60, 50]


def test_chords_of_one_part_are_told_apart_by_height(tmp_path):
    notes = [(0, 8, 60), (0, 8, 64), (0, 8, 67), (0, 8, 72), (0, 8, 76), (8, 16, 65), (8, 16, 50)]
    pitches = sounding(read_midi(file_of(tmp_path / "a.mid", notes)).grid.values)
    assert pitches[0].tolist() == [76, 72, 67, 60]
    assert pitches[8, [0, 3]].tolist() == [65, 50]


def test_metre_key_and_tempo_are_believed_where_they_can_be(tmp_path):
    metas = [
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("key_signature", key="Dm"),
        mido.MetaMessage("set_tempo", tempo=1_000_000),
    ]
    found = read_midi(file_of(tmp_path / "a.mid", [(0, 12, 67)], metas=metas))
    assert (found.grid.key, set(found.grid.bars.tolist()), found.tempo_bpm) == (5, {12}, 60.0)


@pytest.mark.parametrize(
    ("microseconds", "played", "words"),
    [
        (240_000, 200.0, "asks for 250 beats a minute, but is played at 200"),
        (3_000_000, 40.0, "asks for 20 beats a minute, but is played at 40"),
        (300_000, 200.0, ""),
        (1_500_000, 40.0, ""),
    ],
)
def test_a_tempo_out_of_reach_is_said(tmp_path, microseconds, played, words):
    metas = [mido.MetaMessage("set_tempo", tempo=microseconds)]
    found = read_midi(file_of(tmp_path / "a.mid", [(0, 16, 67)], metas=metas))
    assert found.tempo_bpm == pytest.approx(played)
    assert words in found.sentence
    assert bool(words) == ("tempo" in found.sentence or "beats a minute" in found.sentence)


def test_what_is_too_high_or_low_is_moved_by_octaves(tmp_path):
    assert [within(pitch) for pitch in (12, 127, 60)] == [36, 79, 60]
    assert all(LOWEST <= within(pitch) <= HIGHEST for pitch in range(128))


def test_a_long_piece_is_cut_and_says_so(tmp_path):
    found = read_midi(file_of(tmp_path / "a.mid", [(at, at + 4, 60) for at in range(0, 8000, 4)]))
    assert len(found.grid) == MAX_STEPS
    assert "first 64 bars" in found.sentence


def test_what_holds_nothing_is_refused(tmp_path):
    with pytest.raises(UserError, match="no notes"):
        read_midi(file_of(tmp_path / "a.mid", []))
    large = tmp_path / "large.mid"
    large.write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(UserError, match="larger"):
        read_midi(large)
    with pytest.raises(UserError):
        read_midi(tmp_path / "missing.mid")


def test_broken_files_are_refused_or_read_but_never_break(tmp_path):
    data = midi_bytes(Notes(note_rows(made_grid(32).values)), 90)
    random = np.random.default_rng(1)
    path = tmp_path / "broken.mid"
    n_refused = 0
    for number in range(150):
        broken = bytearray(data[: random.integers(1, len(data))] if number % 3 == 0 else data)
        for _ in range(int(random.integers(1, 6))):
            broken[int(random.integers(0, len(broken)))] = int(random.integers(0, 256))
        path.write_bytes(bytes(broken))
        try:
            assert is_sound(read_midi(path).grid)
        except UserError:
            n_refused += 1
    assert n_refused > 20


def test_midi_bytes_are_midi():
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(Notes(((0.0, 1.0, 60, 0), (1.0, 1.0, 60, 0))), 120.0)))
    kinds = [message.type for message in file.tracks[1] if not message.is_meta]
    assert kinds == ["note_on", "note_off", "note_on", "note_off"]
