"""The guide names every control of the inspector and of the canvas, and every control has a name."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from plugins.nerf.field.panel.controls import LightSection, QualitySection
from plugins.nerf.field.panel.learn_section import LearnSection
from plugins.nerf.field.panel.photo_section import PhotoSection
from plugins.nerf.field.panel.ray_section import RaySection
from plugins.nerf.shared.panel import navigation_input
from plugins.nerf.shared.panel.camera_section import CameraSection
from plugins.nerf.shared.panel.gizmo import Gizmo
from plugins.nerf.shared.panel.marks_section import MarksSection
from plugins.nerf.shared.panel.overlay import ViewBar
from plugins.nerf.shared.panel.stats_card import FIELD_HINTS
from plugins.nerf.shared.panel.take_section import ExportSection, PictureSize
from plugins.nerf.splats.panel.edit_section import EditSection
from plugins.nerf.splats.panel.panel import DrawingSection
from studio.widgets.theme import apply_theme
from tests.contract.test_panel import controls_of, name_of, plain
from tests.plugins.nerf.field.panel.widget_tools import dress, picture_of, shown

PARTS = (
    CameraSection,
    QualitySection,
    LearnSection,
    PhotoSection,
    partial(LightSection, ("day", "night")),
    RaySection,
    ExportSection,
    PictureSize,
    partial(ViewBar, FIELD_HINTS),
    Gizmo,
    MarksSection,
    DrawingSection,
    EditSection,
)
GUIDE = (Path(navigation_input.__file__).parents[4] / "docs/nerf.md").read_text("utf-8")


@pytest.mark.parametrize("part", PARTS)
def test_the_guide_names_every_control(qtbot, qapp, part) -> None:
    dress(qapp)
    widget: QWidget = part()
    qtbot.addWidget(widget)
    names = {name_of(control) for control in controls_of(widget)}
    assert "" not in names
    assert sorted(name for name in names if len(name) > 1 and plain(name) not in plain(GUIDE)) == []


@pytest.mark.parametrize("part", PARTS)
def test_every_control_explains_itself(qtbot, qapp, part) -> None:
    dress(qapp)
    widget: QWidget = part()
    qtbot.addWidget(widget)
    for control in controls_of(widget):
        near = (control, control.parentWidget())
        described = [one for one in near if one is not None and (one.toolTip() or one.accessibleDescription())]
        assert described or control.property("kind") == "link", name_of(control)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_drawn_in_both_themes_and_at_a_larger_text(qtbot, qapp, part) -> None:
    dress(qapp)
    widget: QWidget = shown(qtbot, part(), 308)
    dark = picture_of(widget)
    try:
        apply_theme(qapp, "light", 1.5)
        widget.resize(462, widget.sizeHint().height())
        light = picture_of(widget)
    finally:
        apply_theme(qapp, "dark")
    assert dark.std() > 1
    assert light.std() > 1


def test_the_guide_has_its_experiments() -> None:
    assert GUIDE.count("\n**1.") == GUIDE.count("\n**2.") == GUIDE.count("\n**3.") == 1
