"""Prompts of notes, read in any order and written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.sound.prompt import DYNAMICS, NotePrompt, read_prompt
from studio.core.error import UserError

NAMES = ("guitar", "electric guitar", "flute")
PITCHES = range(48, 73)


@given(st.sampled_from(NAMES), st.sampled_from(PITCHES), st.sampled_from(sorted(DYNAMICS.values())))
def test_what_is_written_is_read_again(instrument, pitch, velocity):
    note = NotePrompt(instrument, pitch, velocity)
    assert read_prompt(note.text, NAMES, PITCHES) == note


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("flute", NotePrompt("flute")),
        ("  A4   Flute LOUD ", NotePrompt("flute", 69, 112)),
        ("electric guitar e3", NotePrompt("electric guitar", 52)),
        ("guitar Bb3", NotePrompt("guitar", 58)),
    ],
)
def test_words_may_stand_in_any_order(prompt, wanted):
    assert read_prompt(prompt, NAMES, PITCHES) == wanted


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("kazoo C4", "kazoo"),
        ("C4", "instrument"),
        ("flute C6", "C6"),
        ("flute C4 D4", "d4"),
        ("flute oboe", "oboe"),
    ],
)
def test_what_is_not_known_is_said(prompt, words):
    with pytest.raises(UserError, match=words):
        read_prompt(prompt, NAMES, PITCHES)


def test_without_a_note_the_nearest_to_c4_is_taken():
    assert read_prompt("flute", NAMES, range(65, 70)).pitch == 65
