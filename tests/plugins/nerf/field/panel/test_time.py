"""A scene that moves in a window: its time by hand and by itself, in places, photos and files."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.nerf.field.bake.bake import BakeSettings
from plugins.nerf.field.bake.bricks import BakedMoments, moments
from plugins.nerf.field.engine import FieldEngine
from plugins.nerf.field.model.weights import count_params, save_field
from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.photos.pack import pack_photos
from plugins.nerf.shared.camera.viewpoint import completed, turntable
from studio.api.engine import ModelSource
from studio.compute.device import Device
from studio.core.frame import whole_frames
from studio.core.view import Image
from tests.plugins.nerf.field.analytic import ball_occupancy
from tests.plugins.nerf.field.made_field import MOVING, make_config, make_weights
from tests.plugins.nerf.field.made_scene import photos_of_ball

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
DEVICE = Device("cpu", "float32", 2)
RENDERER = "plugins.nerf.field.render.renderer"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moving")
    config, photos = make_config(**MOVING), photos_of_ball()
    weights = make_weights(config, 1)
    weights.density[-1][0] = 6 * np.abs(weights.density[-1][0])
    save_field(folder / "ball.safetensors", config, weights, ball_occupancy(0.7, np.zeros(3, np.float32), 16))
    times = np.linspace(0, 1, len(photos)).astype(np.float32)
    (folder / "views.npz").write_bytes(pack_photos(replace(photos, given_time=times)))
    card = {"photos": "views.npz", "n_params": count_params(weights), "config": asdict(config)}
    return ModelSource("nerf/moving", folder / "ball.safetensors", card)


@pytest.fixture
def moving(make_panel, sync_worker, kernels_are_ready, source, monkeypatch):
    monkeypatch.setattr(f"{RENDERER}.MOMENT_BAKING", BakeSettings(stages=(24,), n_directions=8))
    monkeypatch.setattr(f"{RENDERER}.moments", lambda: moments(3))
    return make_panel(sync_worker, source)


def commands(panel):
    return {command.id: command for command in panel.commands()}


@pytest.mark.long("opens a panel and draws with its model")
def test_what_stands_still_has_no_time(panel):
    assert panel.controls.time.isHidden() or not panel.controls.time.isVisible()
    assert "time" not in panel.position()
    assert "nerf.play_time" not in commands(panel)


@pytest.mark.long("opens a panel and draws with its model")
def test_the_slider_shows_another_moment_and_undo_brings_it_back(moving, qtbot):
    qtbot.waitUntil(lambda: moving.is_settled)
    before = moving._view.pixels
    row = moving.controls.time._sliders["time"]
    row.edit_started.emit()
    row.value_changed.emit(1.0)
    row.edit_finished.emit()
    assert moving.params().time == 1.0
    assert moving.position()["time"].tolist() == [1.0]
    qtbot.waitUntil(lambda: moving.is_settled)
    assert (moving._view.pixels != before).any()
    moving.host.undo.undo()
    assert moving.params().time == 0.0


@pytest.mark.long("opens a panel and draws with its model")
def test_time_goes_by_while_a_hand_turns_the_scene(moving, qtbot):
    qtbot.waitUntil(lambda: not moving.baking.is_on)
    QTest.mouseClick(moving.controls.time.play, LEFT)
    assert moving.controls.time.play.text() == "Stop"
    canvas, eye = moving.canvas, moving.editor.scene.camera.eye
    start = canvas.rect().center()
    with qtbot.waitSignal(moving.hand.stopped):
        QTest.mousePress(canvas, LEFT, PLAIN, start)
        QTest.mouseMove(canvas, start + QPoint(60, 20))
        QTest.mouseRelease(canvas, LEFT, PLAIN, start + QPoint(60, 20))
    assert moving.time_desk.is_playing
    assert not np.allclose(moving.editor.scene.camera.eye, eye, atol=1e-3)
    qtbot.waitUntil(lambda: moving._view.request.time > 0.02)
    commands(moving)["nerf.play_time"].run()
    shown = moving.params().time
    assert not moving.time_desk.is_playing
    qtbot.waitUntil(lambda: moving.is_settled)
    assert moving.params().time == shown == moving._view.request.time
    assert moving._view.stage == "network"


@pytest.mark.long("opens a panel and draws with its model")
def test_nothing_moves_unseen(moving, qtbot):
    commands(moving)["nerf.play_time"].run()
    moving.hide()
    assert not moving.time_desk.is_playing


@pytest.mark.long("opens a panel and draws with its model")
def test_a_photo_is_seen_at_its_own_time(moving, qtbot):
    qtbot.waitUntil(lambda: moving.photo_desk.views is not None)
    with qtbot.waitSignal(moving.hand.stopped):
        moving.photo_desk.go_to(4)
    assert moving.params().time == pytest.approx(4 / 11)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_place_of_a_path_has_its_time(moving):
    path = completed(turntable(moving.editor.scene.camera, 2.0), moving.rules(), moving.editor.scene.params)
    scene = moving.placed(path.position_at(0.5 * path.duration_s))
    assert scene.params.time == pytest.approx(0.5, abs=0.01)
    assert scene.is_moved
    assert moving.timeline.can_keyframe


def test_a_picture_is_of_the_time_of_its_place_else_of_the_settings(source):
    engine, params = FieldEngine.open(source, DEVICE), FieldParams(width=48, height=32, time=0.25)
    own = list(whole_frames(engine.generate(params)))[-1]
    assert own.state is not None
    assert own.state["time"].tolist() == [0.25]
    start = {**own.state, "pass": np.array(0)}
    later = list(whole_frames(engine.generate(replace(params, time=1.0), start)))[-1]
    pixels = [one.main_view.pixels for one in (own, later) if isinstance(one.main_view, Image)]
    assert len(pixels) == 2
    assert (pixels[0] == pixels[1]).all()


def test_moments_come_far_apart_first_and_the_nearest_is_drawn():
    times = moments(9)
    assert times[:3] == [0.0, 1.0, 5 / 8]
    assert sorted(times) == [number / 8 for number in range(9)]
    baked = BakedMoments()
    assert baked.nearest(0.3) is None
