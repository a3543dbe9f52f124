"""The settings of a run under a real hand."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.diffusion.shared.panel.sampler_section import WITHOUT_ETA, SamplerSection
from plugins.diffusion.shared.params import (
    SAMPLER_HINTS,
    SAMPLER_TEXTS,
    SAMPLERS,
    SPACING_HINTS,
    SPACING_TEXTS,
    SPACINGS,
    DiffusionParams,
)
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.segmented import Segment
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.theme import apply_theme
from tests.plugins.diffusion.panel_hand import LEFT, heard, press, shown
from tests.widgets.hand import double_click, part

WIDTH_PX = 296  # of the inspector, without its margins and the scroll bar


@pytest.fixture
def section(qtbot) -> SamplerSection:
    return shown(qtbot, SamplerSection(DiffusionParams(guidance=4.0)), WIDTH_PX)


def segment(section: SamplerSection, text: str) -> Segment:
    return next(one for one in section.findChildren(Segment) if one.text() == text)


def test_every_sampler_and_spacing_has_words() -> None:
    assert set(SAMPLER_TEXTS) == set(SAMPLER_HINTS) == set(SAMPLERS)
    assert set(SPACING_TEXTS) == set(SPACING_HINTS) == set(SPACINGS)
    assert set(WITHOUT_ETA) == set(SAMPLERS) - {"ddim"}


@pytest.mark.parametrize("text_scale", [1.0, 1.5])
def test_all_six_fit_into_the_inspector(qtbot, qapp, text_scale: float) -> None:
    apply_theme(qapp, "dark", text_scale)
    section = SamplerSection()
    qtbot.addWidget(section)
    assert section.sampler.minimumSizeHint().width() <= 340 * text_scale - 32 - 12
    apply_theme(qapp, "dark")


def test_a_drag_is_one_edit_and_tells_whole_steps(section) -> None:
    said, edits = heard(section.params_changed), heard(section.edit_started)
    ends = heard(section.edit_finished)
    track = part(section.rows["steps"], SliderTrack)
    middle = track.rect().center()
    QTest.mousePress(track, LEFT, pos=middle)
    QTest.mouseMove(track, middle + middle / 4)
    QTest.mouseRelease(track, LEFT)
    assert (edits, ends) == ([None], [None])
    assert len(said) >= 2
    assert all(list(change) == ["steps"] and isinstance(change["steps"], int) for change in said)


def test_a_thousand_steps_can_be_typed(section) -> None:
    said = heard(section.params_changed)
    number = part(section.rows["steps"], NumberField)
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, "1000")
    press(number, Qt.Key.Key_Return)
    assert said == [{"steps": 1000}]


def test_a_double_click_returns_to_the_models_own(section) -> None:
    said = heard(section.params_changed)
    section.set_params(DiffusionParams(guidance=9.0))
    assert said == []
    double_click(part(section.rows["guidance"], SliderTrack))
    assert said[-1] == {"guidance": 4.0}


def test_only_ddim_chooses_its_noise_and_the_others_say_why(section) -> None:
    said = heard(section.params_changed)
    assert section.rows["eta"].isEnabled()
    QTest.mouseClick(segment(section, "Heun"), LEFT)
    assert said == [{"sampler": "heun"}]
    assert not section.rows["eta"].isEnabled()
    assert section.why.isVisible()
    assert "DDIM" in section.why.text()
    assert section.why.text() in section.rows["eta"].toolTip()
    section.set_params(DiffusionParams(sampler="ddim"))
    assert (section.rows["eta"].isEnabled(), section.why.isVisible()) == (True, False)


def test_rare_settings_unfold(section) -> None:
    said = heard(section.params_changed)
    assert not section.spacing.isVisible()
    QTest.mouseClick(section.more, LEFT)
    QTest.mouseClick(segment(section, "Karras"), LEFT)
    press(part(section.rows["threshold"], SliderTrack), Qt.Key.Key_Left)
    press(part(section.rows["batch"], SliderTrack), Qt.Key.Key_Right)
    assert said == [{"spacing": "karras"}, {"threshold": 0.995}, {"batch": 2}]
    QTest.mouseClick(section.more, LEFT)
    assert not section.spacing.isVisible()


def test_what_a_model_cannot_use_cannot_be_chosen(section) -> None:
    said = heard(section.params_changed)
    section.sampler.set_possible("heun", False)
    QTest.mouseClick(segment(section, "Heun"), LEFT)
    assert said == []


@pytest.mark.parametrize("knows_lcm", [True, False])
def test_few_steps_are_offered_in_place_of_the_many(qtbot, knows_lcm):
    section = shown(qtbot, SamplerSection(knows_lcm=knows_lcm), WIDTH_PX)
    assert {"lcm", "ddpm"} & section.sampler._segments.keys() == {"lcm" if knows_lcm else "ddpm"}
