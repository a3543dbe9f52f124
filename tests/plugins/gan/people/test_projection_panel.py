"""My picture in the panel: dropped, pasted or chosen, looked for on the timeline, wiped over, undone."""

from functools import partial

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFileDialog, QPushButton

from plugins.gan.people import frames
from plugins.gan.people.frames import ProjectionEffort
from studio.widgets.message_bar import Message
from tests.plugins.gan.people.people_hand import pull_over
from tests.widgets.hand import part

LEFT = Qt.MouseButton.LeftButton
N_STEPS = 1 + 2 + 3


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Look at few places, and take few steps: how well is the business of test_project_run."""
    monkeypatch.setattr(frames, "N_CANDIDATES", 16)
    monkeypatch.setattr(frames, "project", partial(frames.project, effort=ProjectionEffort(2, 3)))


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "Mein Bild ä.png"
    pixels = np.zeros((80, 120, 4), np.uint8)
    pixels[:, :60] = (200, 30, 40, 255)
    Image.fromarray(pixels).save(path)
    return path


def messages(panel):
    return [one.accessibleName() for one in panel.messages.findChildren(Message) if one.isVisible()]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_dropped_picture_is_looked_for_and_every_step_is_a_frame(people, own):
    before = people.editor.scene
    assert people.open_path(own)
    track = people.timeline.track
    assert track.recording.info.title == "My picture"
    assert len(track.recording) == N_STEPS
    scene = people.editor.scene
    assert np.allclose(scene.own_w, track.recording[-1].state["w"])
    assert scene.params.truncation == 1
    assert "%" in people.controls.project.text.text()
    assert people.controls.project.original.isVisible()
    assert people.host.undo.undo_title == "My picture"
    people.host.undo.undo()
    assert people.editor.scene is before
    people.host.undo.redo()
    assert people.editor.scene is scene


def test_scrubbing_shows_what_the_search_had_found_by_then(people, own):
    people.open_path(own)
    people.timeline.playback.seek(2)
    frame = people.timeline.track.recording[2]
    assert np.array_equal(people.snapshot().frame.main_view.pixels, frame.main_view.pixels)
    assert np.allclose(people.editor.scene.own_w, frame.state["w"])
    people.timeline.branch()
    assert len(people.timeline.track.recording) == 1
    assert np.array_equal(people.timeline.track.recording[0].main_view.pixels, frame.main_view.pixels)


def test_sliders_work_on_what_was_found(people, own):
    people.open_path(own)
    found = people.editor.scene.own_w
    people.editor.set_value("beard", "Beard", 2.0)
    assert np.array_equal(people.editor.scene.own_w, found)
    moved = people.position()["w"] - found
    assert np.allclose(moved[3:5], 1.0, atol=1e-4)
    assert np.allclose(np.delete(moved, (3, 4), 0), 0, atol=1e-4)


def test_transparency_is_white_and_the_middle_square_is_taken(people, own):
    people.open_path(own)
    target = people.controls.project._target
    assert target.shape == (64, 64, 3)
    assert target[32, 8].tolist() == [200, 30, 40]
    assert target[32, 56].tolist() == [255, 255, 255]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_pasted_and_a_chosen_picture_are_looked_for_as_well(people, own, monkeypatch):
    QGuiApplication.clipboard().setImage(QImage(str(own)))
    next(one for one in people.commands() if one.id == "gan.paste").run()
    assert people.host.undo.undo_title == "My picture"
    people.host.undo.undo()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(own), ""))
    QTest.mouseClick(part(people, QPushButton, "my_picture"), LEFT)
    assert people.editor.scene.own_w is not None


def test_what_is_no_picture_is_said(people, tmp_path):
    assert not people.open_path(tmp_path / "notes.txt")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    before = people.editor.scene
    assert people.open_path(broken)
    assert len(messages(people)) == 1
    assert people.editor.scene is before
    assert part(people, QPushButton, "my_picture").isVisible()
    QGuiApplication.clipboard().setText("no picture")
    QTest.mouseClick(part(people, QPushButton, "paste_picture"), LEFT)
    assert any("no picture on the clipboard" in one for one in messages(people))


@pytest.mark.long("opens a panel and draws with its model")
def test_the_wipe_lies_over_the_picture_and_its_divider_can_be_dragged(people, own):
    people.open_path(own)
    box = part(people, QCheckBox, "wipe_mine")
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    wipe = people.stage.wipe
    assert wipe.isVisible()
    assert not people.picture.isVisible()
    middle = wipe.picture_rect().center().toPoint()
    pull_over(wipe, middle, middle + QPoint(round(wipe.picture_rect().width() / 4), 0))
    assert wipe.divider == pytest.approx(0.75, abs=0.02)
    image = wipe.grab().toImage()
    ratio = image.devicePixelRatio()
    at = wipe.picture_rect()
    mine = image.pixelColor(round((at.x() + at.width() * 0.1) * ratio), round(at.center().y() * ratio))
    assert (mine.red(), mine.green(), mine.blue()) == pytest.approx((200, 30, 40), abs=3)
    people.editor.surprise()
    assert people.snapshot() is not None
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert people.picture.isVisible()


def run_until(worker, is_there):
    while not is_there():
        assert worker.step()


def test_stop_keeps_what_was_found_so_far(make_people, stepped_worker, own):
    panel = make_people(stepped_worker)
    stepped_worker.run_all()
    panel.open_path(own)
    run_until(
        stepped_worker, lambda: panel.controls.project.run.is_running and len(panel.timeline.track.recording) == 4
    )
    stop = part(panel, QPushButton, "stop_search")
    assert stop.isVisible()
    assert "Step 4 of 6" in panel.controls.project.text.text()
    QTest.mouseClick(stop, LEFT)
    stepped_worker.run_all()
    assert len(panel.timeline.track.recording) == 4
    assert np.allclose(panel.editor.scene.own_w, panel.timeline.track.recording[3].state["w"])
    assert panel.host.undo.undo_title == "My picture"
    assert not stop.isVisible()


def test_a_hand_that_moves_a_slider_meanwhile_ends_the_search_there(make_people, stepped_worker, own):
    panel = make_people(stepped_worker)
    stepped_worker.run_all()
    before = panel.editor.scene
    panel.open_path(own)
    run_until(
        stepped_worker, lambda: panel.controls.project.run.is_running and len(panel.timeline.track.recording) == 3
    )
    panel.editor.set_value("beard", "Beard", 1.0)
    assert not panel.controls.project.run.is_running
    stepped_worker.run_all()
    assert panel.editor.scene.values == {"beard": 1.0}
    panel.host.undo.undo()
    assert panel.editor.scene.values == {}
    assert panel.editor.scene.own_w is not None
    panel.host.undo.undo()
    stepped_worker.run_all()
    assert panel.editor.scene is before


def test_a_state_that_is_opened_meanwhile_forgets_the_search(make_people, stepped_worker, own):
    panel = make_people(stepped_worker)
    stepped_worker.run_all()
    state = panel.state()
    panel.open_path(own)
    run_until(
        stepped_worker, lambda: panel.controls.project.run.is_running and len(panel.timeline.track.recording) == 3
    )
    panel.set_state(state)
    stepped_worker.run_all()
    assert panel.editor.scene.own_w is None
    assert panel.host.undo.undo_title is None
    assert not part(panel, QPushButton, "stop_search").isVisible()


@pytest.mark.long("opens a panel and draws with its model")
def test_pictures_dropped_together_melt_into_each_other(people, own, tmp_path):
    other = tmp_path / "other.png"
    Image.fromarray(np.full((64, 64, 3), (30, 90, 200), np.uint8)).save(other)
    places: list[np.ndarray] = []
    people.controls.project.found.connect(places.append)
    assert people.open_pictures([own, other])
    path = people.timeline.paths.path
    assert [keyframe.position["w"].tolist() for keyframe in path.keyframes] == [place.tolist() for place in places]
    assert len(places) == 2
    assert people.timeline.track is None
    assert people.timeline.playback.is_playing
    assert people.open_path(other)  # one alone is no keyframe
    assert len(people.timeline.paths.path) == 2


@pytest.mark.long("opens a panel and draws with its model")
def test_the_carpet_around_a_face_has_the_face_in_its_middle(people):
    clip = people.around()
    list(clip.prepare())
    middle = clip.frame(clip.n_frames // 2)
    assert clip.columns**2 == clip.n_frames
    assert np.allclose(middle.state["w"], people.shown.state["w"], atol=1e-5)
    assert not np.allclose(clip.frame(clip.n_frames // 2 + 1).state["w"], middle.state["w"])
