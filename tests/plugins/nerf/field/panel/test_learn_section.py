"""The inspector's parts for quality, learning and what is taken home."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.nerf.field.panel.controls import QUALITY_TEXTS, QualitySection, baking_text
from plugins.nerf.field.panel.learn_section import LearnSection
from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.scene import FieldScene
from plugins.nerf.field.state import QUALITIES
from plugins.nerf.shared.panel.take_section import ExportSection
from plugins.nerf.shared.state import provisional_facts
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider_track import SliderTrack
from tests.plugins.nerf.field.panel.widget_tools import LEFT, dress, heard, press, shown
from tests.widgets.hand import part


@pytest.fixture
def section(qtbot, qapp) -> LearnSection:
    dress(qapp)
    return shown(qtbot, LearnSection(), 308)


def test_learning_begins_with_our_photos_or_ones_own(section) -> None:
    learn, photos = heard(section.learn_requested), heard(section.photos_requested)
    QTest.mouseClick(section.learn, LEFT)
    QTest.mouseClick(section.photos, LEFT)
    assert (len(learn), len(photos)) == (1, 1)


def test_the_machine_is_shared_between_learning_and_viewing(section) -> None:
    assert not section.share.isVisible()
    section.share.show()
    said = heard(section.share_changed)
    press(part(section.share, SliderTrack), Qt.Key.Key_Right)
    assert said == pytest.approx([0.55])


def test_quality_and_target(qtbot, qapp) -> None:
    dress(qapp)
    section = shown(qtbot, QualitySection(), 308)
    assert tuple(QUALITY_TEXTS) == tuple(QUALITIES)
    quality, target = heard(section.quality_changed), heard(section.target_changed)
    section.show_scene(FieldScene(provisional_facts({}).home, FieldParams(), quality="network"))
    section.target.set_value(24)
    QTest.mouseClick(next(one for one in section.findChildren(Segment) if one.text() == "Baked"), LEFT)
    press(part(section.target, SliderTrack), Qt.Key.Key_Right)
    assert (quality, target) == (["baked"], [25.0])


def test_how_far_the_baking_is(qtbot, qapp) -> None:
    section = shown(qtbot, QualitySection(), 308)
    assert not section.status.isVisible()
    section.set_status(baking_text(0.409, 31_000_000))
    assert (section.status.isVisible(), section.status.text()) == (True, "Baking… 40 % · 31 MB")
    assert baking_text(1.0, 48_200_000) == "Baked: 48 MB"


def test_what_is_taken_home(qtbot, qapp) -> None:
    section = shown(qtbot, ExportSection())
    picture, turntable = heard(section.picture_requested), heard(section.turntable_requested)
    QTest.mouseClick(section.picture, LEFT)
    QTest.mouseClick(section.turntable, LEFT)
    assert (len(picture), len(turntable)) == (1, 1)
