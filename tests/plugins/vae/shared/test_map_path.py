"""The path on the map under a real mouse and keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from plugins.vae.shared.panel.latent_map import LatentMap, MapPoints
from plugins.vae.shared.panel.map_path import KEY_STEP_PX
from tests.plugins.vae.shared.test_latent_map import LEFT, drag, move
from tests.widgets.hand import turn_wheel

# The map is 300 x 200 px for [-3, 3] x [-2, 2]: 50 px a unit.
DOTS = np.array([[-2, 0], [0, 1], [2, 0]], np.float32)
N_PIECES = 4


def line_through(dots, is_loop=False):
    """A straight route, cut into equal pieces."""
    ends = np.concatenate([dots, dots[:1]]) if is_loop else dots
    knots = np.arange(len(ends))
    at = np.linspace(0, len(ends) - 1, (len(ends) - 1) * N_PIECES + 1)
    return np.stack([np.interp(at, knots, ends[:, 0]), np.interp(at, knots, ends[:, 1])], axis=1)


@pytest.fixture
def latent_map(qtbot):
    latent_map = LatentMap(is_square=False)
    qtbot.addWidget(latent_map)
    latent_map.resize(300, 200)
    latent_map.show_points(MapPoints(np.zeros((1, 2), np.float32), ("Plain",)), (3.0, 2.0))
    latent_map.show()
    qtbot.waitExposed(latent_map)
    return latent_map


@pytest.fixture
def shown(latent_map):
    """The map with a path of three keyframes."""
    latent_map.show_path(line_through(DOTS), DOTS, False)
    return latent_map


@pytest.fixture
def said(latent_map):
    """What was said of the path and of the map, in order."""
    said: list[tuple[object, ...]] = []
    path = latent_map.path
    path.drawn.connect(lambda points, is_loop: said.append(("drawn", points, is_loop)))
    path.dot_chosen.connect(lambda index: said.append(("chosen", index)))
    path.dot_dragged.connect(lambda index, x, y: said.append(("dragged", index, round(x, 2), round(y, 2))))
    path.dot_inserted.connect(lambda number: said.append(("inserted", number)))
    path.dot_removed.connect(lambda index: said.append(("removed", index)))
    path.edit_started.connect(lambda: said.append(("started",)))
    path.edit_finished.connect(lambda: said.append(("finished",)))
    path.drawing_changed.connect(lambda is_drawing: said.append(("drawing", is_drawing)))
    latent_map.picked.connect(lambda *at: said.append(("picked",)))
    return said


def pixel(x, y):
    return QPoint(round(150 + 50 * x), round(100 - 50 * y))


def test_a_dot_is_dragged_and_nothing_is_picked(shown, said):
    drag(shown, pixel(0, 1), pixel(1, 1), LEFT)
    assert said[:2] == [("chosen", 1), ("started",)]
    assert said[-2:] == [("dragged", 1, 1.0, 1.0), ("finished",)]
    assert {event[0] for event in said} == {"chosen", "started", "dragged", "finished"}


def test_a_dot_dragged_out_of_the_map_stays_at_its_edge(shown, said):
    drag(shown, pixel(0, 1), QPoint(900, -900), LEFT)
    assert said[-2] == ("dragged", 1, 3.0, 2.0)


def test_a_click_on_a_dot_only_chooses_it(shown, said):
    QTest.mouseClick(shown, LEFT, pos=pixel(2, 0))
    assert said == [("chosen", 2)]
    assert shown.path.selected == 2


def test_a_press_on_the_line_inserts_and_drags_on(shown, said):
    dots = np.array([[-2, 0], [0, 1], [1, 0.5], [2, 0]], np.float32)
    shown.path.dot_inserted.connect(lambda number: shown.show_path(line_through(dots), dots, False))
    QTest.mousePress(shown, LEFT, pos=pixel(1, 0.5))
    assert said[0] == ("started",)
    assert said[1][0] == "inserted"
    assert said[1][1] == pytest.approx(1.5, abs=0.02)
    move(shown, pixel(1, 1.5), LEFT)
    QTest.mouseRelease(shown, LEFT, pos=pixel(1, 1.5))
    assert said[2:] == [("dragged", 2, 1.0, 1.5), ("finished",)]


def test_the_way_back_of_a_loop_takes_a_keyframe_at_the_end(latent_map, said):
    latent_map.show_path(line_through(DOTS, is_loop=True), DOTS, True)
    QTest.mouseClick(latent_map, LEFT, pos=pixel(-1, 0))
    assert said[1][1] == pytest.approx(2.75, abs=0.02)


def test_a_keyframe_that_was_refused_is_not_dragged(shown, said):
    drag(shown, pixel(1, 0.5), pixel(1, 1.5), LEFT)
    assert [event[0] for event in said] == ["started", "inserted", "finished"]
    assert shown.path.selected is None


def test_beside_the_path_the_map_picks_as_ever(shown, said):
    QTest.mouseClick(shown, LEFT, pos=pixel(0, -1))
    assert said == [("picked",)]
    assert shown.path.selected is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_takes_the_chosen_dot_out(shown, said, key):
    QTest.mouseClick(shown, LEFT, pos=pixel(2, 0))
    QTest.keyClick(shown, key)
    assert said == [("chosen", 2), ("removed", 2)]
    QTest.keyClick(shown, key)
    assert len(said) == 2


def test_a_double_click_takes_a_dot_out_and_leaves_the_zoom(shown, said):
    turn_wheel(shown, 1)
    zoom = shown._view.zoom
    QTest.mouseDClick(shown, LEFT, pos=QPointF(*shown._pixel(0, 1)).toPoint())
    assert said[-1] == ("removed", 1)
    assert "picked" not in {event[0] for event in said}
    assert shown._view.zoom == zoom


def test_arrows_move_the_chosen_dot_and_escape_gives_them_back(shown, said):
    QTest.keyClick(shown, Qt.Key.Key_PageDown)
    assert shown.path.selected == 0
    QTest.keyClick(shown, Qt.Key.Key_PageUp)
    assert shown.path.selected == 2
    QTest.keyClick(shown, Qt.Key.Key_Right)
    QTest.keyClick(shown, Qt.Key.Key_Up)
    step = round(KEY_STEP_PX / 50, 2)
    assert said == [("chosen", 0), ("chosen", 2), ("dragged", 2, 2 + step, 0.0), ("dragged", 2, 2.0, step)]
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    QTest.keyClick(shown, Qt.Key.Key_Right)
    assert said[-1] == ("picked",)


def test_without_a_path_keys_and_mouse_do_what_they_did(latent_map, said):
    QTest.keyClick(latent_map, Qt.Key.Key_PageDown)
    QTest.keyClick(latent_map, Qt.Key.Key_Delete)
    QTest.mouseClick(latent_map, LEFT, pos=pixel(0, 0))
    assert said == [("picked",)]


def test_a_stroke_becomes_a_path_of_few_points(latent_map, said):
    latent_map.path.set_drawing(True)
    QTest.mousePress(latent_map, LEFT, pos=pixel(-2, 0))
    for share in np.linspace(0, 1, 50):
        move(latent_map, pixel(-2 + 2 * share, share), LEFT)
    for share in np.linspace(0, 1, 50):
        move(latent_map, pixel(2 * share, 1 - share), LEFT)
    QTest.mouseRelease(latent_map, LEFT, pos=pixel(2, 0))
    assert [event[0] for event in said] == ["drawing", "drawing", "drawn"]
    _, points, is_loop = said[-1]
    points = np.array(points)
    assert 3 <= len(points) <= 8
    assert points[[0, -1]] == pytest.approx(np.array([[-2, 0], [2, 0]]), abs=0.05)
    assert points[:, 1] == pytest.approx(1 - np.abs(points[:, 0]) / 2, abs=0.05)
    assert not is_loop
    assert not latent_map.path.is_drawing


def test_a_ring_is_drawn_as_a_loop(latent_map, said):
    latent_map.path.set_drawing(True)
    angles = np.linspace(0, 2 * np.pi - 0.1, 80)
    QTest.mousePress(latent_map, LEFT, pos=pixel(1, 0))
    for angle in angles:
        move(latent_map, pixel(np.cos(angle), np.sin(angle)), LEFT)
    QTest.mouseRelease(latent_map, LEFT, pos=pixel(1, 0))
    assert said[-1][2]
    assert np.linalg.norm(said[-1][1], axis=1) == pytest.approx(np.ones(len(said[-1][1])), abs=0.05)


def test_a_click_draws_nothing_and_the_mode_stays(latent_map, said):
    latent_map.path.set_drawing(True)
    QTest.mouseClick(latent_map, LEFT, pos=pixel(0, 0))
    assert said == [("drawing", True)]
    QTest.keyClick(latent_map, Qt.Key.Key_Escape)
    assert said[-1] == ("drawing", False)


def test_while_drawing_the_old_path_is_in_nobodys_way(shown, said):
    shown.path.set_drawing(True)
    drag(shown, pixel(0, 1), pixel(2, -1), LEFT)
    assert [event[0] for event in said] == ["drawing", "drawing", "drawn"]


def test_the_pointer_says_what_a_click_would_do(shown):
    for at, shape, hint in (
        ((0, 1), Qt.CursorShape.SizeAllCursor, "Keyframe 2"),
        ((1, 0.5), Qt.CursorShape.PointingHandCursor, "add a keyframe"),
        ((0, -1), Qt.CursorShape.CrossCursor, ""),
    ):
        move(shown, pixel(*at))
        assert shown.cursor().shape() == shape
        assert hint in shown.path.hint(QPointF(pixel(*at)))


def test_a_dot_that_is_gone_is_no_longer_chosen(shown):
    shown.path.selected = 2
    shown.show_path(line_through(DOTS[:2]), DOTS[:2], False)
    assert shown.path.selected is None


@pytest.mark.parametrize("n", [0, 1])
def test_paths_without_a_way_are_shown(latent_map, said, n):
    latent_map.show_path(np.repeat(DOTS[:n], 1, axis=0), DOTS[:n], False)
    latent_map.grab()
    move(latent_map, pixel(-2, 0))
    QTest.mouseClick(latent_map, LEFT, pos=pixel(1, -1))
    assert said == [("picked",)]


def test_line_dots_and_ring_are_painted(latent_map):
    empty = latent_map.grab().toImage()
    latent_map.show_path(line_through(DOTS), DOTS, False)
    drawn = latent_map.grab().toImage()
    for at in (pixel(1, 0.5), pixel(0, 1), pixel(2, 0)):
        assert drawn.pixelColor(at) != empty.pixelColor(at)
    latent_map.path.show_current((1.0, -1.0))
    ring = latent_map.grab().toImage()
    beside = pixel(1, -1) + QPoint(8, 0)
    assert ring.pixelColor(beside) != drawn.pixelColor(beside)
    assert ring.pixelColor(pixel(1, -1)) == drawn.pixelColor(pixel(1, -1))
    latent_map.path.show_current(None)
    assert latent_map.grab().toImage() == drawn


def test_the_path_lies_on_its_places_when_the_map_is_zoomed(shown):
    turn_wheel(shown, 3)
    at = QPointF(*shown._pixel(0, 0.5))
    shown.show_path(line_through(DOTS * 0.5), DOTS * 0.5, False)
    assert "Keyframe 2" in shown.path.hint(at)
