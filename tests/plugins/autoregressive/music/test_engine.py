"""The engine of music: frames that grow, branches, what stays, scores, sound; melodies, chords and edits."""

import numpy as np
import pytest

from plugins.autoregressive.music.engine import MusicEngine
from plugins.autoregressive.music.frames import note_rows
from plugins.autoregressive.music.grid import HOLD, NO_KEY, REST
from plugins.autoregressive.music.melodies import MELODIES, empty_grid, melody_grid, only_soprano
from plugins.autoregressive.music.notes import VoiceNote, column_of, note_at, notes_in, with_note, without_note
from plugins.autoregressive.music.params import MusicParams
from plugins.autoregressive.music.state import is_sound, read_state, started
from plugins.autoregressive.music.synthesis import RATE_HZ, notes_of, sound_of, step_samples, tone
from plugins.autoregressive.music.theory import chord_name, found_key, pitch_name
from plugins.autoregressive.music.view_model import view_model_of
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.sound.note import frequency_hz
from tests.plugins.autoregressive.music.music_made import made_grid, made_network, piece


@pytest.fixture
def engine():
    return MusicEngine(made_network(), {"usual_bits": {"low": 5, "high": 9}})


def run(engine, start=None, **params):
    return list(whole_frames(engine.generate(MusicParams(**{"seed": 7, "n_bars": 1, **params}), start)))


def test_a_piece_grows_sixteenth_by_sixteenth(engine):
    frames = run(engine)
    assert [frame.step for frame in frames] == list(range(17))
    assert {frame.n_steps for frame in frames} == {17}
    assert [int(frame.state["place"][0]) for frame in frames] == list(range(17))
    step = step_samples(80)
    assert [len(frame.views["sound"].samples) for frame in frames] == [step * number for number in range(17)]
    assert "surprise" in frames[-1].scalars


def test_the_same_seed_gives_the_same_bits_and_another_another_piece(engine):
    first, again, other = run(engine)[-1], run(engine)[-1], run(engine, seed=8)[-1]
    assert np.array_equal(first.state["values"], again.state["values"])
    assert np.array_equal(first.views["sound"].samples, again.views["sound"].samples)
    assert not np.array_equal(first.state["values"], other.state["values"])


@pytest.mark.long("computes for long")
def test_a_branch_repeats_its_parent(engine):
    frames = run(engine, kind="dawn")
    branch = run(engine, frames[60].state, kind="dawn")
    assert len(branch) == len(frames) - 60
    for mine, theirs in zip(frames[60:], branch, strict=True):
        assert all(np.array_equal(mine.state[name], theirs.state[name]) for name in mine.state)
        assert np.array_equal(mine.views["picture"].pixels, theirs.views["picture"].pixels)
        assert np.array_equal(mine.views["surprise"].values, theirs.views["surprise"].values)
        assert np.array_equal(mine.views["sound"].samples, theirs.views["sound"].samples)


def test_what_is_kept_stays_and_only_the_rest_is_made(engine):
    grid = made_grid(32)
    is_kept = np.ones(grid.values.shape, np.bool_)
    is_kept[16:, 1:3] = False
    frames = run(engine, started(grid, is_kept))
    assert len(frames) == 17
    values = frames[-1].state["values"]
    assert np.array_equal(values[is_kept], grid.values[is_kept])
    shown = frames[0].state["values"]
    assert shown[16, 1] == REST  # what is not there yet is silent
    assert np.array_equal(shown[:, 0], grid.values[:, 0])


@pytest.mark.long("computes for long")
def test_a_melody_is_harmonised_by_its_name(engine):
    frames = run(engine, kind="joy")
    assert np.array_equal(frames[-1].state["values"][:, 0], melody_grid("joy").values[:, 0])
    with pytest.raises(UserError, match="no melody"):
        run(engine, kind="nonsense")


@pytest.mark.long("computes for long")
def test_the_score_is_that_of_the_run(engine):
    frames = run(engine, kind="dawn")
    seen = view_model_of(frames[-1])
    assert seen is not None
    score = engine.score(seen.grid, seen.is_kept)
    assert score.surprise == pytest.approx(seen.surprise, abs=1e-3)
    assert score.chances.sum(-1) == pytest.approx(np.ones(seen.is_kept.shape), abs=1e-4)


def test_a_hostile_state_is_refused(engine):
    state = started(made_grid(8), np.ones((8, 4), np.bool_))
    wrong = [
        {},
        {**state, "values": state["values"][:4]},
        {**state, "values": np.full((8, 4), 127, np.uint8)},
        {**state, "metre": np.full((8, 2), 200, np.uint8)},
        {**state, "key": np.array([99])},
        {**state, "place": np.array([9])},
        {**state, "values": state["values"].astype(np.int64)},
        {**state, "values": np.zeros((0, 4), np.uint8)},
    ]
    for one in wrong:
        with pytest.raises(UserError):
            read_state(one)
    assert read_state(state).place == 0


