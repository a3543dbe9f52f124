"""Steering in the panel, by mouse and keys; the searching itself is tested with the network."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea

from plugins.transformer.text.panel.panel import TransformerPanel
from plugins.transformer.text.state import FeatureWords, SteerEffect, SteerSearch
from tests.plugins.transformer.text.panel.text_panel_made import LEFT, click_token, follow, shown
from tests.plugins.transformer.text.text_made import MadeWriter, handle_of

FEATURES = tuple(
    FeatureWords(words, ("a <b>«thou»</b>",)) for words in (("king", "kings"), ("say", "sayest"), ("thou",), ())
)


class FeatureWriter(MadeWriter):
    """Its features answer by how many words there are."""

    def about(self):
        return replace(super().about(), features=FEATURES)

    def features(self, ids, muted):
        return (0.0, float(len(ids)), 2.0 * len(ids), 0.0)

    def steered(self, ids, muted, steer):
        return self.effect(ids, steer)


@pytest.fixture
def featured(qtbot, host, monkeypatch):
    """A panel at the tab of attention, whose model has four features."""
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: True)
    panel = TransformerPanel(handle_of(FeatureWriter()), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    panel.show()
    qtbot.waitUntil(lambda: len(shown(panel)) == 10 and panel.is_settled)
    panel.editor.set_tab("attention")
    qtbot.waitUntil(lambda: scroll_to(panel.controls.steer.features))
    yield panel
    panel.timeline.close()
    assert not host.errors


def scroll_to(widget):
    page = widget.parentWidget()
    while not isinstance(page, QScrollArea):
        page = page.parentWidget()
    page.ensureWidgetVisible(widget)
    return not widget.visibleRegion().isEmpty()


def texts(panel):
    rows = panel.controls.steer.features.rows
    return [rows.item(number).text() for number in range(rows.count())]


def click_row(panel, number):
    rows = panel.controls.steer.features.rows
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(rows.item(number)).center())


def test_two_texts_make_a_slider_that_undo_takes_back(qtbot, panel, monkeypatch):
    found = SteerSearch((SteerEffect(0, 0.1, 0.01), SteerEffect(1, 0.4, 0.02)), 2, True)
    monkeypatch.setattr(MadeWriter, "steer_search", lambda self, toward, away: found, raising=False)
    monkeypatch.setattr(MadeWriter, "steered", lambda self, ids, muted, steer: self.effect(ids, steer), raising=False)
    panel.editor.set_tab("attention")
    section = panel.controls.steer
    QTest.mouseClick(section.make, LEFT)
    assert "needs a text" in section.said.text()
    QTest.keyClicks(section.toward, "joy")
    QTest.keyClicks(section.away, "joy")
    QTest.keyClick(section.away, Qt.Key.Key_Return)
    assert "the same" in section.said.text()
    section.away.clear()
    QTest.keyClicks(section.away, "sorrow")
    QTest.mouseClick(section.make, LEFT)
    qtbot.waitUntil(lambda: panel.params().steer == '+20 "joy" - "sorrow" layer 2')
    qtbot.waitUntil(section.bars.isVisible)
    panel.host.undo.undo()
    assert panel.params().steer == ""
    assert not section.bars.isVisible()


def test_features_of_the_clicked_word_come_first_and_a_click_makes_a_slider(qtbot, featured):
    section = featured.controls.steer
    click_token(featured, 2)
    follow(qtbot, featured, 2)
    qtbot.waitUntil(lambda: scroll_to(section.features))
    qtbot.waitUntil(lambda: texts(featured)[:2] == ["thou  ·  6.0", "say, sayest  ·  3.0"])
    assert texts(featured)[2:] == ["king, kings", "(answers to nothing)"]
    assert "2 of 4 features" in section.features.said.text()
    assert "<b>" not in section.features.rows.item(0).toolTip()
    click_row(featured, 0)
    qtbot.waitUntil(lambda: featured.params().steer == "+20 feature 3")
    click_row(featured, 0)
    click_row(featured, 2)
    assert featured.params().steer == "+20 feature 3\n+20 feature 1"
    assert [row._label.text() for row in section._rows] == ["thou", "king, kings"]
    featured.host.undo.undo()
    assert featured.params().steer == "+20 feature 3"
    QTest.mouseClick(section.clear, LEFT)
    assert featured.params().steer == ""


def test_the_search_field_keeps_features_with_these_letters(qtbot, featured):
    section = featured.controls.steer
    QTest.keyClicks(section.features.search, "SAY")
    assert [text.partition(" ")[0] for text in texts(featured)] == ["say,"]
    section.features.rows.setCurrentRow(0)
    QTest.keyClick(section.features.rows, Qt.Key.Key_Return)
    assert featured.params().steer == "+20 feature 2"
    section.features.search.setText("t")
    assert texts(featured)[0].startswith("thou")
    QTest.keyClicks(section.features.search, "zzz")
    assert texts(featured) == []


def test_a_model_without_features_shows_no_list(panel):
    panel.editor.set_tab("attention")
    assert not panel.controls.steer.features.isVisible()


def test_a_slider_too_many_is_a_sentence(qtbot, featured):
    featured.editor.set_params("Steer", steer="\n".join(f'+1 "a{n}" - "b"' for n in range(12)))
    before = featured.params().steer
    click_row(featured, 0)
    assert "At most 12" in featured.controls.steer.said.text()
    assert featured.params().steer == before


def test_a_saved_text_comes_back_with_its_sliders(qtbot, featured):
    featured.editor.set_params("Steer", steer='+20 feature 2\n-30 "joy" - "sorrow" layer 1')
    qtbot.waitUntil(lambda: featured.is_settled)
    state = featured.state()
    QTest.mouseClick(featured.controls.steer.clear, LEFT)
    qtbot.waitUntil(lambda: featured.is_settled)
    featured.set_state(state)
    assert featured.params().steer == '+20 feature 2\n-30 "joy" - "sorrow" layer 1'
    assert [row.value() for row in featured.controls.steer._rows] == [20, -30]
    assert featured.state()["scene"] == state["scene"]


def test_more_than_five_thousand_characters_are_a_sentence(featured):
    section = featured.controls.steer
    section.toward.setText("joy " * 1250 + "more")
    section.away.setText("sorrow")
    QTest.mouseClick(section.make, LEFT)
    assert "at most 5,000 characters" in section.said.text()
    assert featured.params().steer == ""


def test_dragging_a_slider_is_one_step_of_undo(qtbot, featured):
    featured.editor.set_params("Steer", steer="+20 feature 2")
    qtbot.waitUntil(lambda: featured.is_settled)
    row = featured.controls.steer._rows[0]
    track = row._track
    QTest.mousePress(track, LEFT, pos=track.rect().center())
    for step in (10, 20, 30):
        QTest.mouseMove(track, track.rect().center() + QPoint(step, 0))
    QTest.mouseRelease(track, LEFT, pos=track.rect().center())
    assert featured.params().steer != "+20 feature 2"
    featured.host.undo.undo()
    assert featured.params().steer == "+20 feature 2"


def test_long_ends_of_a_slider_are_cut_with_a_sign(featured):
    featured.editor.set_params("Steer", steer='+20 "joy" - "sorrow and lament"')
    assert featured.controls.steer._rows[0]._label.text() == "joy – sorrow and…"
