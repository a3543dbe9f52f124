"""Steering in the panel, by mouse and keys; the searching itself is tested with the network."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.transformer.text.state import SteerEffect, SteerSearch
from tests.plugins.transformer.text.panel.text_panel_made import LEFT
from tests.plugins.transformer.text.text_made import MadeWriter


def test_two_texts_make_a_slider_that_undo_takes_back(qtbot, panel, monkeypatch):
    found = SteerSearch((SteerEffect(0, 0.1, 0.01), SteerEffect(1, 0.4, 0.02)), 2, True)
    monkeypatch.setattr(MadeWriter, "steer_search", lambda self, toward, away: found, raising=False)
    monkeypatch.setattr(MadeWriter, "steered", lambda self, ids, muted, steer: self.effect(ids, steer), raising=False)
    panel.editor.set_tab("attention")
    section = panel.controls.steer
    QTest.mouseClick(section.find, LEFT)
    assert "needs a text" in section.said.text()
    QTest.keyClicks(section.toward, "joy")
    QTest.keyClicks(section.away, "joy")
    QTest.keyClick(section.away, Qt.Key.Key_Return)
    assert "the same" in section.said.text()
    section.away.clear()
    QTest.keyClicks(section.away, "sorrow")
    QTest.mouseClick(section.find, LEFT)
    qtbot.waitUntil(lambda: panel.params().steer == '+20 "joy" - "sorrow" layer 2')
    qtbot.waitUntil(section.bars.isVisible)
    panel.host.undo.undo()
    assert panel.params().steer == ""
    assert not section.bars.isVisible()
