"""The form of the text in the panel: typed, written in, shown in the bars, refused in a sentence, taken back."""

import re

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.transformer.text.model.forms.form import form_in
from plugins.transformer.text.panel.form_section import FormSection
from tests.plugins.transformer.text.panel.text_panel_made import LEFT, click_token, follow, ids_of, shown
from tests.plugins.transformer.text.text_made import encode


def choose(section: FormSection, kind: str) -> None:
    QTest.mouseClick(section.kinds._segments[kind], LEFT)


def text_of(panel):
    return "".join(token.piece for token in shown(panel))


def written(panel):
    return text_of(panel).removeprefix("To be, or")


def test_what_is_typed_becomes_the_form_and_the_text_is_written_in_it(qtbot, panel):
    section, before = panel.controls.form, ids_of(panel)
    choose(section, "pattern")
    QTest.keyClicks(section.edit, "( king| crown){3}[.]")
    assert panel.params().pattern == ""
    QTest.keyClick(section.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert panel.params().pattern == "( king| crown){3}[.]"
    qtbot.waitUntil(lambda: re.fullmatch("( king| crown){3}[.]", written(panel)) is not None)
    click_token(panel, 4)
    follow(qtbot, panel, 4)
    choice = panel.bars.choice
    left = {row.text for row in choice.rows if row.after > 0}
    assert left == {" king", " crown"}
    assert any(row.after == 0 < row.raw for row in choice.rows)
    assert sum(row.after for row in choice.rows) == 1
    assert "form" in choice.active
    assert section.said.text() == "2 tokens fit the form here."
    panel.host.undo.undo()
    assert panel.params().pattern == ""
    qtbot.waitUntil(lambda: ids_of(panel) == before)
    panel.host.undo.redo()
    qtbot.waitUntil(lambda: re.fullmatch("( king| crown){3}[.]", written(panel)) is not None)


def test_choices_take_the_place_of_an_expression(qtbot, panel):
    section = panel.controls.form
    choose(section, "pattern")
    QTest.keyClicks(section.edit, "[.]")
    QTest.mouseClick(section.use, LEFT)
    qtbot.waitUntil(lambda: written(panel) == ".")
    choose(section, "choices")
    QTest.keyClicks(section.edit, " the question")
    QTest.mouseClick(section.use, LEFT)
    qtbot.waitUntil(lambda: written(panel) == " the question")
    assert (panel.params().pattern, form_in(panel.params())) == ("", ("choices", " the question"))
    choose(section, "free")
    assert form_in(panel.params()) == ("free", "")
    qtbot.waitUntil(lambda: len(shown(panel)) == 10)


def test_what_is_unsound_is_said_and_changes_nothing(panel):
    section, before = panel.controls.form, ids_of(panel)
    choose(section, "schema")
    QTest.keyClicks(section.edit, '{"type": "date"}')
    QTest.mouseClick(section.use, LEFT)
    assert "“type” must be one of object" in section.said.text()
    assert panel.params().schema == ""
    assert ids_of(panel) == before
    choose(section, "free")
    choose(section, "schema")
    assert section.edit.toPlainText() == '{"type": "date"}'


def test_a_typed_prompt_is_gone_on_with_in_the_form(qtbot, panel):
    page, section = panel.stage.canvas.page, panel.controls.form
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page, "That is")
    qtbot.waitUntil(lambda: panel.is_settled and ids_of(panel) == encode("That is"))
    choose(section, "pattern")
    QTest.keyClicks(section.edit, "( a| weary)*.")
    QTest.mouseClick(section.use, LEFT)
    qtbot.waitUntil(lambda: re.fullmatch("That is( a| weary)*.", text_of(panel)) is not None)


def test_a_saved_text_comes_back_with_its_form(qtbot, panel):
    section = panel.controls.form
    choose(section, "pattern")
    QTest.keyClicks(section.edit, " king")
    QTest.mouseClick(section.use, LEFT)
    qtbot.waitUntil(lambda: written(panel) == " king")
    state = panel.state()
    choose(section, "free")
    qtbot.waitUntil(lambda: len(shown(panel)) == 10)
    panel.set_state(state)
    qtbot.waitUntil(lambda: written(panel) == " king")
    assert section.kinds.value() == "pattern"
    assert section.edit.toPlainText() == " king"
