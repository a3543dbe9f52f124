"""A scene in a window: real events on the canvas, the keys, the inspector."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.nerf.field.scene import CODEC
from plugins.nerf.shared.camera.viewpoint import seed_camera
from studio.api.panel import SliderRow
from studio.core.pausing import result_of
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Image
from studio.widgets.controls.slider_track import SliderTrack

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier


def drag(qtbot, panel, button=LEFT, way=(60, 20)):
    canvas = panel.canvas
    start = canvas.rect().center()
    with qtbot.waitSignal(panel.hand.stopped):
        QTest.mousePress(canvas, button, PLAIN, start)
        for share in (0.3, 0.6, 1.0):
            QTest.mouseMove(canvas, start + QPoint(round(way[0] * share), round(way[1] * share)))
        QTest.mouseRelease(canvas, button, PLAIN, start + QPoint(*way))


def pixels(panel):
    return panel._view.pixels


@pytest.mark.long("opens a panel and draws with its model")
def test_a_drag_turns_the_scene_and_undo_turns_it_back(panel, qtbot):
    before, eye = json.dumps(panel.state()), panel.editor.scene.camera.eye
    drag(qtbot, panel)
    assert not np.allclose(panel.editor.scene.camera.eye, eye, atol=1e-3)
    assert panel.host.undo.undo_title == "Move the camera"
    panel.host.undo.undo()
    assert json.dumps(panel.state()) == before
    assert panel.hand.navigator.camera.eye == pytest.approx(eye)
    assert not panel.host.undo.undo()


@pytest.mark.long("opens a panel and draws with its model")
def test_as_many_undos_as_moves_restore_the_first_view_also_while_it_still_glides(panel, qtbot):
    canvas, before = panel.canvas, json.dumps(panel.state())
    start = canvas.rect().center()
    for _ in range(3):
        QTest.mousePress(canvas, LEFT, PLAIN, start)
        QTest.mouseMove(canvas, start + QPoint(50, 10))
        QTest.mouseRelease(canvas, LEFT, PLAIN, start + QPoint(50, 10))
        qtbot.waitUntil(lambda: panel.host.undo.undo_title is not None)
        assert panel.hand.is_moving
        while panel.host.undo.undo():
            pass
        with qtbot.waitSignal(panel.hand.stopped):
            pass
        assert panel.host.undo.undo_title is None
        assert json.dumps(panel.state()) == before


@pytest.mark.long("opens a panel and draws with its model")
def test_the_picture_is_of_the_newest_camera_and_becomes_sharp(panel, qtbot):
    drag(qtbot, panel, RIGHT)
    qtbot.waitUntil(lambda: panel._view.is_final_kind and panel._view.fraction == 1)
    assert panel._view.request.camera is panel.editor.scene.camera
    assert panel._view.pixels.shape[:2] == tuple(reversed(panel.canvas.size_px()))
    assert panel.frame.caption.text()
    assert panel.overlays.card.text().strong


@pytest.mark.long("opens a panel and draws with its model")
def test_what_is_on_screen_can_be_saved_with_what_makes_it_again(panel, qtbot):
    drag(qtbot, panel)
    snapshot = panel.snapshot()
    assert isinstance(snapshot.frame.main_view, Image)
    height, width = snapshot.frame.main_view.pixels.shape[:2]
    assert (snapshot.params["width"], snapshot.params["height"]) == (width, height)
    assert snapshot.state["scene"] == CODEC.write(panel.editor.scene)
    assert panel.snapshot().frame is snapshot.frame


@pytest.mark.long("opens a panel and draws with its model")
@pytest.mark.parametrize(("index", "view"), list(enumerate(["colour", "depth", "normals", "density", "cost"])))
def test_keys_choose_what_is_drawn(panel, index, view):
    command = next(one for one in panel.commands() if one.id == f"nerf.view_{view}")
    assert command.keys == (str(index + 1),)
    command.run()
    assert panel.params().view == view
    assert panel._view.request.look.view == view
    assert panel.overlays.bar.value() == view


@pytest.mark.long("opens a panel and draws with its model")
def test_a_double_click_makes_the_surface_the_centre(panel, qtbot):
    middle = panel.canvas.rect().center()
    distance = panel._distance_at(middle.x(), middle.y())
    before = panel.editor.scene.camera
    assert distance is not None
    assert distance < before.distance
    with qtbot.waitSignal(panel.hand.stopped):
        QTest.mouseDClick(panel.canvas, LEFT, PLAIN, middle)
    after = panel.editor.scene.camera
    assert after.eye == pytest.approx(before.eye, abs=1e-3)
    assert after.distance == pytest.approx(distance, rel=0.05)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_double_click_into_the_void_changes_nothing(panel):
    QTest.mouseDClick(panel.canvas, LEFT, PLAIN, QPoint(3, 3))
    assert not panel.editor.scene.is_moved


@pytest.mark.long("opens a panel and draws with its model")
def test_a_click_with_alt_shows_the_ray(panel):
    QTest.mouseClick(panel.canvas, LEFT, ALT, panel.canvas.rect().center())
    assert panel.ray_desk._samples is not None
    assert panel.controls.ray.clear.isEnabled()
    panel.grab()
    QTest.mouseClick(panel.controls.ray.clear, LEFT)
    assert panel.ray_desk._samples is None


@pytest.mark.long("opens a panel and draws with its model")
def test_a_photo_is_flown_to_and_compared(panel, qtbot):
    assert panel.photo_desk.views is not None
    with qtbot.waitSignal(panel.hand.stopped):
        panel.photo_desk.step(1)
    assert panel.photo_desk.current == 0
    assert "dB" in panel.controls.photos.figures.text()
    panel.photo_desk._on_comparison_changed("side")
    assert panel.photo_desk.is_comparing
    panel.grab()
    drag(qtbot, panel)
    assert panel.photo_desk.current == -1
    assert not panel.photo_desk.is_comparing


@pytest.mark.long("opens a panel and draws with its model")
def test_the_line_of_a_wipe_is_dragged_where_it_is(panel, qtbot):
    with qtbot.waitSignal(panel.hand.stopped):
        panel.photo_desk.step(1)
    panel.photo_desk._on_comparison_changed("wipe")
    eye, rect = panel.editor.scene.camera.eye, panel.canvas.picture_rect()
    middle = round(rect.center().x()), round(rect.center().y())
    QTest.mouseMove(panel.canvas, QPoint(*middle))
    assert panel.canvas.cursor().shape() == Qt.CursorShape.SplitHCursor
    QTest.mousePress(panel.canvas, LEFT, PLAIN, QPoint(*middle))
    QTest.mouseMove(panel.canvas, QPoint(middle[0] + 60, middle[1]))
    QTest.mouseRelease(panel.canvas, LEFT, PLAIN, QPoint(middle[0] + 60, middle[1]))
    assert panel.photo_desk._place == pytest.approx(0.5 + 60 / rect.width(), abs=0.01)
    assert panel.controls.photos.place.value() == pytest.approx(100 * panel.photo_desk._place, abs=1)
    assert panel.editor.scene.camera.eye == pytest.approx(eye)
    assert panel.photo_desk.is_comparing


@pytest.mark.long("opens a panel and draws with its model")
def test_with_training_views_chosen_the_photos_stand_in_the_scene(panel, qtbot):
    with qtbot.waitSignal(panel.hand.stopped):
        panel.steering.set_mode("photos")
    without = panel.canvas.grab().toImage()
    drag(qtbot, panel, way=(120, 0))
    assert panel.canvas.grab().toImage() != without
    assert np.isfinite(panel.photo_desk._frusta._corners).any()


@pytest.mark.long("opens a panel and draws with its model")
def test_flying_and_orbiting_take_turns(panel):
    panel.steering.toggle_flight()
    assert panel.hand.navigator.mode == "fly"
    assert "w" in panel.canvas.taken_keys
    panel.steering.toggle_flight()
    assert "w" not in panel.canvas.taken_keys


@pytest.mark.long("opens a panel and draws with its model")
def test_sliders_of_the_camera_are_steps_of_undo(panel, qtbot):
    track = panel.findChild(SliderRow, "fov").findChild(SliderTrack)
    before = panel.editor.scene.camera.fov_y_rad
    QTest.keyClick(track, Qt.Key.Key_Right)
    assert panel.editor.scene.camera.fov_y_rad > before
    panel.host.undo.undo()
    assert panel.editor.scene.camera.fov_y_rad == before


@pytest.mark.long("opens a panel and draws with its model")
def test_baked_quality_rests_in_the_bricks(panel, qtbot):
    panel._on_quality_changed("baked")
    assert panel.params().quality == "baked"
    qtbot.waitUntil(lambda: panel._view.stage == "baked" and panel._view.fraction == 1)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_turntable_is_a_loop_on_the_timeline_and_ready_to_be_saved(panel):
    panel.set_params(replace(panel.params(), width=32, height=24))
    QTest.mouseClick(panel.take.turntable, LEFT)
    path = panel.timeline.paths.path
    assert path.is_loop
    assert path.duration_s == pytest.approx(4.0)
    assert panel.host.commands == ["studio.export"]
    panel.host.commands.clear()
    assert panel.clip().n_frames == 120


@pytest.mark.long("opens a panel and draws with its model")
def test_a_seed_is_a_viewpoint(panel):
    panel.editor.set_seed(9)
    assert panel.editor.scene.camera.eye == pytest.approx(seed_camera(panel.editor.facts.home, 9).eye)
    assert not panel.editor.scene.is_moved


@pytest.mark.long("opens a panel and draws with its model")
def test_our_scene_is_learnt_by_name(panel, qtbot):
    with qtbot.waitSignal(panel.training_requested) as asked:
        QTest.mouseClick(panel.controls.learn.learn, LEFT)
    assert asked.args[0] == "nerf/glossy"
    QTest.mouseClick(panel.controls.learn.photos, LEFT)
    assert panel.host.commands == ["studio.train"]
    panel.host.commands.clear()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_frame_of_a_path_is_shown_with_its_camera(panel):
    camera = seed_camera(panel.editor.facts.home, 4)
    frame = list(result_of(panel.handle._opened()).generate(panel.params(), camera.position()))[-1]
    panel.show_frame(frame)
    assert panel.editor.scene.camera.eye == pytest.approx(camera.eye)
    assert panel.snapshot().frame is frame
    assert panel.position()["rotation"] == pytest.approx(camera.rotation)


@pytest.mark.long("opens a panel and draws with its model")
def test_while_kernels_are_compiled_a_coarse_picture_turns(make_panel, sync_worker, monkeypatch, qtbot):
    begun = []
    monkeypatch.setattr("studio.widgets.kernel_compiler.are_kernels_ready", lambda module: False)
    monkeypatch.setattr("studio.widgets.kernel_compiler.KernelCompiler.begin", lambda self: begun.append(1))
    panel = make_panel(sync_worker)
    assert begun == [1]
    assert panel._view.stage == "slow"
    drag(qtbot, panel)
    assert panel._view.stage == "slow"
    panel._on_kernels_ready()
    qtbot.waitUntil(lambda: panel._view.stage != "slow")


@pytest.mark.long("opens a panel and draws with its model")
def test_a_training_on_the_timeline_that_is_over_shows_its_pictures(panel):
    frame = list(result_of(panel.handle._opened()).generate(panel.params()))[-1]
    recording = Recording(RunInfo("nerf/glossy", {}, 0, kind="training", state={"training": "0123456789ab"}))
    recording.append(frame)
    recording.finish()
    panel.timeline.take(recording)
    assert panel.learn_desk.is_training_shown
    assert panel.learn_desk.training_id == ""


@pytest.mark.long("opens a panel and draws with its model")
def test_a_tab_that_is_hidden_draws_nothing_and_goes_on_when_it_is_shown(panel, qtbot):
    panel.hide()
    assert not panel.loop._rest.isActive()
    before = panel._view
    panel.show()
    qtbot.waitUntil(lambda: panel._view is not before)


@pytest.mark.long("opens a panel and draws with its model")
def test_two_clicks_measure_and_a_known_length_sets_the_scale(panel, qtbot):
    qtbot.waitUntil(lambda: panel.is_settled)
    section, canvas = panel.marks_section, panel.canvas
    panel.marks_desk._hold("ruler")
    for offset in (QPoint(-20, 0), QPoint(20, 10)):
        QTest.mouseClick(canvas, LEFT, PLAIN, canvas.rect().center() + offset)
    ruler = panel.editor.scene.marks.ruler
    assert len(ruler) == 2
    places, _ = panel.editor.scene.camera.project(np.array(ruler), canvas.width(), canvas.height())
    middle = np.array([canvas.rect().center().x(), canvas.rect().center().y()])
    assert places == pytest.approx(np.array([[-20, 0], [20, 10]]) + middle, abs=1.5)
    assert "units of the scene" in section.words.text()
    section.length.value_typed.emit(3.0)
    assert section.words.text() == "3.00 m"
    while panel.host.undo.undo():
        pass
    assert panel.editor.scene.marks.ruler == ()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_note_stays_where_it_was_pinned_and_is_drawn(panel, qtbot):
    qtbot.waitUntil(lambda: panel.is_settled)
    canvas, middle = panel.canvas, panel.canvas.rect().center()
    plain = canvas.grab().toImage()
    panel.marks_desk._hold("note")
    number = panel.number
    QTest.keyClicks(panel.marks_section.note, "here")
    QTest.mouseClick(canvas, LEFT, PLAIN, middle)
    (note,) = panel.editor.scene.marks.notes
    assert panel.number == number  # nothing is drawn anew for what lies over the picture
    assert note.words == "here"
    assert canvas.grab().toImage() != plain
    drag(qtbot, panel)
    assert panel.editor.scene.marks.notes == (note,)
    QTest.mouseClick(panel.marks_section.back, LEFT)
    assert panel.editor.scene.marks.notes == ()
