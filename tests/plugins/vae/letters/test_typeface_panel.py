"""The inspector's part for typefaces under a real mouse and keyboard, on letters made by hand."""

import io
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QScrollArea, QWidget

from studio.api.panel import Section, SliderRow
from studio.widgets.message_bar import Message
from tests.widgets.hand import part

fonts = pytest.importorskip("fontTools.ttLib")
OWN = Path(__file__).parents[4] / "assets/fonts/Inter-Regular.ttf"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def section(panel):
    """The part, unfolded."""
    part(panel, Section, "section_typeface").set_folded(False)
    return panel.controls.typeface


def bring_into_sight(widget):
    area = widget.parentWidget()
    while not isinstance(area, QScrollArea):
        area = area.parentWidget()
    area.ensureWidgetVisible(widget)


@pytest.mark.long("opens a panel and draws with its model")
def test_no_font_is_drawn_before_the_part_is_unfolded(panel, qtbot):
    assert part(panel, Section, "section_typeface").is_folded
    panel.typeface.rest_on(panel.editor.scene, panel.shown)
    assert panel.controls.typeface.line.width_units == 0
    part(panel, Section, "section_typeface").set_folded(False)

    def is_set():
        bring_into_sight(panel.controls.typeface.line)
        return panel.controls.typeface.line.width_units > 0

    qtbot.waitUntil(is_set, timeout=30_000)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_font_is_saved_under_its_typed_name(panel, section, tmp_path, monkeypatch):
    part(panel, QLineEdit, "typeface_name").setText("Kästen")
    asked = []

    def answer(*arguments):
        asked.append(arguments[2])
        return str(tmp_path / "a"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    QTest.mouseClick(part(panel, QPushButton, "save_typeface"), LEFT)
    assert asked == ["Kästen.ttf"]
    font = fonts.TTFont(io.BytesIO((tmp_path / "a.ttf").read_bytes()))
    assert font["name"].getDebugName(1) == "Kästen"
    assert font["name"].getDebugName(6) == "Kasten-Regular"
    assert "manifold_studio" in font["name"].getDebugName(10)
    assert "a.ttf" in section.words.text()


def test_chosen_directions_become_sliders_each_once(panel, section):
    assert section.chosen_directions() == ()
    for chip in ("slider_1", "second_1"):
        QTest.mouseClick(part(panel, QWidget, chip), LEFT)
    assert section.chosen_directions() == (1,)


def test_an_own_font_that_is_dropped_is_a_place_to_blend_with_and_can_be_undone(panel, section):
    before = panel.editor.scene.z
    assert not section.blend.isVisible()
    assert panel.open_path(OWN)
    assert np.abs(panel.editor.scene.z).max() == 0  # what the hand-made encoder says of every letter
    blend = part(panel, SliderRow, "typeface_blend")
    assert blend.isVisible()
    assert blend.value() == 100
    blend.value_changed.emit(25.0)
    assert np.allclose(panel.editor.scene.z, 0.75 * before, atol=1e-6)
    panel.host.undo.undo()
    panel.host.undo.undo()
    assert np.array_equal(panel.editor.scene.z, before)
    assert blend.value() == 0


def test_a_file_that_is_no_font_is_a_sentence(panel, section, tmp_path):
    path = tmp_path / "kaputt.ttf"
    path.write_bytes(b"no font" * 50)
    before = panel.editor.scene.z
    assert panel.open_path(path)
    said = [one.accessibleName() for one in panel.messages.findChildren(Message) if one.isVisible()]
    assert len(said) == 1
    assert "kaputt.ttf" in said[0]
    assert np.array_equal(panel.editor.scene.z, before)


def test_models_without_letters_have_no_typeface(digit_panel):
    assert digit_panel.typeface is None
    assert not digit_panel.open_path(OWN)
