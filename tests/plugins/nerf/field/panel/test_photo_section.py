"""The training photos in the inspector: a strip of any length, steps, and comparisons."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from plugins.nerf.field.panel.photo_presenter import COMPARISONS
from plugins.nerf.field.panel.photo_section import COMPARE_TEXTS, PhotoSection
from plugins.nerf.field.panel.photo_strip import PhotoStrip
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.nerf.field.panel.widget_tools import LEFT, dress, heard, picture_of, press, shown
from tests.widgets.hand import part, turn_wheel

N = 500
NAMES = [f"r_{index}" for index in range(N)]


def photo(hue: int) -> QImage:
    image = QImage(30, 20, QImage.Format.Format_RGB888)
    image.fill(0xFF000000 | hue)
    return image


@pytest.fixture
def strip(qtbot, qapp) -> PhotoStrip:
    dress(qapp)
    strip = shown(qtbot, PhotoStrip(), 308)
    strip.set_photos([QImage()] * N, NAMES)
    return strip


@pytest.fixture
def section(qtbot, qapp) -> PhotoSection:
    dress(qapp)
    section = shown(qtbot, PhotoSection(), 308)
    section.set_photos([QImage()] * N, NAMES)
    return section


def test_a_click_asks_for_the_photo_under_it(strip) -> None:
    said = heard(strip.photo_requested)
    for x in (20, 78, 136):
        QTest.mouseClick(strip, LEFT, pos=QPoint(x, 25))
    assert said == [0, 1, 2]


def test_between_photos_there_is_nothing_to_click(strip) -> None:
    said = heard(strip.photo_requested)
    QTest.mouseClick(strip, LEFT, pos=QPoint(58, 25))
    assert said == []


def test_the_marked_photo_is_brought_into_sight_even_when_the_width_comes_later(strip) -> None:
    strip.set_image(300, photo(0xFF0000))
    for width in (308, 120, 240):
        strip.set_current(300)
        strip.resize(width, strip.height())
        pixels = picture_of(strip)
        assert ((pixels[..., 0] > 240) & (pixels[..., 1] < 20)).sum() > 1500
    assert strip.accessibleDescription() == "r_300, 301 of 500"


def test_the_wheel_scrolls_and_stops_at_the_ends(strip) -> None:
    said = heard(strip.photo_requested)
    turn_wheel(strip, 3)
    QTest.mouseClick(strip, LEFT, pos=QPoint(20, 25))
    turn_wheel(strip, -1)
    QTest.mouseClick(strip, LEFT, pos=QPoint(20, 25))
    turn_wheel(strip, -2000)
    QTest.mouseClick(strip, LEFT, pos=QPoint(280, 25))
    assert said == [0, 2, N - 1]


def test_at_the_ends_the_wheel_is_left_to_the_inspector(strip) -> None:
    assert not turn_wheel(strip, 1)
    assert turn_wheel(strip, -1)
    turn_wheel(strip, -2000)
    assert not turn_wheel(strip, -1)


def test_keys_go_along_and_stop_at_the_ends(strip) -> None:
    said = heard(strip.photo_requested)
    strip.photo_requested.connect(strip.set_current)
    strip.set_current(3)
    press(strip, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_Left, Qt.Key.Key_End)
    press(strip, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Home)
    assert said == [4, 3, 0, N - 1, N - 6, 0]


def test_an_empty_strip_takes_no_keys(qtbot, qapp) -> None:
    strip = shown(qtbot, PhotoStrip(), 308)
    said = heard(strip.photo_requested)
    press(strip, Qt.Key.Key_Right, Qt.Key.Key_End)
    assert said == []


def test_every_comparison_is_offered() -> None:
    assert tuple(COMPARE_TEXTS) == COMPARISONS


def test_without_a_photo_there_is_nothing_to_compare_with(section) -> None:
    assert not section.comparison.isVisible()
    assert section.name.text() == "500 photos"
    section.set_current(11)
    assert section.comparison.isVisible()
    assert section.name.text() == "r_11 · 12 of 500"


def test_steps_to_the_photo_before_and_after(section) -> None:
    said = heard(section.step_requested)
    QTest.mouseClick(section.on, LEFT)
    QTest.mouseClick(section.back, LEFT)
    assert said == [1, -1]
    section.set_photos((), ())
    assert not section.on.isEnabled()


def test_the_line_of_the_wipe_can_be_moved_while_there_is_one(section) -> None:
    section.set_current(0)
    kinds, places = heard(section.comparison_changed), heard(section.place_changed)
    assert not section.place.isVisible()
    QTest.mouseClick(next(one for one in section.findChildren(Segment) if one.text() == "Wipe"), LEFT)
    assert section.place.isVisible()
    press(part(section.place, SliderTrack), Qt.Key.Key_Right)
    assert kinds == ["wipe"]
    assert places == pytest.approx([0.51])
    section.set_comparison("difference")
    assert (section.place.isVisible(), len(kinds)) == (False, 1)


def test_how_near_they_are_is_told(section) -> None:
    section.set_current(0)
    section.set_figures(31.44, 0.9618)
    assert section.figures.text() == "PSNR 31.4 dB · SSIM 0.962"
    section.set_figures(None, None)
    assert section.figures.text() == ""


def test_the_strip_asks_through_the_section(section) -> None:
    said = heard(section.photo_requested)
    QTest.mouseClick(section.strip, LEFT, pos=QPoint(20, 25))
    assert said == [0]
