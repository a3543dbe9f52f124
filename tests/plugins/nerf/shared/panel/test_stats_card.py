"""The card that tells how the picture was made."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget

from plugins.nerf.field.params import FieldParams
from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.panel.overlay import ViewBar
from plugins.nerf.shared.panel.stats_card import (
    CardText,
    Measure,
    StatsCard,
    compiling_text,
    moving_text,
    resting_text,
    view_text,
)
from plugins.nerf.shared.resolution import Figures
from plugins.nerf.shared.shading import picture_look_of
from plugins.nerf.shared.state import Stage, View, ViewRequest
from studio.render.colour_map import AMOUNT_COLOURS
from tests.plugins.nerf.field.panel.widget_tools import dress, picture_of, shown

MEASURE = Measure()
FIGURES = Figures(34.4, (256, 256), (720, 720), 0.61, 9.23)
MOVING = moving_text(FIGURES, "orbit", (256, 256), MEASURE)
CAMERA = look_at((3, 0, 0), (0, 0, 0), 0.7)


def view(stage: Stage, fraction: float = 1.0) -> View:
    request = ViewRequest(CAMERA, 300, 200, picture_look_of(FieldParams(), 1.0, 5.0, AMOUNT_COLOURS))
    return View(request, np.zeros((200, 300, 3), np.uint8), np.zeros((200, 300), np.float32), stage, 0.1, 7.0, fraction)


@pytest.fixture
def card(qtbot, qapp) -> StatsCard:
    dress(qapp)
    return shown(qtbot, StatsCard(MEASURE))


def test_moving() -> None:
    assert CardText("34 fps", "orbiting", ("draft 256² → full 720² in 0.6 s", "9.2 samples per ray")) == MOVING
    unmeasured = moving_text(Figures(8.0, (300, 200), None, None, 12.0), "learning", (300, 200), MEASURE)
    assert unmeasured.spoken == "8 fps learning, draft 300×200, 12.0 samples per ray"


def test_before_anything_was_measured_nothing_is_claimed() -> None:
    assert moving_text(Figures(), "orbit", (300, 200), MEASURE).spoken == "draft 300×200, orbiting"


def test_resting() -> None:
    whole = resting_text("network", (1060, 720), 1.0, 0.61, MEASURE.words(9.2))
    assert whole == CardText("exact", "1060×720", ("sharp after 0.6 s", "9.2 samples per ray"))
    part = resting_text("coarse", (720, 720), 0.409, 0.61, MEASURE.words(9.2))
    assert (part.rest, part.lines[0]) == ("40 % of 720²", "getting sharper…")
    assert resting_text("baked", (720, 720), 1.0, None, MEASURE.words(9.2)).strong == "baked"


@pytest.mark.parametrize(
    ("stage", "doing", "text"),
    [
        ("draft", "orbit", "34 fps orbiting"),
        ("draft", "", "34 fps orbiting"),
        ("draft", "fly", "34 fps flying"),
        ("learning", "orbit", "34 fps learning"),
        ("slow", "orbit", "34 fps slower method, kernels compiling"),
        ("network", "", "exact 300×200"),
        ("network", "path", "34 fps on the path"),
        ("baked", "", "baked 300×200"),
    ],
)
def test_each_stage_is_told_apart(stage: Stage, doing: str, text: str) -> None:
    card = view_text(view(stage), FIGURES, doing, MEASURE)
    assert f"{card.strong} {card.rest}" == text


def test_compiling() -> None:
    text = compiling_text(0.4)
    assert (text.strong, text.rest) == ("40 %", "compiling kernels…")


def test_it_is_as_wide_whatever_it_says(card) -> None:
    widths = set()
    for fps in (1, 11, 34, 111):
        card.set_text(moving_text(Figures(fps, (fps * 3, 100), (1111, 777), 1.1, fps), "orbit", (9, 9), MEASURE))
        widths.add(card.sizeHint().width())
    assert len(widths) == 1


def test_it_says_the_same_to_those_who_do_not_see_it(card) -> None:
    card.set_text(MOVING)
    assert card.accessibleDescription() == "34 fps orbiting, draft 256² → full 720² in 0.6 s, 9.2 samples per ray"


def test_other_figures_move_no_letter(card) -> None:
    card.set_text(MOVING)
    before = picture_of(card)
    card.set_text(moving_text(replace(FIGURES, fps=81.0), "orbit", (256, 256), MEASURE))
    after = picture_of(card)
    changed = np.flatnonzero((before != after).any((0, 2)))
    assert 0 < len(changed) < card.width() / 6  # two figures, and nothing right of them


def test_without_text_there_is_no_card(card) -> None:
    card.set_text(MOVING)
    card.set_text(CardText())
    assert card.isHidden()
    card.set_text(MOVING)
    assert card.isVisible()


def test_bar_and_card_share_a_narrow_canvas(qtbot, qapp) -> None:
    dress(qapp)
    canvas, bar, card = QWidget(), ViewBar(MEASURE.hints), StatsCard(MEASURE)
    row = QHBoxLayout(canvas)
    for widget in (bar, card):
        row.addWidget(widget)
    shown(qtbot, canvas, 460, 120)
    card.set_text(MOVING)
    qtbot.waitUntil(lambda: card.isVisible() and card.geometry().right() <= 460)
    assert canvas.width() == 460
    assert bar.geometry().right() < card.geometry().left()
