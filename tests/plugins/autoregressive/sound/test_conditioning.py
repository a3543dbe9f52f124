"""What models of sounds can be asked for: choices, what is no choice, and what is told of each."""

from dataclasses import replace

import numpy as np
import pytest

from plugins.autoregressive.sound.conditioning import ConditioningOffer, KeyChoice, WordChoice
from plugins.autoregressive.sound.model.notes import NotesConditioner
from plugins.autoregressive.sound.model.weights import KINDS, conditioner_of
from plugins.autoregressive.sound.params import SoundParams
from studio.core.error import UserError
from studio.core.translation import N_
from tests.plugins.autoregressive.sound.sound_made import made_notes

PARAMS = SoundParams()
VOICES = WordChoice("instrument", N_("Voice"), {"a": "Anna", "b": "Ben"})


def test_where_nothing_is_chosen_the_first_word_is():
    assert (VOICES.value(PARAMS), VOICES.word(PARAMS), VOICES.place(PARAMS)) == ("a", "Anna", 0)
    other = replace(PARAMS, instrument="b")
    assert (VOICES.value(other), VOICES.word(other), VOICES.place(other)) == ("b", "Ben", 1)


def test_what_cannot_be_asked_for_is_a_sentence():
    with pytest.raises(UserError, match="“c”"):
        VOICES.place(replace(PARAMS, instrument="c"))
    with pytest.raises(UserError, match="B2"):
        KeyChoice(range(48, 73)).pitch(replace(PARAMS, pitch=47))


def test_another_sound_is_of_another_word_and_leaves_the_programs_words_alone():
    hardness = WordChoice("velocity", N_("How hard"), {49: N_("Soft"), 80: N_("Medium")}, is_content=False)
    offer = ConditioningOffer(
        (VOICES, KeyChoice(range(60, 62)), hardness), N_("You asked for {pitch} by {instrument}."), 0.1
    )
    found = [offer.another(PARAMS) for _ in range(40)]
    assert {one["instrument"] for one in found} == {"b"}
    assert {one["pitch"] for one in found} == {60, 61}
    assert {one["velocity"] for one in found} == {80}
    assert WordChoice("kind", N_("Kind"), {"one": "one"}).another(PARAMS) == "one"
    assert offer.asked(replace(PARAMS, instrument="b", pitch=61)) == "You asked for C#4 by Ben."
    assert offer.title("velocity") == "How hard"


def test_the_nearest_key_of_a_pitch_is_one_that_there_is():
    keys = KeyChoice(range(48, 73))
    assert [keys.nearest(pitch) for pitch in (60.4, 20.0, 100.0)] == [60, 48, 72]


def test_every_kind_of_network_says_what_it_can_be_asked_for():
    assert all(kind.network.__name__ == name for name, kind in KINDS.items())
    network = made_notes()
    asking = conditioner_of(network)
    assert isinstance(asking, NotesConditioner)
    told = asking.told(replace(PARAMS, instrument="reed"), 128)
    assert told.numbers.shape == (8, network.config.wave.n_told)
    assert told.waves.shape == (128, network.config.wave.n_waves)
    other = asking.told(replace(PARAMS, velocity=112), 128)
    assert (told.numbers != other.numbers).any()
    np.testing.assert_array_equal(told.waves, other.waves)