def test_what_a_panel_has_to_know(engine):
    assert engine.about().usual_bits == (5.0, 9.0)
    assert MusicEngine(made_network(), {}).about().usual_bits is None


# Sound


def test_sound_that_grows_is_the_sound_of_the_whole():
    values = made_grid(16).values
    whole = sound_of(values, 100)
    parts = [sound_of(values[:end], 100, start, end) for start, end in ((0, 5), (5, 6), (6, 16))]
    assert np.array_equal(np.concatenate(parts), whole)
    assert np.abs(whole).max() <= 1


def test_a_tone_has_its_pitch():
    samples = tone(69, 0)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * RATE_HZ / len(samples) == pytest.approx(frequency_hz(69), abs=3)
    assert abs(samples[0]) < 1e-3
    assert abs(samples[-1]) < 1e-3


def test_a_rest_is_silent():
    assert not sound_of(empty_grid(1).values, 80).any()
    assert notes_of(empty_grid(1).values[:, 0], empty_grid(1).values[:, 0]) == []


def test_notes_are_told_in_beats():
    assert note_rows(piece("60 62", "- -", "- -", "- 50").values) == (
        (0.0, 1.0, 60, 0),
        (1.0, 1.0, 50, 3),
        (1.0, 1.0, 62, 0),
    )


# Melodies, keys, chords


def test_all_melodies_can_be_sung():
    for name, melody in MELODIES.items():
        grid = melody_grid(name)
        assert is_sound(grid), name
        assert (len(grid) - melody.upbeat) % melody.bar in (0, melody.bar - melody.upbeat), name
        assert found_key(grid.values[:, 0]) in (melody.key, (melody.key + 7) % 12, (melody.key + 5) % 12), name
        assert only_soprano(grid).sum() == len(grid)


def test_keys_are_found():
    scale = column_of(
        [VoiceNote(4 * at, 4, 60 + step) for at, step in enumerate((0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0))], 44
    )
    assert found_key(scale) == 0
    assert found_key(empty_grid(1).values[:, 0]) == NO_KEY


@pytest.mark.parametrize(
    ("pitches", "key", "name"),
    [
        ((48, 64, 67, 72), 0, "C major"),
        ((50, 65, 69), 5, "D minor"),
        ((47, 62, 67), 7, "G major"),
        ((43, 59, 65, 74), 0, "G seventh"),
        ((46, 62, 65), 5, "B♭ major"),
        ((47, 62, 65), 0, "B diminished"),
        ((60,), 0, "C alone"),
        ((), 0, ""),
        ((60, 61, 62), 0, ""),
        ((54, 61), 2, "F♯ with a bare fifth"),
    ],
)
def test_chords_have_names(pitches, key, name):
    assert chord_name(pitches, key) == name


def test_pitches_are_named_in_their_key():
    assert (pitch_name(70, 5), pitch_name(70, 11), pitch_name(60, 0)) == ("B♭4", "A♯4", "C4")


# Edits


def test_a_voice_is_its_notes():
    column = made_grid(40).values[:, 0]
    notes = notes_in(column)
    assert notes_in(column_of(notes, 40)) == notes


def test_a_new_note_makes_room():
    column = column_of([VoiceNote(0, 4, 60), VoiceNote(4, 8, 62), VoiceNote(12, 4, 64)], 16)
    assert notes_in(with_note(column, VoiceNote(2, 4, 70))) == [
        VoiceNote(0, 2, 60),
        VoiceNote(2, 4, 70),
        VoiceNote(6, 6, 62),
        VoiceNote(12, 4, 64),
    ]
    assert notes_in(with_note(column, VoiceNote(6, 2, 70))) == [
        VoiceNote(0, 4, 60),
        VoiceNote(4, 2, 62),
        VoiceNote(6, 2, 70),
        VoiceNote(8, 4, 62),
        VoiceNote(12, 4, 64),
    ]
    assert notes_in(with_note(column, VoiceNote(4, 8, 70)))[1] == VoiceNote(4, 8, 70)


def test_a_note_that_goes_leaves_a_rest():
    column = column_of([VoiceNote(0, 4, 60), VoiceNote(4, 4, 62)], 8)
    assert without_note(column, VoiceNote(0, 4, 60)).tolist() == [REST, HOLD, HOLD, HOLD, 62, HOLD, HOLD, HOLD]
    assert note_at(column, 5) == VoiceNote(4, 4, 62)
    assert note_at(without_note(column, VoiceNote(4, 4, 62)), 5) is None
