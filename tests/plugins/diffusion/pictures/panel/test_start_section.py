"""What a run starts from, under a real hand."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from plugins.diffusion.pictures.panel.start_section import ORIGIN_TEXTS, StartSection, strength_text
from plugins.diffusion.shared.scene import ORIGINS
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.diffusion.panel_hand import LEFT, heard, press, shown
from tests.widgets.hand import part


@pytest.fixture
def section(qtbot) -> StartSection:
    section = StartSection()
    section.add_tool(QLabel("brush"))
    return shown(qtbot, section, 296, 400)


def image(width: int = 64, height: int = 64) -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB888)
    made.fill(0xFF3366)
    return made


def choose(section: StartSection, text: str) -> None:
    QTest.mouseClick(next(one for one in section.findChildren(Segment) if one.text() == text), LEFT)


def parts(section: StartSection) -> tuple[bool, ...]:
    """Whether the picture, its strength and the tools of the mask are seen."""
    return section.picture.isVisible(), section.strength.isVisible(), section.tools.isVisible()


def test_every_origin_has_words() -> None:
    assert set(ORIGIN_TEXTS) == set(ORIGINS)


def test_only_what_is_of_use_is_seen(section) -> None:
    said = heard(section.start_changed)
    assert parts(section) == (False, False, False)
    choose(section, "Picture")
    assert parts(section) == (True, False, False)
    section.set_picture(image(), "me.png")
    assert parts(section) == (True, True, False)
    assert section.name.text() == "me.png"
    choose(section, "Masked picture")
    assert parts(section) == (True, True, True)
    section.set_start("noise")
    assert parts(section) == (False, False, False)
    assert said == ["picture", "masked"]


def test_a_picture_is_wished_for(section) -> None:
    section.set_start("picture")
    files, pastes, dissolves = (
        heard(section.file_requested),
        heard(section.paste_requested),
        heard(section.dissolve_requested),
    )
    QTest.mouseClick(section.file, LEFT)
    QTest.mouseClick(section.paste, LEFT)
    section.set_picture(image())
    QTest.mouseClick(section.dissolve, LEFT)
    assert (files, pastes, dissolves) == ([None], [None], [None])


@pytest.mark.parametrize("size", [(1, 1), (900, 20), (64, 64)])
def test_the_thumbnail_fits_whatever_the_picture(section, size: tuple[int, int]) -> None:
    section.set_picture(image(*size))
    assert 0 < section.thumbnail.pixmap().width() <= section.thumbnail.width()
    section.set_picture(QImage())
    assert section.thumbnail.text() == "None yet"


def test_strength_says_what_it_means_and_is_one_edit(section) -> None:
    said, starts, ends = heard(section.strength_changed), heard(section.edit_started), heard(section.edit_finished)
    section.set_start("picture")
    section.set_picture(image())
    section.set_strength(0.5, n_steps=40)
    assert "20 of 40" in section.meaning.text()
    press(part(section.strength, SliderTrack), Qt.Key.Key_Right)
    assert said == pytest.approx([0.51])
    assert (starts, ends) == ([None], [None])


def test_the_meaning_of_every_strength() -> None:
    texts = [strength_text(share, 50) for share in (0.0, 0.2, 0.5, 0.9, 1.0)]
    assert len(set(texts)) == 5
    assert "stays as it is" in texts[0]
    assert "10 of 50" in texts[1]
    assert "starting from noise" in texts[-1]
    assert "stays as it is" in strength_text(0.01, 10)  # no step of ten
