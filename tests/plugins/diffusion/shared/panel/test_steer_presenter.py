"""Steering in the panel: two texts become a slider, its drag and its end are steps of undo, a run keeps it."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.plugins.diffusion.conftest import CARD
from tests.plugins.diffusion.panel_hand import press
from tests.plugins.diffusion.tiny_model import TinyModel


@pytest.fixture
def panel(make_panel: Any, sync_worker: Any) -> Any:
    made = make_panel(sync_worker, CARD, TinyModel())
    made.editor.ask("a red house")
    return made


def test_two_texts_become_a_slider_that_is_pulled_undone_and_kept(panel: Any, qtbot: Any) -> None:
    section = panel.controls.steer
    QTest.keyClicks(section.toward, "day")
    QTest.keyClicks(section.away, "night")
    QTest.keyClick(section.away, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.params().steer == '+40 "day" - "night"')
    (row,) = section._rows
    press(row._track, Qt.Key.Key_Left)
    assert panel.params().steer == '+35 "day" - "night"'
    qtbot.waitUntil(lambda: panel.is_settled)
    assert panel.timeline.recording.info.params["steer"] == '+35 "day" - "night"'
    QTest.mouseClick(section.clear, Qt.MouseButton.LeftButton)
    assert panel.params().steer == ""
    panel.host.undo.undo()
    assert panel.params().steer == '+35 "day" - "night"'


def test_a_pair_of_the_card_becomes_a_slider(make_panel: Any, sync_worker: Any, qtbot: Any) -> None:
    pair = {"toward": "day", "away": "night", "effect": 0.5}
    panel = make_panel(sync_worker, CARD | {"steer": [pair, {"toward": "day"}]}, TinyModel())
    (chip,) = panel.controls.pairs.chips
    assert chip.full_text == "day – night"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.params().steer == '+40 "day" - "night"')


def test_without_pairs_there_are_no_chips(panel: Any) -> None:
    assert panel.controls.pairs.isHidden()


def test_texts_that_are_read_alike_are_refused_in_the_section(panel: Any, qtbot: Any) -> None:
    section = panel.controls.steer
    section.toward.setText("day")
    section.away.setText("day day")
    QTest.mouseClick(section.make, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "both texts alike" in section.said.text())
    assert panel.params().steer == ""
