"""The panel of a dreamt game under real hands: keys play, going back and pressing something else branches."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.diffusion.arcade.games.paddle import WALL
from plugins.diffusion.arcade.panel import run
from plugins.diffusion.arcade.panel.panel import ArcadePanel
from plugins.diffusion.arcade.state import KEYS, PICTURE, SEEN
from plugins.diffusion.family import FAMILY
from studio.compute.device import Device
from studio.core.recording.recording import Branch
from studio.registry.catalog import Catalog
from tests.panel_host import PanelHost

SIZE_PX = (1000, 700)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make_panel(qtbot, sync_worker, dispatcher):
    hosts, catalog = [], Catalog()

    def make():
        host = PanelHost(FAMILY, sync_worker, dispatcher, [model.card for model in catalog.list_models("diffusion")])
        hosts.append(host)
        handle = catalog.make_handle(catalog.find_model("diffusion/arcade").source, lambda: Device("cpu", "float32", 1))
        panel = ArcadePanel(handle, host)
        qtbot.addWidget(panel)
        panel.resize(*SIZE_PX)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make_panel):
    return make_panel()


def played(qtbot, panel, n_frames):
    """Wait until the run on the timeline has so many frames."""
    qtbot.waitUntil(lambda: panel.timeline.n_frames >= n_frames)


def pressed_keys(panel):
    return [int(frame.state[KEYS][-1]) for frame in panel.timeline.recording][1:]


@pytest.mark.long("opens a panel and draws with its model")
def test_it_opens_with_a_game_that_the_computer_plays(panel):
    assert panel.timeline.n_frames == panel.params().pictures
    assert panel.is_settled
    assert panel.snapshot().frame.step == panel.params().pictures - 1
    assert "Press ← or →" in panel.frame.caption.text()


@pytest.mark.long("opens a panel and draws with its model")
def test_an_arrow_key_takes_the_game_over_and_its_release_lets_go(panel, qtbot):
    first = panel.timeline.track
    last = panel.shown
    QTest.keyPress(panel.canvas, Qt.Key.Key_Right)
    assert panel.runs.is_played
    played(qtbot, panel, 4)
    QTest.keyRelease(panel.canvas, Qt.Key.Key_Right)
    n = panel.timeline.n_frames
    played(qtbot, panel, n + 3)
    panel.timeline.pause()
    keys = pressed_keys(panel)
    assert keys[:3] == [2, 2, 2]
    assert keys[-1] == 0
    recording = panel.timeline.recording
    assert recording.info.branch.parent_id == first.id
    assert np.array_equal(recording[0].views[PICTURE].pixels, last.views[PICTURE].pixels)
    assert not np.array_equal(recording[3].views[PICTURE].pixels, recording[0].views[PICTURE].pixels)


@pytest.mark.long("opens a panel and draws with its model")
def test_going_back_and_pressing_something_else_branches_and_keeps_both(panel, qtbot):
    panel.timeline.playback.seek(10)
    QTest.keyPress(panel.canvas, Qt.Key.Key_Left)
    played(qtbot, panel, 6)
    panel.timeline.pause()
    QTest.keyRelease(panel.canvas, Qt.Key.Key_Left)
    one = panel.timeline.track
    panel.timeline.playback.seek(2)
    QTest.keyPress(panel.canvas, Qt.Key.Key_Right)
    played(qtbot, panel, 5)
    panel.timeline.pause()
    assert panel.timeline.track.recording.info.branch == type(one.recording.info.branch)(one.id, 2)
    assert pressed_keys(panel)[0] == 2
    assert len(one.recording) >= 6
    panel.host.undo.undo()
    assert panel.timeline.track is one


@pytest.mark.long("opens a panel and draws with its model")
def test_the_same_keys_from_the_same_picture_dream_the_same(panel, qtbot):
    runs = []
    for _ in range(2):
        panel.timeline.show_track(panel.timeline.tracks[0])
        panel.timeline.playback.seek(20)
        QTest.keyPress(panel.canvas, Qt.Key.Key_Left)
        played(qtbot, panel, 4)
        panel.timeline.pause()
        QTest.keyRelease(panel.canvas, Qt.Key.Key_Left)
        runs.append([frame.state[SEEN] for frame in list(panel.timeline.recording)[:4]])
    assert all(np.array_equal(one, other) for one, other in zip(*runs, strict=True))


@pytest.mark.long("opens a panel and draws with its model")
def test_a_held_mouse_draws_the_paddle_there(panel, qtbot):
    rect = panel.canvas.content_rect()
    at = QPoint(round(rect.x() + 0.2 * rect.width()), round(rect.center().y()))
    QTest.mousePress(panel.canvas, LEFT, pos=at)
    played(qtbot, panel, 15)
    panel.timeline.pause()
    QTest.mouseRelease(panel.canvas, LEFT, pos=at)
    seen = panel.runs.game.read(panel.shown.views[PICTURE].pixels[None])[0]
    assert seen[2] == pytest.approx(0.2 * 64, abs=3)


def point_at(panel, x, y):
    """Where a pixel of the dreamt picture lies on the canvas."""
    rect = panel.canvas.content_rect()
    return QPoint(round(rect.x() + x / 64 * rect.width()), round(rect.y() + y / 64 * rect.height()))


@pytest.mark.long("opens a panel and draws with its model")
def test_what_is_painted_into_the_dream_is_gone_on_from_and_can_be_undone(panel, qtbot):
    panel.timeline.playback.seek(5)
    first, before = panel.timeline.track, panel.shown.views[PICTURE].pixels
    panel.play.tool.value_chosen.emit("wall")
    QTest.mousePress(panel.canvas, LEFT, pos=point_at(panel, 10, 40))
    QTest.mouseMove(panel.canvas, point_at(panel, 50, 40))
    QTest.mouseRelease(panel.canvas, LEFT, pos=point_at(panel, 50, 40))
    recording = panel.timeline.recording
    assert recording.info.branch == Branch(first.id, 5)
    assert len(recording) == 1
    shown = panel.shown.views[PICTURE].pixels
    assert np.all(shown[40, 12:48] == WALL)
    assert np.array_equal(shown[:36], before[:36])
    assert not panel.runs.is_playing
    QTest.keyPress(panel.canvas, Qt.Key.Key_Right)
    played(qtbot, panel, 3)
    panel.timeline.pause()
    QTest.keyRelease(panel.canvas, Qt.Key.Key_Right)
    assert np.array_equal(panel.timeline.recording[1].state[SEEN][1], shown)
    panel.host.undo.undo()
    assert panel.timeline.track is first
    assert np.array_equal(first.recording[5].views[PICTURE].pixels, before)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_game_that_nobody_plays_rests(panel, qtbot, monkeypatch):
    monkeypatch.setattr(run, "IDLE_PICTURES", 3)
    QTest.mousePress(panel.play.left, LEFT)
    played(qtbot, panel, 3)
    QTest.mouseRelease(panel.play.left, LEFT)
    qtbot.waitUntil(lambda: panel.is_settled)
    assert "Press ← or →" in panel.frame.caption.text()


@pytest.mark.long("opens a panel and draws with its model")
def test_the_true_game_stands_beside_it_on_wish(panel):
    before = panel.canvas.content_rect()
    QTest.mouseClick(panel.play.true, LEFT)
    assert len(panel.canvas.rects()) == 2
    QTest.mouseClick(panel.play.true, LEFT)
    assert panel.canvas.content_rect() == before


@pytest.mark.long("opens a panel and draws with its model")
def test_a_played_game_survives_json(panel, make_panel, qtbot):
    QTest.keyPress(panel.canvas, Qt.Key.Key_Right)
    played(qtbot, panel, 4)
    panel.timeline.pause()
    QTest.keyRelease(panel.canvas, Qt.Key.Key_Right)
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make_panel()
    other.set_state(state)
    assert other.state() == panel.state()
    assert np.array_equal(other.shown.views[PICTURE].pixels, panel.shown.views[PICTURE].pixels)


@pytest.mark.long("opens a panel and draws with its model")
def test_settings_begin_another_run_or_hold_from_the_next_picture_on(panel, qtbot):
    panel.begin_with.player.value_chosen.emit("nobody")
    assert set(pressed_keys(panel)) == {0}
    QTest.keyPress(panel.canvas, Qt.Key.Key_Right)
    played(qtbot, panel, 3)
    panel.timeline.pause()
    QTest.keyRelease(panel.canvas, Qt.Key.Key_Right)
    track = panel.timeline.track
    panel.begin_with.changed.emit("steps", 2)
    assert panel.timeline.track is track
    assert panel.params().steps == 2
