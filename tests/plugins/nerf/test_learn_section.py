"""The inspector's parts for quality, learning and what is taken home."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.nerf.learn_section import LearnSection, LearnState, figures_text
from plugins.nerf.quality_section import QUALITY_TEXTS, QualitySection, baking_text
from plugins.nerf.take_away import TakeAway
from plugins.nerf.view_request import QUALITIES
from studio.widgets.segmented import Segment
from studio.widgets.slider_track import SliderTrack
from tests.plugins.nerf.widget_tools import LEFT, dress, heard, press, shown
from tests.widgets.hand import part

RUNNING = LearnState("running", 3200, 31.44, 48.2)


@pytest.fixture
def section(qtbot, qapp) -> LearnSection:
    dress(qapp)
    return shown(qtbot, LearnSection(), 308)


def offered(section: LearnSection) -> list[str]:
    parts = {
        "learn": section.learn, "photos": section.photos, "pause": section.pause, "continue": section.go_on,
        "keep": section.keep, "discard": section.discard, "share": section.share, "plot": section.plot,
    }  # fmt: skip
    return [name for name, widget in parts.items() if widget.isVisible()]


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (LearnState(), ["learn", "photos"]),
        (LearnState(has_scene=False), ["photos"]),
        (LearnState("waiting"), ["pause", "keep", "share", "plot"]),
        (RUNNING, ["pause", "keep", "share", "plot"]),
        (LearnState("paused", 3200, 31.4), ["continue", "keep", "discard", "plot"]),
        (LearnState("failed", label="The disk is full."), ["continue", "keep", "discard", "plot"]),
    ],
)
def test_it_offers_what_can_be_done_now(section, state, names) -> None:
    section.show_state(state)
    assert offered(section) == names


def test_what_learnt_nothing_cannot_be_kept(section) -> None:
    section.show_state(LearnState("waiting"))
    assert not section.keep.isEnabled()
    section.show_state(RUNNING)
    assert section.keep.isEnabled()


def test_each_button_asks_for_what_it_says(section) -> None:
    signals = ("learn", "photos", "pause", "continue", "keep", "discard")
    said = {name: heard(getattr(section, f"{name}_requested")) for name in signals}
    for state, buttons in (
        (LearnState(), (section.learn, section.photos)),
        (RUNNING, (section.pause, section.keep)),
        (LearnState("paused", 5), (section.go_on, section.discard)),
    ):
        section.show_state(state)
        for button in buttons:
            QTest.mouseClick(button, LEFT)
    assert {name: len(times) for name, times in said.items()} == dict.fromkeys(signals, 1)


def test_how_good_it_is_after_how_much() -> None:
    assert figures_text(RUNNING) == "31.4 dB · 3,200 steps · 48 s"
    assert figures_text(LearnState("running", 10, None, 61.0)) == "10 steps · 1 min 1 s"
    assert figures_text(LearnState("waiting", label="Reading 100 photos…")) == "Reading 100 photos…"


def test_a_failure_is_told(section) -> None:
    section.show_state(LearnState("failed", 10, label="The disk is full."))
    assert (section.problem.isVisible(), section.problem.text()) == (True, "The disk is full.")
    section.show_state(RUNNING)
    assert not section.problem.isVisible()


def test_the_curve_grows_and_a_step_of_it_can_be_chosen(section, qtbot) -> None:
    section.show_state(RUNNING)
    steps = np.arange(1, 50) * 60
    section.set_curve(steps, 12 + 4 * np.log(steps))
    said = heard(section.step_chosen)
    assert "PSNR in dB" in section.plot.accessibleDescription()
    QTest.mouseClick(section.plot, LEFT, pos=section.plot.rect().center())
    assert len(said) == 1
    assert said[0] in steps


def test_a_model_that_came_with_a_curve_shows_it_before_anything_is_learnt(section) -> None:
    section.set_curve([10, 20], [20.0, 22.0])
    section.show_state(LearnState("idle", 3200, 31.4))
    assert section.plot.isVisible()
    assert section.figures.text().startswith("31.4 dB")
    section.set_curve([], [])
    assert not section.plot.isVisible()


def test_the_machine_is_shared_between_learning_and_viewing(section) -> None:
    section.show_state(RUNNING)
    said = heard(section.share_changed)
    section.set_share(0.3)
    press(part(section.share, SliderTrack), Qt.Key.Key_Right)
    assert said == pytest.approx([0.35])


def test_quality_and_target(qtbot, qapp) -> None:
    dress(qapp)
    section = shown(qtbot, QualitySection(), 308)
    assert tuple(QUALITY_TEXTS) == tuple(QUALITIES)
    quality, target = heard(section.quality_changed), heard(section.target_changed)
    section.set_quality("network")
    section.set_target(24)
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
    section = shown(qtbot, TakeAway())
    picture, turntable = heard(section.picture_requested), heard(section.turntable_requested)
    QTest.mouseClick(section.picture, LEFT)
    QTest.mouseClick(section.turntable, LEFT)
    assert (len(picture), len(turntable)) == (1, 1)
