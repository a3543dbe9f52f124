"""Sheets of pictures under a real mouse and keyboard, and the section that asks for them."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from plugins.diffusion.shared.panel.study_section import StudySection, StudySheet
from plugins.diffusion.shared.panel.tile_grid import StudyTile, TileGrid
from plugins.diffusion.shared.state import StudyRequest
from studio.api.panel import image_from_array
from tests.plugins.diffusion.panel_hand import LEFT, click, heard, picture_of, press, shown
from tests.widgets.hand import part


def picture(value: int) -> QImage:
    return image_from_array(np.full((32, 32, 3), value, np.uint8))


def tiles(n: int) -> list[StudyTile]:
    return [StudyTile(f"Guidance {index}", f"{index} s", picture(10 * index)) for index in range(n)]


@pytest.fixture
def grid(qtbot) -> TileGrid:
    grid = shown(qtbot, TileGrid(), 600, 400)
    grid.set_tiles(tiles(9), 3)
    return grid


@pytest.mark.parametrize(("n", "n_columns"), [(4, 4), (9, 3), (16, 4), (5, 3), (1, 1)])
def test_tiles_are_equal_lie_inside_and_overlap_nowhere(grid, n, n_columns) -> None:
    grid.set_tiles(tiles(n), n_columns)
    rects = [grid.picture_rect(index) for index in range(n)]
    assert len({(rect.width(), rect.height()) for rect in rects}) == 1
    assert all(grid.rect().contains(rect.toAlignedRect()) for rect in rects)
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])
    assert rects[0].width() > 35


def test_a_click_chooses_and_a_double_click_takes(grid) -> None:
    chosen, taken = heard(grid.chosen), heard(grid.taken)
    click(grid, grid.picture_rect(4).center())
    click(grid, grid.picture_rect(4).center() + QPointF(0, grid.picture_rect(4).height() / 2 + 10))  # its words
    QTest.mouseDClick(grid, LEFT, pos=grid.picture_rect(7).center().toPoint())
    assert chosen == [4, 7]
    assert taken == [7]


def test_keys_go_over_the_grid_and_enter_takes(grid) -> None:
    chosen, taken = heard(grid.chosen), heard(grid.taken)
    grid.setFocus()
    press(grid, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_End)
    press(grid, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Return)
    assert chosen == [0, 1, 4, 1, 8, 0]
    assert taken == [0]
    assert grid.accessibleDescription() == "1 of 9. Guidance 0 0 s"


def test_what_is_not_there_yet_cannot_be_taken(grid) -> None:
    taken = heard(grid.taken)
    grid.set_tile(2, StudyTile("DDIM", share=0.0))
    grid.setFocus()
    grid.set_chosen(2)
    press(grid, Qt.Key.Key_Return)
    assert taken == []
    grid.set_tile(2, StudyTile("DDIM", "", picture(3), 0.4))
    press(grid, Qt.Key.Key_Return)
    assert taken == [2]


def test_the_bar_of_a_tile_grows_and_goes(grid) -> None:
    grid.set_tiles([StudyTile("DDIM", "", picture(90), 0.0)], 1)
    rect = grid.picture_rect(0)
    hue = np.array([167, 139, 250])

    def length(share: float) -> int:
        grid.set_tile(0, StudyTile("DDIM", "", picture(90), share))
        row = picture_of(grid)[round(rect.bottom()) - 2].astype(int)
        return int((np.abs(row - hue).sum(-1) < 30).sum())

    half = length(0.5)
    assert half == pytest.approx(rect.width() / 2, abs=rect.width() / 8)
    assert length(0.75) > half
    assert length(1.0) == 0


def test_setting_emits_nothing(grid) -> None:
    said = heard(grid.chosen)
    grid.set_tiles(tiles(4), 2, 1)
    grid.set_chosen(3)
    assert said == []
    assert grid.chosen_index() == 3


# The sheet


@pytest.fixture
def strip(qtbot) -> StudySheet:
    strip = StudySheet()
    strip.set_sheet("Guidance", "From the same noise", tiles(4), 4)
    return shown(qtbot, strip, 900, 420)


def test_the_keys_are_in_the_grid_at_once(strip, qtbot) -> None:
    qtbot.waitUntil(strip.grid.hasFocus)


def test_the_button_goes_on_with_the_chosen_picture(strip) -> None:
    picked = heard(strip.picked)
    take = part(strip, QWidget, "strip_take")
    assert not take.isEnabled()
    click(strip.grid, strip.grid.picture_rect(2).center())
    QTest.mouseClick(take, LEFT)
    assert picked == [2]
    QTest.mouseDClick(strip.grid, LEFT, pos=strip.grid.picture_rect(1).center().toPoint())
    assert picked == [2, 1]


def test_escape_and_the_cross_close_it(strip) -> None:
    closed = heard(strip.closed)
    strip.grid.setFocus()
    press(strip.grid, Qt.Key.Key_Escape)
    QTest.mouseClick(part(strip, QWidget, "strip_close"), LEFT)
    assert len(closed) == 2


def test_progress_can_be_stopped_while_it_lasts(strip) -> None:
    stopped = heard(strip.cancel_requested)
    stop = part(strip, QWidget, "strip_stop")
    assert stop.isHidden()
    strip.set_progress((25, 100))
    assert strip.status.text() == "25 % done"
    assert strip.bar.value() == 25
    QTest.mouseClick(stop, LEFT)
    assert len(stopped) == 1
    strip.set_progress(None)
    assert stop.isHidden()


def test_a_chosen_tile_that_fills_can_be_taken_then(strip) -> None:
    strip.set_sheet("Race", "", [StudyTile("DDIM", share=0.0)], 1, 0)
    take = part(strip, QWidget, "strip_take")
    assert not take.isEnabled()
    strip.set_tile(0, StudyTile("DDIM", "", picture(4), 0.1))
    assert take.isEnabled()


# The section


def test_the_buttons_ask_for_their_studies(qtbot) -> None:
    section = shown(qtbot, StudySection(), 308)
    said = heard(section.study_requested)
    section.amount.set_value(46)
    for name in ("guidance", "race", "variations"):
        QTest.mouseClick(part(section, QWidget, f"study_{name}"), LEFT)
    assert said == [StudyRequest("guidance"), StudyRequest("race"), StudyRequest("variations", amount=0.46)]
