"""The inspector's part for paths: what it shows and what it asks for."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.vae.shared.panel.path_section import CURVES, VaePathSection
from studio.core.path import easing, route
from studio.core.path.keyframe import Keyframe, KeyframePath

PATH = KeyframePath(
    tuple(Keyframe({"z": np.array([x], np.float32)}, 1.0 + x, "in_out" if x else "linear") for x in range(3)),
    {"z": "linear"},
)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def section(qtbot):
    section = VaePathSection()
    qtbot.addWidget(section)
    section.resize(308, 240)
    section.show()
    qtbot.waitExposed(section)
    return section


def controls(section):
    return {
        name: widget.isEnabled()
        for name, widget in (
            ("clear", section.clear),
            ("curve", section.curve),
            ("whole", section.whole),
            ("easing", section.easing),
            ("duration", section.duration),
            ("loop", section.loop),
            ("pace", section.pace),
        )
    }


def said(signal):
    heard = []
    signal.connect(lambda *values: heard.append(values[0] if values else None))
    return heard


def test_every_course_and_every_easing_can_be_chosen(section):
    assert [curve for curve, _ in CURVES] == list(route.CURVES)
    assert [section.easing.itemData(index) for index in range(section.easing.count())] == list(easing.EASINGS)


def test_without_a_path_one_can_only_make_one(section):
    assert not any(controls(section).values())
    assert section.draw.isEnabled()
    assert section.walk.isEnabled()


def test_a_path_and_its_segment_are_shown(section):
    section.show_path(PATH.looped(True), 1)
    assert all(controls(section).values())
    assert section.curve.currentText() == "Smooth"
    assert section.loop.isChecked()
    assert not section.pace.isChecked()
    assert section.segment.text() == "2 to 3"
    assert section.easing.currentText() == "Start and end slowly"
    assert section.duration.text() == "2.0 s"
    assert section.whole.text() == "6.0 s"
    section.show_path(PATH.looped(True), 2)
    assert section.segment.text() == "3 to 1"


def test_at_constant_speed_only_the_whole_has_a_length(section):
    section.show_path(PATH.paced([1, 2]), 0)
    enabled = controls(section)
    assert not enabled.pop("duration")
    assert all(enabled.values())
    assert section.pace.isChecked()


def test_one_keyframe_is_no_way(section):
    section.show_path(KeyframePath(PATH.keyframes[:1], PATH.rules), None)
    assert controls(section) == {
        "clear": True,
        "curve": False,
        "whole": False,
        "easing": False,
        "duration": False,
        "loop": False,
        "pace": False,
    }


def type_number(field, text):
    QTest.mouseClick(field, LEFT)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_every_control_asks_for_what_it_says(section):
    section.show_path(PATH, 1)
    heard = {
        name: said(getattr(section, name))
        for name in (
            "draw_toggled",
            "walk_requested",
            "clear_requested",
            "curve_chosen",
            "easing_chosen",
            "duration_typed",
            "whole_typed",
            "loop_toggled",
            "pace_toggled",
        )
    }
    for button in (section.draw, section.draw, section.walk, section.clear):
        QTest.mouseClick(button, LEFT)
    for box in (section.loop, section.pace):
        box.click()
    type_number(section.walk_seconds, "30")
    QTest.mouseClick(section.walk, LEFT)
    type_number(section.duration, "0.7")
    type_number(section.whole, "9")
    for choice, key in ((section.curve, Qt.Key.Key_Up), (section.easing, Qt.Key.Key_Up)):
        QTest.keyClick(choice, key)
    assert heard == {
        "draw_toggled": [True, False],
        "walk_requested": [12.0, 30.0],
        "clear_requested": [None],
        "curve_chosen": ["spherical"],
        "easing_chosen": ["out"],
        "duration_typed": [0.7],
        "whole_typed": [9.0],
        "loop_toggled": [True],
        "pace_toggled": [True],
    }


def test_showing_a_path_asks_for_nothing(section):
    names = ("curve_chosen", "easing_chosen", "loop_toggled", "pace_toggled", "duration_typed", "draw_toggled")
    heard = [said(getattr(section, name)) for name in names]
    section.show_path(PATH.looped(True).with_curve("linear"), 2)
    section.show_path(PATH, 0)
    section.show_drawing(True)
    assert section.draw.isChecked()
    assert not any(heard)
