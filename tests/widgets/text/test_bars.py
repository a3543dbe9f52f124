"""Bars of what could stand at a place: what is chosen stands out, a click forces another one."""

import pytest
from PySide6.QtCore import Qt

from studio.core.text.token import Candidate
from studio.widgets.text import bars_view
from studio.widgets.text.bars_view import BarsView
from studio.widgets.text.tint import chosen_hue
from studio.widgets.theme import hue_of, set_hue

ROWS = (Candidate(7, " king", 0.5, 0.6), Candidate(9, " crown", 0.3, 0.4, is_chosen=True))


@pytest.fixture
def bars(qtbot):
    bars = BarsView()
    qtbot.addWidget(bars)
    bars.resize(240, 60)
    bars.show_rows(ROWS)
    return bars


@pytest.mark.parametrize(("family", "chosen"), [("transformer", "autoregressive"), ("autoregressive", "transformer")])
def test_the_chosen_one_has_another_hue_than_the_family(bars, family, chosen):
    set_hue(bars, family)
    assert chosen_hue(bars) != hue_of(bars)
    set_hue(bars, chosen)
    assert chosen_hue(bars) != hue_of(bars)


def test_a_click_and_enter_force_a_candidate(bars, qtbot):
    with qtbot.waitSignal(bars.forced) as click:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(1).center().toPoint())
    assert click.args == [9]
    qtbot.keyClick(bars, Qt.Key.Key_Up)
    with qtbot.waitSignal(bars.forced) as key:
        qtbot.keyClick(bars, Qt.Key.Key_Return)
    assert key.args == [7]


def test_a_tip_says_which_figure_is_before_the_sampler(bars):
    assert bars_view._told(ROWS[0]).splitlines() == [
        "“king”: 50.0 % is the model’s own probability (before the sampler)",
        "As it is drawn, with your settings: 60.0 %",
        "Click to continue the text with “king” from here.",
    ]


def test_no_rows_take_no_room(bars):
    assert bars.sizeHint().height() > 0
    bars.show_rows(())
    assert bars.sizeHint().height() == 0
