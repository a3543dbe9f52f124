"""The card of a training: what it says, and that each of its buttons asks for what it names."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest

from studio.widgets.controls.chip import Chip
from studio.widgets.inspector import Inspector
from studio.widgets.plots.learning_card import (
    LearningCard,
    LearningState,
    Phase,
    figure_title,
    figures_text,
    time_text,
    where_text,
)
from studio.widgets.plots.spec import Curve
from studio.widgets.theme import apply_theme

X = np.arange(10.0)
RUNNING = LearningState("My faces", "running", 1200, 5000, "", 250.0, {"loss": 0.5}, can_finish=True)


@pytest.fixture
def card(qtbot) -> LearningCard:
    widget = LearningCard()
    qtbot.addWidget(widget)
    widget.resize(312, 360)
    widget.show()
    return widget


def test_it_says_how_far_it_is_and_how_long_it_takes(card: LearningCard) -> None:
    card.show_state(RUNNING)
    assert card.title.text() == "My faces"
    assert card._where.text() == "Step 1,200 of 5,000  ·  about 4 minutes left"
    assert card._figures.text() == "Loss 0.5"
    assert (card._progress.value(), card._progress.maximum()) == (1200, 5000)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (LearningState("x"), "Getting ready…"),
        (replace(RUNNING, phase="stopping"), "Stopping at the next step…"),
        (replace(RUNNING, phase="paused"), "Paused at step 1,200 of 5,000"),
        (replace(RUNNING, label="Measuring on held-out data"), "Measuring on held-out data"),
        (replace(RUNNING, seconds_left=None), "Step 1,200 of 5,000"),
    ],
)
def test_where_it_is_in_every_phase(state: LearningState, text: str) -> None:
    assert where_text(state) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.2, "1 second left"),
        (45, "45 seconds left"),
        (600, "about 10 minutes left"),
        (20_000, "about 6 hours left"),
    ],
)
def test_the_time_is_rough_and_plain(seconds: float | None, text: str) -> None:
    assert time_text(seconds) == text


def test_the_figures_that_say_how_good_it_is_come_first() -> None:
    assert figures_text({"loss": 0.5, "held-out loss": 0.625}) == "Loss, not seen in training 0.625  ·  Loss 0.5"
    assert figure_title("held-out negative ELBO, nats") == "Negative ELBO, nats, not seen in training"
    assert figure_title("half_width") == "Half width"


def press(card: LearningCard, name: str) -> None:
    button = getattr(card, f"{name}_button")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("phase", "names"),
    [
        ("running", ("pause", "stop", "finish", "timeline")),
        ("waiting", ("pause", "stop", "finish", "timeline")),
        ("paused", ("continue", "discard", "finish", "timeline")),
        ("failed", ("continue", "discard", "finish", "timeline")),
    ],
)
def test_each_button_asks_for_what_it_names(card: LearningCard, phase: Phase, names: tuple[str, ...]) -> None:
    card.show_state(replace(RUNNING, phase=phase))
    for name in names:
        spy = QSignalSpy(getattr(card, f"{name}_requested"))
        press(card, name)
        assert spy.count() == 1, name
    hidden = {"pause", "stop", "continue", "discard"} - set(names)
    assert all(getattr(card, f"{name}_button").isHidden() for name in hidden)


def test_nothing_is_pressed_while_it_stops_and_nothing_is_made_of_nothing(card: LearningCard) -> None:
    card.show_state(replace(RUNNING, phase="stopping"))
    assert not any(getattr(card, f"{name}_button").isEnabled() for name in ("pause", "stop", "finish"))
    card.show_state(replace(RUNNING, can_finish=False))
    assert not card.finish_button.isEnabled()


@pytest.mark.parametrize("phase", ["running", "paused"])
@pytest.mark.parametrize("is_measuring", [False, True])
def test_the_buttons_are_whole_in_an_inspector(qtbot, qapp, phase: Phase, is_measuring: bool) -> None:
    apply_theme(qapp, "dark")
    inspector, card = Inspector(), LearningCard()
    qtbot.addWidget(inspector)
    inspector.add_section("section_learning", "Learning").add(card)
    card.show_state(replace(RUNNING, phase=phase, is_measuring=is_measuring))
    inspector.resize(inspector.sizeHint().width(), 700)
    inspector.show()
    qtbot.waitExposed(inspector)
    buttons = [getattr(card, f"{name}_button") for name in ("continue", "pause", "finish", "stop", "discard")]
    for button in (one for one in buttons if one.isVisible()):
        assert button.width() >= button.sizeHint().width(), button.text()
        assert card.rect().contains(button.geometry()), button.text()


def test_what_is_measured_can_be_kept_at_once(card: LearningCard) -> None:
    card.show_state(RUNNING)
    assert card.finish_button.text() == "Keep the best"
    card.show_state(replace(RUNNING, label="Measuring what was learnt, about 40 s left", is_measuring=True))
    assert card.finish_button.text() == "Keep it now"
    assert "how good" in card.finish_button.toolTip()
    assert card._where.text() == "Measuring what was learnt, about 40 s left"


def test_a_failure_is_said(card: LearningCard) -> None:
    card.show_state(replace(RUNNING, phase="failed", problem="The training has diverged."))
    assert card._problem.text() == "The training has diverged."
    assert card._problem.isVisible()


def test_a_held_out_figure_is_drawn_with_its_own_and_chips_choose(card: LearningCard, qtbot) -> None:
    card.show_state(RUNNING)
    curves = [Curve("loss", X, 10 - X), Curve("held-out loss", X[::5], 11 - X[::5]), Curve("kl", X, X)]
    card.show_curves(curves, 5000)
    chips = card.chips.findChildren(Chip)
    qtbot.waitUntil(lambda: all(chip.isVisible() for chip in chips))
    assert [chip.text() for chip in chips] == ["Loss", "Divergence"]
    assert "Loss, not seen in training: 6 at step 5" in card.plot.accessibleDescription()
    QTest.mouseClick(chips[1], Qt.MouseButton.LeftButton)
    assert card.plot.accessibleDescription().startswith("Divergence: 9 at step 9")
    card.show_curves(curves, 5000)
    assert card.plot.accessibleDescription().startswith("Divergence")


def test_the_plot_has_a_logarithmic_axis_and_marks_the_playhead(card: LearningCard) -> None:
    card.show_curves([Curve("loss", X, 10 - X)], 10)
    QTest.mouseClick(card.log_button, Qt.MouseButton.LeftButton)
    assert card.plot.is_log
    card.show_playhead(4)
    spy = QSignalSpy(card.step_chosen)
    card.plot.x_chosen.emit(3.0)
    assert spy.at(0)[0] == 3
