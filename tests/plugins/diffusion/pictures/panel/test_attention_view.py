"""Words as chips and bars, and their maps over the picture."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.panel.attention_view import AttentionView, PromptWordChips
from plugins.diffusion.pictures.panel.overlays import HeatOverlay, heat_image
from plugins.diffusion.pictures.panel.word_bars import WordBars, WordRow, percent
from studio.api.panel import AMOUNT_COLOURS
from tests.plugins.diffusion.panel_hand import LEFT, click, heard, move, picture_of, press, shown
from tests.widgets.hand import part

WORDS = ("a", "fox", "on", "a", "hill")
RECT = QRectF(20, 10, 256, 256)


def maps_of(seed: int = 0) -> np.ndarray:
    """Maps (5, 4, 6) that sum to 1 over the words."""
    values = np.random.default_rng(seed).random((5, 4, 6)).astype(np.float32)
    return values / values.sum(0)


@pytest.fixture
def heat(qtbot) -> Any:
    canvas = shown(qtbot, QWidget(), 300, 280)
    yield HeatOverlay(canvas, lambda: RECT)
    canvas.close()


@pytest.fixture
def view(qtbot, heat) -> AttentionView:
    view = shown(qtbot, AttentionView(heat), 308)
    view.set_words(WORDS)
    view.set_maps(maps_of())
    return view


# Chips


@pytest.fixture
def chips(qtbot) -> PromptWordChips:
    chips = shown(qtbot, PromptWordChips(), 200)
    chips.set_words(WORDS)
    return chips


def test_chips_of_the_same_word_are_two(chips) -> None:
    said = heard(chips.chosen)
    click(chips, chips.chip_rect(3).center())
    click(chips, chips.chip_rect(0).center())
    click(chips, chips.chip_rect(0).center())
    assert said == [3, 0, -1]
    assert chips.current() == -1


def test_pointing_at_a_chip_is_heard_and_leaving_too(chips) -> None:
    said = heard(chips.hovered)
    for index in (1, 4):
        move(chips, chips.chip_rect(index).center())
    chips.leaveEvent(None)
    assert said == [1, 4, -1]


def test_keys_go_round_the_chips_and_escape_chooses_none(chips) -> None:
    said = heard(chips.chosen)
    chips.setFocus()
    press(chips, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Escape)
    assert said == [0, 1, 0, 4, -1]


def test_narrow_chips_break_their_lines_and_overlap_nowhere(chips) -> None:
    chips.set_words(["background"] * 7)
    rects = [chips.chip_rect(index) for index in range(7)]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])
    assert all(rect.right() <= 200 for rect in rects)
    assert chips.heightForWidth(200) > chips.heightForWidth(4000)


# Bars


def test_bars_are_as_long_as_their_share_of_the_longest(qtbot) -> None:
    bars = shown(qtbot, WordBars(), 308)
    bars.set_rows([WordRow("fox", 0.4, 0.1), WordRow("on", 0.1, 0.05), WordRow("hill", 0.0, None)])
    bars.resize(bars.sizeHint().expandedTo(bars.size()))
    picture = picture_of(bars).astype(int)
    hue = np.array([167, 139, 250])  # the family's violet

    def length(index: int) -> int:
        row = picture[round(bars.row_rect(index).center().y())]
        return int((np.abs(row - hue).sum(-1) < 30).sum())

    assert length(0) > 40
    assert length(1) == pytest.approx(length(0) / 4, abs=2)
    assert length(2) == 0


def test_figures_have_as_many_digits_as_they_need() -> None:
    assert [percent(value) for value in (None, 0.004, 0.099, 0.1, 0.237, 1.0)] == [
        "–",
        "0.4 %",
        "9.9 %",
        "10 %",
        "24 %",
        "100 %",
    ]


# The map


def test_the_map_is_coloured_by_amount_and_more_is_more_solid() -> None:
    values = np.array([[0.0, 0.1], [0.2, 0.4]], np.float32)
    image = heat_image(values)
    corners = [image.pixelColor(x, y) for x, y in ((1, 1), (94, 1), (1, 94), (94, 94))]
    for colour, value in zip(corners, values.ravel(), strict=True):
        expected = AMOUNT_COLOURS[round(255 * float(value) / 0.4)]
        assert np.abs(np.array([colour.red(), colour.green(), colour.blue()]) - expected).max() <= 12
    assert [colour.alpha() for colour in corners] == sorted(colour.alpha() for colour in corners)
    assert not heat_image(np.zeros((2, 2), np.float32)).isNull()


def test_the_overlay_shows_the_map_with_its_legend_and_lets_hands_through(heat) -> None:
    bare = picture_of(heat.parentWidget())
    heat.set_map(maps_of()[1], "fox")
    assert heat.isVisible()
    drawn = picture_of(heat.parentWidget())
    assert (drawn != bare)[12:264, 40:270].any(-1).mean() > 0.95
    assert heat.most == pytest.approx(float(maps_of()[1].max()))
    assert heat.accessibleDescription() == "Looked at “fox”"
    assert heat.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    heat.set_map(None, "")
    assert heat.isHidden()


# All of it


def test_pointing_shows_a_map_for_a_while_and_choosing_keeps_it(view, heat) -> None:
    chosen = heard(view.word_chosen)
    move(view.chips, view.chips.chip_rect(1).center())
    assert heat.accessibleDescription() == "Looked at “fox”"
    view.chips.leaveEvent(None)
    assert heat.isHidden()
    click(view.chips, view.chips.chip_rect(4).center())
    view.chips.leaveEvent(None)
    assert heat.accessibleDescription() == "Looked at “hill”"
    move(view.bars, view.bars.row_rect(1).center())
    assert heat.accessibleDescription() == "Looked at “fox”"
    assert chosen == [4]


def test_scrubbing_shows_the_maps_of_each_step(view, heat) -> None:
    click(view.chips, view.chips.chip_rect(4).center())
    view.set_maps(maps_of(1))
    assert heat.most == pytest.approx(float(maps_of(1)[4].max()))
    masses = [row.looked or 0.0 for row in view.bars._rows]
    assert masses == pytest.approx(maps_of(1).mean((1, 2)).tolist())
    assert sum(masses) == pytest.approx(1.0, abs=1e-5)
    view.set_maps(None)  # the finished picture has none
    assert heat.isHidden()
    assert [row.looked for row in view.bars._rows] == [None] * 5


def test_maps_of_another_prompt_are_not_shown(view, heat) -> None:
    click(view.chips, view.chips.chip_rect(1).center())
    view.set_maps(maps_of()[:3])
    assert heat.isHidden()


def test_the_check_asks_shows_its_results_and_forgets_them_with_the_prompt(view) -> None:
    asked, stopped = heard(view.leave_out_requested), heard(view.cancel_requested)
    button = part(view, QWidget, "leave_out")
    QTest.mouseClick(button, LEFT)
    view.set_progress((1, 5))
    assert view.status.text() == "1 word tested so far, 5 in total"
    QTest.mouseClick(button, LEFT)
    assert (len(asked), len(stopped)) == (1, 1)
    view.set_progress(None)
    view.set_leave_out({1: 0.3, 0: 0.01, 3: 0.02})
    assert [row.changed for row in view.bars._rows] == [0.01, 0.3, None, 0.02, None]
    view.set_words(WORDS)
    assert view.bars._rows[1].changed == 0.3  # the same prompt
    view.set_words(("a", "fox"))
    assert [row.changed for row in view.bars._rows] == [None, None]


def test_the_map_can_be_shown_and_hidden_from_elsewhere(view, heat) -> None:
    said = heard(view.word_chosen)
    view.set_map_shown(True)
    assert view.current() == int(maps_of().mean((1, 2)).argmax())
    assert heat.isVisible()
    view.chips.set_current(2)
    view.set_map_shown(True)
    assert heat.accessibleDescription() == "Looked at “on”"
    view.set_map_shown(False)
    assert heat.isHidden()
    assert view.current() == -1
    assert said == []


def test_commas_and_hyphens_have_no_bar(qtbot, heat) -> None:
    view = shown(qtbot, AttentionView(heat), 308)
    view.set_words(["side", "-", "parted", ",", "hair"])
    view.set_maps(np.stack([np.full((2, 2), share, np.float32) for share in (0.1, 0.2, 0.3, 0.0, 0.4)]))
    assert [row.word for row in view.bars._rows] == ["side", "parted", "hair"]
    assert [row.looked for row in view.bars._rows] == pytest.approx([0.1, 0.3, 0.4])
    view.bars.hovered.emit(2)
    assert heat.most == pytest.approx(0.4)
    view.bars.hovered.emit(-1)
    view.chips.set_current(4)
    view.set_map_shown(True)
    assert view.bars._marked == 2
