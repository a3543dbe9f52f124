"""The path between map, inspector and timeline: drawn, edited, walked at random, taken back."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from studio.core.path.keyframe import MAX_KEYFRAMES, Keyframe, KeyframePath
from tests.plugins.vae.shared.test_latent_map import LEFT, drag, move
from tests.plugins.vae.shared.test_panel import z_of


def pixel(panel, x, y):
    return QPointF(*panel.controls.map._pixel(x, y)).toPoint()


def draw(panel, *places):
    """Draw a stroke through places of the map, given in shares of its extent."""
    extent = np.array(panel.editor.atlas.extent)
    panel.controls.path.draw.click()
    way = np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(places)]) * extent
    QTest.mousePress(panel.controls.map, LEFT, pos=pixel(panel, *way[0]))
    for place in way:
        move(panel.controls.map, pixel(panel, *place), LEFT)
    QTest.mouseRelease(panel.controls.map, LEFT, pos=pixel(panel, *way[-1]))


CORNER = (-0.6, 0.0), (0.0, 0.6), (0.6, 0.0)


def path_of(panel):
    return panel.timeline.paths.path


def on_map(panel):
    return panel.editor.atlas.on_map(np.stack([k.position["z"] for k in path_of(panel).keyframes]))


@pytest.fixture
def drawn(digit_panel):
    """A panel with three places drawn on its map, in a space of two dimensions."""
    places = np.array(CORNER) * digit_panel.editor.atlas.extent
    digit_panel.controls.map.path.drawn.emit([tuple(place) for place in places.tolist()], False)
    return digit_panel


@pytest.mark.parametrize("kind", ["digit_panel", "panel"])
def test_a_drawn_stroke_is_the_path(request, kind):
    drawn = request.getfixturevalue(kind)
    draw(drawn, *CORNER)
    path, shares = path_of(drawn), on_map(drawn) / drawn.editor.atlas.extent
    assert shares[[0, -1]] == pytest.approx(np.array([CORNER[0], CORNER[2]]), abs=0.03)
    assert shares[:, 1] == pytest.approx(0.6 - np.abs(shares[:, 0]), abs=0.03)
    assert not path.is_loop
    assert drawn.timeline.n_frames == path.n_frames(30)
    assert np.array_equal(z_of(drawn), path.keyframes[0].position["z"])
    assert not drawn.controls.path.draw.isChecked()
    drawn.host.undo.undo()
    assert len(path_of(drawn)) == 0


@pytest.mark.parametrize("kind", ["digit_panel", "panel"])
def test_a_drawn_path_goes_as_it_was_drawn(request, kind):
    """The route stays on the plane and near the stroke, through the middle of the space too."""
    drawn = request.getfixturevalue(kind)
    extent = np.array(drawn.editor.atlas.extent)
    draw(drawn, (-0.8, -0.4), (0.8, 0.4))
    path, atlas = path_of(drawn), drawn.editor.atlas
    route = atlas.on_map(path.route.at_all(path.route.stops(20))["z"]) / extent
    assert route[:, 1] == pytest.approx(route[:, 0] / 2, abs=0.03)
    assert (np.diff(route[:, 0]) > 0).all()


def test_the_hand_is_as_fast_everywhere(drawn):
    durations = [keyframe.duration_s for keyframe in path_of(drawn).keyframes[:2]]
    assert durations[0] == pytest.approx(durations[1], rel=0.1)
    assert sum(durations) == pytest.approx(5 * 0.6 * np.sqrt(2), rel=0.1)  # five seconds across the map


def test_a_drawn_ring_loops_and_plays_as_one(digit_panel):
    angles = np.linspace(0, 2 * np.pi - 0.1, 40)
    draw(digit_panel, *np.stack([0.6 * np.cos(angles), 0.6 * np.sin(angles)], axis=1))
    assert path_of(digit_panel).is_loop
    assert digit_panel.controls.path.loop.isChecked()
    assert digit_panel.timeline.playback.loop == "loop"


def test_a_dragged_dot_is_one_step_and_shows_its_picture(drawn):
    before = path_of(drawn)
    x, y = on_map(drawn)[1]
    drag(drawn.controls.map, pixel(drawn, x, y), pixel(drawn, x, -y), LEFT)
    after = path_of(drawn)
    assert on_map(drawn)[1] == pytest.approx([x, -y], abs=0.1)
    assert np.array_equal(z_of(drawn), after.keyframes[1].position["z"])
    drawn.host.undo.undo()
    assert path_of(drawn) is before


def test_what_the_map_does_not_show_of_a_keyframe_stays(panel):
    there = Keyframe({"z": np.array([0.1, 0.2, 0.7, -0.4], np.float32)})
    panel.timeline.paths.show(KeyframePath((there, there), {"z": "spherical"}))
    x, y = on_map(panel)[1]
    drag(panel.controls.map, pixel(panel, x, y), pixel(panel, x + 0.3, y), LEFT)
    atlas, z = panel.editor.atlas, path_of(panel).keyframes[1].position["z"]
    back = atlas.from_map(float(x), float(y), z)
    assert back == pytest.approx(np.array([0.1, 0.2, 0.7, -0.4]), abs=1e-5)


def test_a_click_on_the_line_adds_a_keyframe_there(drawn):
    before = path_of(drawn)
    place = drawn.editor.atlas.on_map(before.route.at(0.5)["z"])
    QTest.mouseClick(drawn.controls.map, LEFT, pos=pixel(drawn, *place))
    assert len(path_of(drawn)) == len(before) + 1
    assert on_map(drawn)[1] == pytest.approx(place, abs=0.03 * float(max(drawn.editor.atlas.extent)))
    assert path_of(drawn).duration_s == pytest.approx(before.duration_s)
    drawn.host.undo.undo()
    assert path_of(drawn) is before


def test_a_dot_is_taken_out_and_comes_back(drawn):
    QTest.mouseDClick(drawn.controls.map, LEFT, pos=pixel(drawn, *on_map(drawn)[1]))
    assert len(path_of(drawn)) == 2
    drawn.host.undo.undo()
    assert len(path_of(drawn)) == 3


def test_choosing_a_dot_goes_there(drawn):
    QTest.mouseClick(drawn.controls.map, LEFT, pos=pixel(drawn, *on_map(drawn)[2]))
    assert np.array_equal(z_of(drawn), path_of(drawn).keyframes[2].position["z"])
    assert drawn.timeline.playback.index == drawn.timeline.n_frames - 1
    assert drawn.controls.path.segment.text() == "2 to 3"


def test_the_ring_and_the_segment_follow_the_playhead(drawn):
    ring = drawn.controls.map.path
    drawn.timeline.playback.seek(0)
    assert ring._current == pytest.approx(on_map(drawn)[0], abs=1e-4)
    drawn.timeline.playback.seek(drawn.timeline.n_frames - 1)
    assert ring._current == pytest.approx(on_map(drawn)[-1], abs=1e-4)
    assert drawn.controls.path.segment.text() == "2 to 3"


def test_a_random_walk_plays_in_a_loop(panel):
    panel.controls.path.walk.click()
    path = path_of(panel)
    assert (len(path), path.is_loop, path.duration_s) == (8, True, pytest.approx(12))
    assert panel.timeline.playback.is_playing
    assert panel.timeline.playback.loop == "loop"
    panel.timeline.pause()
    panel.controls.path.walk.click()
    assert not np.array_equal(path_of(panel).keyframes[0].position["z"], path.keyframes[0].position["z"])
    panel.timeline.pause()


def choose(box, value):
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_the_section_edits_the_path_and_every_edit_is_a_step(drawn):
    section, before = drawn.controls.path, path_of(drawn)
    drawn.timeline.playback.seek(0)
    choose(section.curve, "linear")
    assert path_of(drawn).curve == "linear"
    choose(section.easing, "in_out")
    assert path_of(drawn).keyframes[0].easing == "in_out"
    section.duration_typed.emit(0.5)
    assert path_of(drawn).keyframes[0].duration_s == 0.5
    section.whole_typed.emit(8.0)
    assert path_of(drawn).duration_s == pytest.approx(8)
    section.loop.click()
    assert path_of(drawn).is_loop
    for _ in range(5):
        drawn.host.undo.undo()
    assert path_of(drawn) is before
    assert section.curve.currentText() == "Smooth"


def test_the_round_course_takes_the_familys_rules(drawn):
    assert path_of(drawn).rules == {"z": "linear"}
    choose(drawn.controls.path.curve, "spherical")
    assert path_of(drawn).rules == {"z": "spherical"}


def test_constant_speed_is_measured_and_taken_back(drawn, qtbot):
    drawn.controls.path.pace.click()
    qtbot.waitUntil(lambda: path_of(drawn).is_paced and not path_of(drawn).needs_pace)
    assert drawn.controls.path.pace.isChecked()
    qtbot.waitUntil(lambda: drawn.timeline.path_run.is_complete)
    drawn.controls.path.pace.click()
    assert not path_of(drawn).is_paced


def test_a_moved_keyframe_is_measured_again(drawn, qtbot):
    drawn.controls.path.pace.click()
    qtbot.waitUntil(lambda: path_of(drawn).is_paced and not path_of(drawn).needs_pace)
    pace = path_of(drawn).pace
    x, y = on_map(drawn)[1]
    drag(drawn.controls.map, pixel(drawn, x, y), pixel(drawn, x / 2, -y), LEFT)
    qtbot.waitUntil(lambda: not path_of(drawn).needs_pace and path_of(drawn).pace != pace)


def test_clearing_takes_the_path_off_map_and_timeline(drawn):
    drawn.controls.path.clear.click()
    assert len(path_of(drawn)) == 0
    assert path_of(drawn).rules == {"z": "spherical"}
    assert drawn.controls.map.path._current is None
    assert drawn.timeline.n_frames == 0
    drawn.host.undo.undo()
    assert len(path_of(drawn)) == 3


def test_too_many_keyframes_are_told(digit_panel):
    ends = np.array([[-1, 0], [1, 0]], np.float32)
    keyframes = tuple(Keyframe({"z": end}) for end in ends) * (MAX_KEYFRAMES // 2)
    digit_panel.timeline.paths.show(KeyframePath(keyframes, {"z": "linear"}, "linear"))
    QTest.mouseClick(digit_panel.controls.map, LEFT, pos=pixel(digit_panel, 0.3, 0))
    assert len(path_of(digit_panel)) == MAX_KEYFRAMES
    assert digit_panel.messages.keys() == ["error"]
    digit_panel.timeline.paths.show(KeyframePath((), {"z": "linear"}))  # before so many pictures are drawn


def test_arrow_keys_move_a_chosen_keyframe(drawn):
    QTest.keyClick(drawn.controls.map, Qt.Key.Key_PageDown)
    before = on_map(drawn)[0]
    QTest.keyClick(drawn.controls.map, Qt.Key.Key_Right)
    assert on_map(drawn)[0][0] > before[0]
    assert on_map(drawn)[0][1] == pytest.approx(before[1], abs=1e-5)
