"""Names, numbers and frequencies of notes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.sound.note import cents_between, frequency_hz, note_name, note_number


@given(st.integers(0, 127))
def test_names_lead_back(number):
    assert note_number(note_name(number)) == number


@pytest.mark.parametrize(
    ("name", "number"), [("C4", 60), ("a4", 69), ("F#3", 54), ("Gb3", 54), ("B♭2", 46), ("C-1", 0)]
)
def test_known_names(name, number):
    assert note_number(name) == number


@pytest.mark.parametrize("name", ["", "H4", "C", "C##4", "C10", "Cb-1", "G#9", "4C", "C 4"])
def test_what_is_no_note(name):
    assert note_number(name) is None


def test_frequencies():
    assert frequency_hz(69) == 440
    assert frequency_hz(60) == pytest.approx(261.6256, abs=1e-4)
    assert cents_between(frequency_hz(61), frequency_hz(60)) == pytest.approx(100)
    assert cents_between(220, 440) == pytest.approx(-1200)
