"""The card that tells how the picture was made."""

import numpy as np
import pytest

from plugins.nerf.stats_card import CardText, StatsCard, compiling_text, moving_text, resting_text
from tests.plugins.nerf.widget_tools import dress, picture_of, shown

MOVING = moving_text(34.4, "orbit", (256, 256), (720, 720), 0.61, 9.23)


@pytest.fixture
def card(qtbot, qapp) -> StatsCard:
    dress(qapp)
    return shown(qtbot, StatsCard())


def test_moving() -> None:
    assert moving_text(34.4, "orbit", (256, 256), (720, 720), 0.61, 9.23) == CardText(
        "34 fps", "orbiting", ("draft 256² → full 720² in 0.6 s", "9.2 samples a ray")
    )
    unmeasured = moving_text(8, "learning", (300, 200), (1060, 720), None, 12)
    assert unmeasured.spoken == "8 fps learning, draft 300×200 → full 1060×720, 12.0 samples a ray"


def test_resting() -> None:
    whole = resting_text(True, (1060, 720), 3, 1.0, 2.31, 9.2)
    assert whole == CardText("exact", "1060×720", ("3 pictures averaged · 2.3 s", "9.2 samples a ray"))
    assert resting_text(True, (720, 720), 1, 0.409, 0.4, 9.2).rest == "40 % of 720²"
    assert resting_text(False, (720, 720), 1, 1.0, 0.4, 9.2).strong == "baked"


def test_compiling() -> None:
    text = compiling_text(0.4)
    assert (text.strong, text.rest) == ("40 %", "compiling kernels…")


def test_it_is_as_wide_whatever_it_says(card) -> None:
    widths = set()
    for fps in (1, 11, 34, 111):
        card.set_text(moving_text(fps, "orbit", (fps * 3, 100), (1111, 777), 1.1, fps))
        widths.add(card.sizeHint().width())
    assert len(widths) == 1


def test_it_says_the_same_to_those_who_do_not_see_it(card) -> None:
    card.set_text(MOVING)
    assert card.accessibleDescription() == "34 fps orbiting, draft 256² → full 720² in 0.6 s, 9.2 samples a ray"


def test_other_figures_move_no_letter(card) -> None:
    card.set_text(moving_text(34, "orbit", (256, 256), (720, 720), 0.6, 9.2))
    before = picture_of(card)
    card.set_text(moving_text(81, "orbit", (256, 256), (720, 720), 0.6, 9.2))
    after = picture_of(card)
    changed = np.flatnonzero((before != after).any((0, 2)))
    assert 0 < len(changed) < card.width() / 6  # two figures, and nothing right of them


def test_without_text_there_is_no_card(card) -> None:
    card.set_text(MOVING)
    card.set_text(CardText())
    assert card.isHidden()
    card.set_text(MOVING)
    assert card.isVisible()
