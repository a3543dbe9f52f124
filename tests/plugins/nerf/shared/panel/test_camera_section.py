"""The inspector's part for the camera: what it shows and what it asks for."""

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.scene import FieldScene
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.camera.navigation import VIEWS as KNOWN_VIEWS
from plugins.nerf.shared.panel.camera_section import BACKGROUND_TEXTS, MODES, VIEWS, CameraSection
from plugins.nerf.shared.panel.navigation_input import HINTS
from plugins.nerf.shared.params import BACKGROUNDS
from studio.widgets.controls.chip import Chip
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.nerf.field.panel.widget_tools import LEFT, dress, heard, press, shown
from tests.widgets.hand import part

SCENE = FieldScene(
    look_at((3, -2, 1), (0, 0, 0), math.radians(35)),
    FieldParams(seed=12, exposure=1.5, background="black", near=0.5),
    up="y",
    is_moved=True,
)


@pytest.fixture
def section(qtbot, qapp) -> CameraSection:
    dress(qapp)
    return shown(qtbot, CameraSection(), 308)


def click(section: CameraSection, kind: type[QAbstractButton], text: str) -> None:
    QTest.mouseClick(next(one for one in section.findChildren(kind) if one.text() == text), LEFT)


def test_it_offers_what_the_rest_of_the_program_knows() -> None:
    assert set(VIEWS) == set(KNOWN_VIEWS)
    assert set(BACKGROUND_TEXTS) == set(BACKGROUNDS)
    assert set(HINTS) == set(MODES)


def test_a_scene_is_shown_and_nothing_is_asked_for(section) -> None:
    said = [heard(signal) for signal in (section.changed, section.fov_changed, section.roll_changed)]
    section.show_scene(SCENE, math.radians(-20))
    values = [row.value() for row in (section.fov, section.exposure, section.near, section.roll)]
    assert values == pytest.approx([35, 1.5, 0.5, -20])
    assert (section.background.current(), section.up.current(), section.seed.text()) == ("Black", "y", "12")
    assert section.reset.isEnabled()
    assert section.level.isEnabled()
    assert not any(said)


def test_where_nothing_was_moved_nothing_can_be_reset(section) -> None:
    section.show_scene(FieldScene(SCENE.camera, FieldParams()))
    assert not section.reset.isEnabled()
    assert not section.level.isEnabled()


def test_a_click_chooses_how_the_camera_moves(section) -> None:
    said = heard(section.mode_changed)
    assert section.speed.isHidden()
    click(section, Segment, "Fly")
    assert section.speed.isVisible()
    click(section, Segment, "Training views")
    assert section.speed.isHidden()
    assert said == ["fly", "photos"]


def test_the_mode_can_be_set_from_elsewhere(section) -> None:
    said = heard(section.mode_changed)
    section.set_mode("fly")
    assert (section.mode.value(), section.speed.isVisible(), said) == ("fly", True, [])


def test_without_photos_there_are_no_training_views(section) -> None:
    said = heard(section.mode_changed)
    section.set_has_photos(False)
    click(section, Segment, "Training views")
    assert said == []


@pytest.mark.parametrize(
    ("name", "signal", "step"),
    [
        ("fov", "fov", 1.0),
        ("exposure", "exposure", 0.1),
        ("near", "near", 0.05),
        ("roll", "roll", 1.0),
        ("speed", "speed", 0.05),
    ],
)
def test_each_slider_asks_for_its_value_as_one_edit(section, name, signal, step) -> None:
    section.set_mode("fly")
    section.fold.click()
    section.show_scene(SCENE)
    row = part(section, SliderRow, name)
    before = row.value()
    said = heard(section.changed if signal in ("exposure", "near") else getattr(section, f"{signal}_changed"))
    around = heard(section.edit_started)
    ended = heard(section.edit_finished)
    press(part(row, SliderTrack), Qt.Key.Key_Right)
    assert [one[1] if isinstance(one, tuple) else one for one in said] == pytest.approx([before + step])
    assert (len(around), len(ended)) == (1, 1)


def test_background_and_up_axis_are_chosen(section) -> None:
    section.show_scene(SCENE)
    section.fold.click()
    background, up = heard(section.changed), heard(section.up_changed)
    click(section, Chip, "Grey")
    click(section, Chip, "z")
    assert (background, up) == ([("background", "grey")], ["z"])


def test_views_to_go_to(section) -> None:
    section.show_scene(SCENE, 0.3)
    section.fold.click()
    views, reset = heard(section.view_requested), heard(section.reset_requested)
    level, surprise = heard(section.level_requested), heard(section.surprise_requested)
    for button in (*section.views.values(), section.reset, section.level, section.surprise):
        QTest.mouseClick(button, LEFT)
    assert views == ["front", "side", "top"]
    assert (len(reset), len(level), len(surprise)) == (1, 1, 1)


def test_a_seed_can_be_typed(section) -> None:
    said = heard(section.seed_changed)
    section.seed.setFocus()
    QTest.keyClicks(section.seed, "77")
    QTest.keyClick(section.seed, Qt.Key.Key_Return)
    assert said == [77]


def test_rare_controls_are_folded_away(section) -> None:
    assert not section.near.isVisible()
    QTest.mouseClick(section.fold, LEFT)
    assert section.near.isVisible()
    QTest.mouseClick(section.fold, LEFT)
    assert not section.near.isVisible()
