"""The prompt under a real keyboard: completions, unknown words, examples, classes, and the buttons that run it."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from plugins.diffusion.shared.panel.prompt_section import PromptSection
from studio.widgets.controls.chip import Chip
from tests.plugins.diffusion.panel_hand import LEFT, heard, press, shown

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
WORDS = ["a", "with", "fox", "rocket", "roof", "sunglasses", "ice cream"]
EXAMPLES = ["a fox with sunglasses", "a rocket " + "and a rocket " * 9]


@pytest.fixture
def make(qtbot):
    """Makes a section in a window that has room for the offered words."""

    windows: list[QWidget] = []

    def made(**options) -> PromptSection:
        window = QWidget()
        windows.append(window)
        section = PromptSection(**options)
        QVBoxLayout(window).addWidget(section)
        shown(qtbot, window, 320, 640)
        return section

    yield made
    windows.clear()


@pytest.fixture
def section(make) -> PromptSection:
    return make(words=WORDS, examples=EXAMPLES, nearby={"spaceship": ["rocket"]})


def type_into(qtbot, edit, text: str) -> None:
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    QTest.keyClicks(edit, text)


def test_every_letter_is_told(section, qtbot) -> None:
    said = heard(section.prompt_changed)
    type_into(qtbot, section.edit, "fox")
    assert said == ["f", "fo", "fox"]


def test_showing_a_prompt_tells_nobody(section) -> None:
    said = heard(section.prompt_changed) + heard(section.negative_changed) + heard(section.seed_changed)
    section.set_prompt("a fox")
    section.set_negative("roof")
    section.set_seed(5)
    section.set_live(True)
    section.set_running(True)
    section.set_completed("a fox with sunglasses")
    assert (said, section.edit.text()) == ([], "a fox")


def test_half_a_word_is_completed(section, qtbot) -> None:
    said = heard(section.prompt_changed)
    type_into(qtbot, section.edit, "a ro")
    assert [section.edit.words.item(i).text() for i in range(section.edit.words.count())] == ["rocket", "roof"]
    press(section.edit, KEY.Key_Tab)
    assert (said[-1], section.edit.hasFocus(), section.edit.words.isVisible()) == ("a rocket", True, False)


def test_down_and_enter_take_another_word_and_enter_alone_does_not(section, qtbot) -> None:
    type_into(qtbot, section.edit, "ro")
    press(section.edit, KEY.Key_Down, KEY.Key_Down, KEY.Key_Return)
    assert section.edit.text() == "roof"
    press(section.edit, KEY.Key_Space)
    QTest.keyClicks(section.edit, "ro")
    press(section.edit, KEY.Key_Return)
    assert section.edit.text() == "roof ro\n"


def test_escape_and_leaving_hide_the_offered_words(section, qtbot) -> None:
    type_into(qtbot, section.edit, "ro")
    press(section.edit, KEY.Key_Escape)
    assert not section.edit.words.isVisible()
    QTest.keyClicks(section.edit, "o")
    assert section.edit.words.isVisible()
    section.run.seed.setFocus()
    assert not section.edit.words.isVisible()


def test_an_offered_word_can_be_clicked(section, qtbot) -> None:
    type_into(qtbot, section.edit, "ice c")
    words = section.edit.words
    QTest.mouseClick(words.viewport(), LEFT, pos=words.visualItemRect(words.item(0)).center())
    assert section.edit.text() == "ice cream"
    assert section.edit.hasFocus()


def test_an_unknown_word_is_underlined_and_told(section, qtbot) -> None:
    section.edit.insertPlainText("a 🦊 ")  # as from an input method: QTest's keys know no emoji
    type_into(qtbot, section.edit, "spaceship")
    assert section.unknown.text() == "The model does not know “spaceship”. Try: rocket."
    (mark,) = section.edit.extraSelections()
    assert mark.cursor.selectedText() == "spaceship"
    QTest.keyClicks(section.edit, " zzz")
    assert section.unknown.text().endswith("The same goes for “zzz”.")
    section.set_prompt("a fox")
    assert (section.unknown.isVisible(), section.edit.extraSelections()) == (False, [])


def test_the_hint_stands_in_the_tooltip_of_the_word(section, qtbot) -> None:
    section.set_prompt("spaceship")
    for at, wanted in ((QPoint(30, 12), "rocket"), (QPoint(250, 12), "should show")):
        event = QHelpEvent(QEvent.Type.ToolTip, at, section.edit.mapToGlobal(at))
        QApplication.sendEvent(section.edit.viewport(), event)
        assert wanted in QToolTip.text()
    QToolTip.hideText()


def test_undo_belongs_to_the_window(section) -> None:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, KEY.Key_Z, CONTROL)
    event.setAccepted(False)
    QApplication.sendEvent(section.edit, event)
    assert not event.isAccepted()
    letter = QKeyEvent(QEvent.Type.ShortcutOverride, KEY.Key_R, Qt.KeyboardModifier.NoModifier, "r")
    QApplication.sendEvent(section.edit, letter)
    assert letter.isAccepted()


def test_a_hundred_thousand_letters_are_taken(section) -> None:
    section.set_prompt("spaceship 🦊 " * 9000)
    assert len(section.edit.extraSelections()) == 100
    assert section.edit.height() < 200
    assert "more words are unknown" in section.unknown.text()


def test_generate_becomes_stop_while_it_runs(section, qtbot) -> None:
    started, stopped = heard(section.generate_requested), heard(section.stop_requested)
    QTest.mouseClick(section.run.generate, LEFT)
    section.edit.setFocus()
    QTest.keyClick(section.edit, KEY.Key_Return, CONTROL)
    section.set_running(True)
    assert section.run.generate.text() == "Stop"
    QTest.mouseClick(section.run.generate, LEFT)
    assert (started, stopped) == ([None, None], [None])


def test_seed_and_live(section) -> None:
    seeds, news, live = heard(section.seed_changed), heard(section.new_seed_requested), heard(section.live_changed)
    section.run.seed.setFocus()
    section.run.seed.selectAll()
    QTest.keyClicks(section.run.seed, "4817")
    press(section.run.seed, KEY.Key_Return)
    QTest.mouseClick(section.run.new_seed, LEFT)
    QTest.mouseClick(section.run.live, LEFT, pos=QPoint(8, section.run.live.height() // 2))
    assert (seeds, news, live) == ([4817], [None], [True])


def test_an_example_is_asked_for_and_made(section) -> None:
    prompts, started = heard(section.prompt_changed), heard(section.generate_requested)
    chips = section.examples.findChildren(Chip)
    QTest.mouseClick(chips[0], LEFT)
    assert (prompts, started, section.edit.text()) == ([EXAMPLES[0]], [None], EXAMPLES[0])
    section.set_live(True)
    QTest.mouseClick(chips[0], LEFT)
    assert len(started) == 1  # the change itself draws it
    assert chips[1].width() <= section.width()
    assert chips[1].toolTip() == EXAMPLES[1]
    chips[0].setFocus()
    press(chips[0], KEY.Key_Right)
    assert chips[1].hasFocus()


def test_classes_stand_in_the_place_of_words(make) -> None:
    section = make(classes=list("0123456789"), words=WORDS)
    said = heard(section.prompt_changed)
    for part in (section.edit, section.avoid, section.examples):
        assert not part.isVisible()
    section.set_prompt("7")
    assert not section.unknown.isVisible()
    seven, three = (section.classes.chips.findChildren(Chip)[i] for i in (7, 3))
    assert seven.isChecked()
    QTest.mouseClick(three, LEFT)
    assert said == ["3"]


def test_what_to_avoid_unfolds(section, qtbot) -> None:
    said = heard(section.negative_changed)
    assert not section.negative.isVisible()
    QTest.mouseClick(section.avoid, LEFT)
    type_into(qtbot, section.negative, "roof")
    QTest.mouseClick(section.avoid, LEFT)
    assert (said[-1], section.avoid.text(), section.negative.isVisible()) == ("roof", "Avoid: roof", False)


def test_a_completed_caption_can_be_changed_and_used(section, qtbot) -> None:
    said = heard(section.completed_edited)
    section.set_prompt("a fox")
    section.set_completed("A fox")
    assert not section.completed.isVisible()
    section.set_completed("a fox with a rocket")
    assert section.completed.isVisible()
    type_into(qtbot, section.completed.edit, " roof")
    section.set_completed("a fox with a rocket")  # the panel says it again: a person's words stay
    QTest.mouseClick(section.completed.use, LEFT)
    assert said == ["a fox with a rocket roof"]
    section.set_prompt("")
    assert not section.completed.isVisible()
