"""The canvas of a step: where the pictures lie, what is clicked, how sharp they are."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from plugins.diffusion.pictures.panel.step_canvas import (
    GAP_PX,
    ITEM_GAP_PX,
    SMALL_SHARE,
    CanvasPicture,
    StepCanvas,
    arrange,
    grid_of,
    items_of,
)
from studio.widgets.theme import theme
from tests.plugins.diffusion.panel_hand import click, drag, heard, picture_of, press, shown

KEY = Qt.Key
aspects = st.lists(st.floats(0.25, 4.0), min_size=1, max_size=3)


@given(aspects, st.integers(200, 2000), st.integers(160, 1200), st.sampled_from([0.0, 24.0, 40.0]))
def test_pictures_keep_their_shape_fit_and_never_overlap(
    shapes: list[float], width: int, height: int, label: float
) -> None:
    places = arrange(shapes, width, height, label)
    assert len(places) == len(shapes)
    for place, aspect in zip(places, shapes, strict=True):
        assert place.width() == pytest.approx(place.height() * aspect, abs=1 + aspect)
        assert place.left() >= -1
        assert place.right() <= width + 1
        assert place.top() >= -1
        assert place.bottom() + label <= height + 2
    for one, other in combinations(places, 2):
        assert not one.intersects(other)


def test_two_pictures_stand_on_one_line_as_in_the_design() -> None:
    large, small = arrange([1.0, 1.0], 1100, 640, 28)
    assert large.bottom() == small.bottom()
    assert small.left() - large.right() == pytest.approx(GAP_PX, abs=1)
    assert small.height() / large.height() == pytest.approx(SMALL_SHARE, abs=0.01)
    assert large.left() == pytest.approx(1100 - small.right(), abs=2)


def test_three_pictures_use_the_height_of_the_large_one() -> None:
    large, upper, lower = arrange([1.0, 1.0, 1.0], 1100, 640, 28)
    assert upper.top() == pytest.approx(large.top(), abs=2)
    assert lower.bottom() == pytest.approx(large.bottom(), abs=2)
    assert lower.top() - upper.bottom() > 28


def plain(*colour: int, size: int = 8) -> np.ndarray:
    return np.full((size, size, 3), colour, np.uint8)


NOISY = CanvasPicture("noisy", plain(200, 0, 0), "Noisy", is_crisp=True)
PREDICTED = CanvasPicture("predicted", plain(0, 200, 0), "Predicted")


@pytest.fixture
def canvas(qtbot) -> StepCanvas:
    canvas = shown(qtbot, StepCanvas(), 900, 500)
    canvas.set_pictures([NOISY, PREDICTED])
    return canvas


def sheet(n: int, size: int = 4) -> np.ndarray:
    """A batch of which item i is of grey 10 i."""
    columns, rows = grid_of(n)
    made = np.zeros((rows * size, columns * size, 3), np.uint8)
    for index in range(n):
        row, column = divmod(index, columns)
        made[row * size : (row + 1) * size, column * size : (column + 1) * size] = 10 * index
    return made


def colour_at(canvas: StepCanvas, place: QPointF) -> tuple[int, ...]:
    return tuple(int(value) for value in picture_of(canvas)[round(place.y()), round(place.x())])


def test_every_picture_is_where_it_is_said_to_be(canvas) -> None:
    assert colour_at(canvas, canvas.picture_rect("noisy").center()) == (200, 0, 0)
    assert colour_at(canvas, canvas.picture_rect("predicted").center()) == (0, 200, 0)
    assert canvas.picture_rect("change") == QRectF()
    assert canvas.picture_rect("noisy") == canvas.content_rect()
    assert canvas.accessibleDescription() == "Noisy. Predicted"


def test_without_pictures_there_is_an_empty_sheet(canvas) -> None:
    canvas.set_pictures([])
    colour = QColor(theme().colour.field)
    assert colour_at(canvas, canvas.content_rect().center()) == (colour.red(), colour.green(), colour.blue())


def test_noise_stays_squares_and_a_belief_is_smoothed(canvas) -> None:
    halves = plain(0, 0, 0)
    halves[:, 4:] = 255
    canvas.set_pictures([CanvasPicture("noisy", halves, is_crisp=True), CanvasPicture("predicted", halves)])
    pixels = picture_of(canvas)
    for name, is_crisp in (("noisy", True), ("predicted", False)):
        rect = canvas.picture_rect(name).toRect()
        row = pixels[rect.center().y(), rect.left() + 4 : rect.right() - 4, 0]
        assert (len(np.unique(row)) == 2) == is_crisp


def test_a_picture_is_drawn_anew_only_when_it_changes(canvas) -> None:
    before = picture_of(canvas)
    canvas.set_pictures([NOISY, PREDICTED])
    assert (picture_of(canvas) == before).all()
    canvas.set_pictures([CanvasPicture("noisy", plain(0, 0, 200)), PREDICTED])
    assert colour_at(canvas, canvas.picture_rect("noisy").center()) == (0, 0, 200)


def test_a_click_on_a_small_picture_enlarges_it(canvas) -> None:
    said = heard(canvas.enlarge_requested)
    click(canvas, canvas.picture_rect("predicted").center())
    click(canvas, canvas.picture_rect("noisy").center())
    click(canvas, QPointF(2, 2))
    middle = canvas.picture_rect("predicted").center()
    drag(canvas, [middle, middle + QPointF(30, 0)])
    assert said == ["predicted"]


@pytest.mark.parametrize("n", [2, 3, 5, 16])
def test_every_item_of_a_batch_can_be_picked(canvas, n: int) -> None:
    said = heard(canvas.item_picked)
    canvas.set_pictures([CanvasPicture("noisy", sheet(n), "Noisy", is_crisp=True), PREDICTED], n)
    for index in range(n):
        centre = canvas.item_rect("noisy", index).center()
        assert colour_at(canvas, centre) == (10 * index,) * 3
        click(canvas, centre)
    assert said == list(range(n))
    assert len(items_of(sheet(n), n)) == n


def test_items_of_a_batch_lie_inside_and_apart(canvas) -> None:
    canvas.set_pictures([CanvasPicture("noisy", sheet(16), is_crisp=True)], 16)
    whole = canvas.picture_rect("noisy")
    rects = [canvas.item_rect("noisy", index) for index in range(16)]
    assert all(whole.contains(rect) for rect in rects)
    assert rects[1].left() - rects[0].right() == ITEM_GAP_PX


def test_keys_choose_from_a_batch(canvas) -> None:
    said, nudges = heard(canvas.item_picked), heard(canvas.nudged)
    canvas.set_pictures([CanvasPicture("noisy", sheet(5))], 5)
    canvas.setFocus()
    press(canvas, KEY.Key_Right, KEY.Key_Down, KEY.Key_Return, KEY.Key_Down, KEY.Key_Return, KEY.Key_Up, KEY.Key_Left)
    press(canvas, KEY.Key_Return)
    assert (said, nudges) == ([4, 4, 0], [])
    canvas.set_pictures([NOISY])
    press(canvas, KEY.Key_Right)
    assert nudges == [(1.0, 0.0)]


def test_a_picked_item_is_marked_and_telling_it_tells_nobody(canvas) -> None:
    said = heard(canvas.item_picked)
    canvas.set_pictures([CanvasPicture("noisy", sheet(4), is_crisp=True)], 4)
    before = picture_of(canvas)
    canvas.set_picked(2)
    assert said == []
    changed = np.argwhere((picture_of(canvas) != before).any(2))
    around = canvas.item_rect("noisy", 2).adjusted(-4, -4, 4, 4).toRect()
    assert len(changed)
    assert all(around.contains(QPoint(int(x), int(y))) for y, x in changed)


def test_what_lies_above_follows_the_canvas(canvas) -> None:
    above = QWidget(canvas)
    above.hide()
    moved = heard(canvas.layout_changed)
    canvas.add_overlay(above)
    assert not above.isVisible()
    canvas.resize(600, 400)
    assert above.geometry() == canvas.rect()
    assert moved
    canvas.add_overlay(lambda painter, rect: painter.fillRect(rect, QColor("#123456")))
    assert colour_at(canvas, canvas.picture_rect("noisy").center()) == (0x12, 0x34, 0x56)


def test_painters_above_get_a_painter_of_their_own(canvas) -> None:
    def shifts(painter: QPainter, rect: object) -> None:
        painter.translate(500, 500)

    canvas.add_overlay(shifts)
    canvas.add_overlay(lambda painter, rect: painter.fillRect(0, 0, 4, 4, QColor("#123456")))
    assert colour_at(canvas, QPointF(1, 1)) == (0x12, 0x34, 0x56)


def test_long_words_take_two_lines(canvas) -> None:
    one_line = canvas.picture_rect("noisy").height()
    long = "What the model believes that this picture will one day become " * 2
    canvas.set_pictures([NOISY, CanvasPicture("predicted", PREDICTED.pixels, long)])
    assert canvas.picture_rect("noisy").height() < one_line


@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 200, 3), (300, 300), (2000, 2000, 3)])
def test_pictures_of_any_size(canvas, shape: tuple[int, ...]) -> None:
    canvas.set_pictures([CanvasPicture("noisy", np.full(shape, 90, np.uint8), is_crisp=True)])
    assert colour_at(canvas, canvas.picture_rect("noisy").center()) == (90, 90, 90)
