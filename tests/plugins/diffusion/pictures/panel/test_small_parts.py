"""The morph's section, the bar that lets a picture go, the nearest training pictures."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.panel.dissolving import ReleaseBar
from plugins.diffusion.pictures.panel.morph_section import MorphSection
from plugins.diffusion.pictures.panel.nearest_section import NearestPictureSection
from studio.core.view import NearPicture
from tests.plugins.diffusion.panel_hand import LEFT, heard, picture_of, press, shown
from tests.widgets.hand import part

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def morph(qtbot) -> MorphSection:
    return shown(qtbot, MorphSection(), 308)


def test_the_first_prompt_is_the_beginning_of_the_morph(morph) -> None:
    morph.set_present("a fox")
    assert morph.prompts() == ("a fox", "")
    morph.set_present("a cat")
    assert morph.prompts() == ("a fox", "")
    assert not morph.go.isEnabled()
    QTest.mouseClick(part(morph, QWidget, "morph_take_b"), LEFT)
    assert morph.prompts() == ("a fox", "a cat")
    assert morph.go.isEnabled()


def test_typed_ends_are_asked_for_by_button_and_key(morph) -> None:
    said = heard(morph.morph_requested)
    for side, text in (("A", "a fox"), ("B", "a hill")):
        QTest.keyClicks(morph.edits[side], text)
    morph.n_pictures.set_value(9)
    QTest.mouseClick(morph.go, LEFT)
    press(morph.edits["B"], Qt.Key.Key_Return, modifier=CTRL)
    assert said == [("a fox", "a hill", 9)] * 2


def test_the_same_prompt_twice_is_no_morph(morph) -> None:
    said = heard(morph.morph_requested)
    morph.edits["A"].set_text("a fox")
    morph.edits["B"].set_text("a fox ")
    morph.set_present("a fox")
    assert not morph.go.isEnabled()
    press(morph.edits["A"], Qt.Key.Key_Return, modifier=CTRL)
    assert said == []


@pytest.fixture
def canvas(qtbot) -> QWidget:
    return shown(qtbot, QWidget(), 700, 400)


def test_the_picture_is_let_go_at_the_step_that_is_shown(canvas) -> None:
    bar = ReleaseBar(canvas)
    released, cancelled = heard(bar.released), heard(bar.cancelled)
    bar.show()
    bar.set_step(7, 18, 0.64)
    assert bar.words.text() == "Your picture with 64 % noise, 18 steps to go back"
    QTest.mouseClick(bar.release, LEFT)
    press(bar.release, Qt.Key.Key_Escape)
    QTest.mouseClick(bar.cancel, LEFT)
    assert released == [7]
    assert len(cancelled) == 2
    bar.set_step(24, 1, 0.998)
    assert "99 % noise" in bar.words.text()  # some of it is left
    bar.set_step(25, 0, 0.0)  # nothing has dissolved yet
    assert not bar.release.isEnabled()


def test_the_bar_stays_in_the_middle_at_the_bottom(canvas) -> None:
    bar = ReleaseBar(canvas)
    bar.show()
    for width, height in ((900, 500), (420, 300)):
        canvas.resize(width, height)
        assert abs(bar.geometry().center().x() - width / 2) <= 1
        assert bar.geometry().bottom() == height - 1
        assert canvas.rect().contains(bar.geometry())


def test_the_nearest_pictures_say_of_how_many(qtbot) -> None:
    section = shown(qtbot, NearestPictureSection(), 308)
    assert "Make a picture" in section.words.text()
    assert section.row.isHidden()
    near = [NearPicture(np.full((8, 8, 3), value, np.uint8), value / 1000, f"icon {value}") for value in (40, 90, 200)]
    section.set_nearest([*near, near[0]], 2142, "Root mean square of the pixels")
    assert section.words.text().startswith("The most similar of the 2,142 pictures included.")
    assert section.row.accessibleDescription() == "0.04 icon 40; 0.09 icon 90; 0.2 icon 200"
    section.row.resize(section.row.sizeHint())
    drawn = picture_of(section.row)
    for index, one in enumerate(near):
        centre = section.row.picture_rect(index).center().toPoint()
        assert tuple(drawn[centre.y(), centre.x()]) == tuple(one.pixels[0, 0])
