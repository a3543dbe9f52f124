"""What a model of spoken words can be asked for, chosen with mouse and keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.autoregressive.sound.model.speech import SpeechConditioner
from plugins.autoregressive.sound.panel.sections import ConditioningSection, SoundWordList
from plugins.autoregressive.sound.params import SoundParams
from plugins.autoregressive.sound.scene import SoundScene
from studio.datasets.speech import VOICES, WORDS
from tests.plugins.autoregressive.sound.speech_made import made_talker


@pytest.fixture
def section(qtbot):
    section = ConditioningSection()
    qtbot.addWidget(section)
    section.set_offer(SpeechConditioner(made_talker()).offer)
    section.show_scene(SoundScene(SoundParams(kind="two", instrument="Lee")))
    section.resize(300, 300)
    section.show()
    return section


def test_words_are_chips_and_voices_a_list(section):
    chips, voices = section.words["kind"], section.words["instrument"]
    assert [chip.text() for chip in chips._chips] == list(WORDS)
    assert chips.current() == "two"
    assert isinstance(voices, SoundWordList)
    assert [voices.list.itemText(place) for place in range(voices.list.count())] == list(VOICES)
    assert voices.list.currentText() == "Lee"
    assert section.keys is None


def test_a_word_is_clicked_and_a_voice_chosen_by_key(qtbot, section):
    changed = []
    section.changed.connect(lambda name, value: changed.append((name, value)))
    QTest.mouseClick(section.words["kind"]._chips[7], Qt.MouseButton.LeftButton)
    voices = section.words["instrument"].list
    voices.setFocus()
    QTest.keyClick(voices, Qt.Key.Key_Down)
    assert changed == [("kind", "seven"), ("instrument", VOICES[VOICES.index("Lee") + 1])]


def test_where_nothing_is_chosen_the_first_is_shown(section):
    section.show_scene(SoundScene(SoundParams()))
    assert section.words["kind"].current() == "zero"
    assert section.words["instrument"].list.currentText() == VOICES[0]


def test_the_phonemes_of_a_word_stand_where_they_are_spoken():
    offer = SpeechConditioner(made_talker()).offer
    parts = offer.parts_of(SoundParams(kind="nine", instrument="Lee"))
    assert parts == (("s", 4 * 64), ("eye", 14 * 64), ("", 20 * 64))
    assert offer.parts_of(SoundParams()) == parts  # of the first word and voice; all are alike here
    assert offer.parts_of(SoundParams(kind="eleven")) == ()
