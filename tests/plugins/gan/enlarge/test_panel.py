"""The panel that enlarges, with real clicks, keys and drops: what is shown, measured, kept and taken back."""

import json
import time
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from plugins.gan.enlarge.engine import EnlargeEngine
from plugins.gan.enlarge.panel.panel import EnlargePanel
from plugins.gan.enlarge.params import EnlargeParams
from plugins.gan.enlarge.scene import CODEC, EnlargeScene
from plugins.gan.enlarge.state import mixed, plainly_enlarged
from plugins.gan.family import FAMILY
from studio.core.card import Card
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.datasets.photos import Photos
from tests.panel_host import PanelHost
from tests.plugins.gan.enlarge.enlarge_made import DEVICE, made_networks, made_panel, photo_like, pixels_of

NAMES = ("abstract-spiral", "blue-periwinkle", "casa-mila", "extreme-desert-hike", "lake-sherburne", "tea-gardens")
CARD = Card("gan/enlarge", "Enlarge", "", "MIT", "", 1, more={"kind": "enlarge"})


@pytest.fixture
def make(qtbot, dispatcher, monkeypatch):
    """Makes a panel on a worker, with small examples; unexpected errors fail the test."""
    hosts = []
    photos = Photos(NAMES, tuple(photo_like(224, 240, seed) for seed in range(6)), False)
    monkeypatch.setattr("plugins.gan.enlarge.engine.load_examples", lambda: photos)

    def make_panel(worker):
        hosts.append(PanelHost(FAMILY, worker, dispatcher, [CARD]))
        return made_panel(qtbot, hosts[-1])

    yield make_panel
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make, sync_worker):
    """A panel whose work is done at once."""
    return make(sync_worker)


def segment_of(panel, name):
    return panel.compare.choice._segments[name]


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def turn_to(qtbot, panel, share):
    """Press the slider at a share of its length and let go; the run follows when the hand rests."""
    track = panel.vivid.slider._track
    at = QPoint(round(8 + share * (track.width() - 16)), track.height() // 2)
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=at)


def settle(qtbot, panel):
    qtbot.waitUntil(lambda: panel.is_settled)


def drawn(panel, vividness):
    faithful, vivid = panel.sheets.both.parts
    return mixed(faithful, vivid, vividness)


def test_it_opens_with_an_example_already_enlarged(panel):
    frame = panel.snapshot().frame
    last = list(whole_frames(EnlargeEngine(made_networks(), DEVICE).generate(EnlargeParams())))[-1]
    assert np.array_equal(pixels_of(frame), pixels_of(last))
    assert frame.step == frame.n_steps - 1
    assert panel.view.sheet.size == (240, 224)
    assert "240 x 224" in panel.frame.caption.accessibleName()
    assert panel.picture.examples[0].isChecked()


def test_left_is_bicubic_and_the_original_can_be_had(panel, qtbot):
    small = panel.sheets.source.small
    assert np.array_equal(panel.sheets.left.cut(0, 0, *panel.sheets.left.size), plainly_enlarged(small, "bicubic"))
    click(qtbot, segment_of(panel, "original"))
    assert np.array_equal(panel.sheets.left.parts[0], panel.sheets.source.large)
    assert panel.host.undo.undo_title
    panel.host.undo.undo()
    assert np.array_equal(panel.sheets.left.cut(0, 0, *panel.sheets.left.size), plainly_enlarged(small, "bicubic"))


def test_the_slider_shows_at_once_and_the_run_follows(panel, qtbot):
    turn_to(qtbot, panel, 1.0)
    assert panel.params().vividness == 1.0
    assert np.array_equal(panel.view.sheet.cut(0, 0, 240, 224), panel.sheets.both.parts[1])  # before any run
    settle(qtbot, panel)
    assert np.array_equal(pixels_of(panel.snapshot().frame), panel.sheets.both.parts[1])
    assert panel.timeline.recording.info.params["vividness"] == 1.0
    panel.host.undo.undo()
    assert panel.params().vividness == 0.5
    settle(qtbot, panel)
    assert np.array_equal(pixels_of(panel.snapshot().frame), drawn(panel, 0.5))


def test_the_timeline_stays_while_the_run_is_made_again(make, stepped_worker, qtbot):
    panel = make(stepped_worker)
    stepped_worker.run_all()
    n_frames, before = panel.timeline.n_frames, panel.timeline.recording
    panel.vivid.changed.emit("vividness", 0.9)
    qtbot.waitUntil(lambda: bool(stepped_worker.jobs()))
    stepped_worker.step()
    assert panel.timeline.recording is before
    assert panel.timeline.n_frames == n_frames
    assert not panel.is_settled
    stepped_worker.run_all()
    assert panel.is_settled
    assert panel.timeline.recording.info.params["vividness"] == 0.9
    assert np.array_equal(pixels_of(panel.snapshot().frame), drawn(panel, 0.9))


def test_figures_are_those_of_what_is_on_screen(panel, qtbot):
    cells = panel.near._cells
    first = cells["now"][1].text()
    assert first.endswith("dB")
    assert cells["now"][1].text() != cells["bicubic"][1].text()
    turn_to(qtbot, panel, 0.0)
    settle(qtbot, panel)
    assert cells["now"][1].text() == cells["faithful"][1].text()


@pytest.mark.long("opens a panel and draws with its model")
def test_another_example_is_one_step_that_can_be_taken_back(panel, qtbot):
    panel.view.set_zoom(3.0)
    click(qtbot, panel.picture.examples[3])
    assert panel.params().seed == 4
    assert panel.view.lens.zoom is None
    assert panel.picture.examples[3].isChecked()
    panel.host.undo.undo()
    assert panel.params().seed == 1
    assert panel.sheets.source.name == "abstract-spiral"


def test_a_dropped_picture_is_enlarged_whole(panel, tmp_path, qtbot):
    pixels, path = photo_like(20, 70), tmp_path / "mine.png"
    Image.fromarray(pixels).save(path)
    click(qtbot, segment_of(panel, "original"))
    assert panel.open_path(path)
    assert np.array_equal(panel.sheets.source.small, pixels)
    assert panel.view.sheet.size == (280, 80)
    assert not segment_of(panel, "original").isEnabled()
    assert panel.compare.choice.value() == "bicubic"
    assert not panel.near._table.isVisible()
    assert not any(button.isChecked() for button in panel.picture.examples)
    snapshot = panel.snapshot()
    assert pixels_of(snapshot.frame).shape == (80, 280, 3)
    assert snapshot.state["scene"]["name"] == "mine.png"
    panel.host.undo.undo()
    assert panel.sheets.source.large is not None


def test_a_large_picture_is_saved_in_full(panel, tmp_path, monkeypatch):
    monkeypatch.setattr("plugins.gan.enlarge.state.PREVIEW_PX", 20_000)
    path = tmp_path / "mine.png"
    Image.fromarray(photo_like(60, 70)).save(path)
    panel.open_path(path)
    assert pixels_of(panel.timeline.recording[0]).shape == (120, 140, 3)
    assert np.array_equal(pixels_of(panel.snapshot().frame), drawn(panel, 0.5))


def test_a_branch_leaves_the_run_of_an_own_picture_as_it_was(panel, tmp_path):
    path = tmp_path / "mine.png"
    Image.fromarray(photo_like(20, 70)).save(path)
    panel.open_path(path)
    parent = panel.timeline.track
    last = pixels_of(parent.recording[-1])
    panel.timeline.playback.seek(0)
    panel.timeline.branch()
    assert panel.timeline.track.id != parent.id
    assert np.array_equal(pixels_of(panel.timeline.tracks.find(parent.id).recording[-1]), last)
    assert panel.editor.scene.picture.shape == (20, 70, 3)


@pytest.mark.parametrize(("size", "words"), [((4000, 3000), "megapixels"), (None, "picture")])
def test_what_cannot_be_enlarged_gives_a_sentence(panel, tmp_path, monkeypatch, size, words):
    memory = psutil.virtual_memory()._replace(available=1_000_000_000)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    path = tmp_path / "mine.png"
    if size is None:
        path.write_bytes(b"no picture at all")
    else:
        Image.new("L", size).save(path)
    before = panel.state()
    assert panel.open_path(path)
    assert panel.messages.keys() == ["error"]
    assert words in panel.messages._messages["error"].accessibleName()
    assert panel.state() == before


@pytest.mark.long("opens a panel and draws with its model")
def test_a_large_picture_is_remembered_by_its_file(panel, tmp_path, monkeypatch):
    monkeypatch.setattr("plugins.gan.enlarge.panel.panel.MAX_SAVED_PX", 1000)
    monkeypatch.setattr("plugins.gan.enlarge.scene.MAX_SAVED_PX", 1000)
    path = tmp_path / "mine.png"
    Image.fromarray(photo_like(40, 50)).save(path)
    panel.open_path(path)
    kept = json.loads(json.dumps(panel.memory()))
    assert (kept["file"], kept["scene"]["picture"]) == (str(path), None)
    panel.editor.take_example(0)
    panel.recall(kept)
    assert np.array_equal(panel.editor.scene.picture, photo_like(40, 50))


def test_one_pixel_is_enlarged(panel, tmp_path):
    path = tmp_path / "one.png"
    Image.new("RGBA", (1, 1), (10, 20, 30, 90)).save(path)
    panel.open_path(path)
    assert pixels_of(panel.snapshot().frame).shape == (4, 4, 3)
    assert panel.messages.keys() == ["note 0"]
    panel.grab()


def test_other_files_are_left_to_others(panel, tmp_path):
    assert not panel.open_path(tmp_path / "scene.npz")


def test_paste_takes_the_clipboard(panel):
    from studio.api.panel import image_from_array

    pixels = photo_like(12, 18)
    QGuiApplication.clipboard().setImage(image_from_array(pixels))
    next(one for one in panel.commands() if one.id == "gan.enlarge_paste").run()
    assert np.array_equal(panel.sheets.source.small, pixels)
    QGuiApplication.clipboard().clear()
    panel.own.paste()
    assert panel.messages.keys() == ["error"]


def test_scrubbing_shows_the_picture_half_drawn(panel):
    panel.timeline.playback.seek(0)
    assert np.array_equal(panel.view.sheet.parts[0], plainly_enlarged(panel.sheets.source.small, "bicubic"))
    assert "part" in panel.frame.caption.text()
    panel.timeline.playback.seek(panel.timeline.n_frames - 1)
    assert np.array_equal(panel.view.sheet.cut(0, 0, 240, 224), drawn(panel, 0.5))


def test_the_comparison_is_there_before_the_run_is_over(make, stepped_worker):
    panel = make(stepped_worker)
    while panel.sheets.left is None:
        assert stepped_worker.step()
    assert panel.sheets.both is None
    stepped_worker.run_all()
    assert panel.sheets.both is not None


def test_a_picture_of_many_parts_says_how_long_it_takes(make, stepped_worker, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    panel = make(stepped_worker)
    said = []
    while stepped_worker.step():
        recording: Any = panel.timeline.recording or ()
        now[0] = 40.0 * len(recording)  # seconds for each part
        if "minutes left." in panel.frame.caption.text():
            n_left = recording[-1].n_steps - len(recording)
            said.append(
                (panel.frame.caption.text().rpartition("About ")[2], f"{round(n_left * 40 / 60)} minutes left.")
            )
    assert len(said) > 2
    assert all(left == true for left, true in said)
    assert "left." not in panel.frame.caption.text()


def test_a_run_can_be_stopped_and_another_picture_begun(make, stepped_worker, qtbot):
    panel = make(stepped_worker)
    while panel.snapshot() is None:
        stepped_worker.step()
    panel.timeline.stop_current()
    click(qtbot, panel.picture.examples[1])
    stepped_worker.run_all()
    assert panel.sheets.source.name == "blue-periwinkle"
    assert panel.sheets.both is not None


def is_half_done(panel: EnlargePanel) -> bool:
    return panel.sheets.both is None


@pytest.mark.parametrize("how", ["drop", "slider"])
def test_a_picture_that_was_stopped_goes_on_in_sight(make, stepped_worker, tmp_path, qtbot, how):
    panel = make(stepped_worker)
    path = tmp_path / "mine.png"
    Image.fromarray(photo_like(90, 140)).save(path)
    panel.open_path(path)
    while panel.editor.scene.picture is None or len(panel.timeline.recording) < 3:
        assert stepped_worker.step()
    panel.timeline.stop_current()
    stepped_worker.run_all()
    assert is_half_done(panel)
    if how == "drop":
        panel.open_path(path)
        stepped_worker.step()
    else:
        turn_to(qtbot, panel, 0.9)
    qtbot.waitUntil(stepped_worker.step)
    qtbot.waitUntil(lambda: panel.timeline.is_growing or not stepped_worker.step())
    assert panel.timeline.is_growing
    stepped_worker.run_all()
    assert not is_half_done(panel)
    assert panel.timeline.n_frames == panel.timeline.recording[-1].n_steps


def test_buttons_and_keys_look_at_the_picture(panel, qtbot):
    click(qtbot, panel.compare.full)
    assert panel.view.lens.zoom == pytest.approx(1 / panel.devicePixelRatioF())
    click(qtbot, panel.compare.fit)
    assert panel.view.lens.zoom is None
    click(qtbot, panel.compare.swap)
    assert panel.view.divider == 0
    click(qtbot, panel.compare.swap)
    assert panel.view.divider == 1
    click(qtbot, panel.picture.save)
    assert panel.host.commands == ["studio.export"]
    panel.host.commands.clear()
    assert all(command.id.startswith("gan.") for command in panel.commands())


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_brings_everything_back(panel, make, sync_worker, tmp_path):
    path = tmp_path / "mine.png"
    Image.fromarray(photo_like(20, 70)).save(path)
    panel.open_path(path)
    panel.vivid.changed.emit("vividness", 0.8)
    panel.view.set_divider(0.3)
    panel.view.set_zoom(5.0)
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make(sync_worker)
    other.set_state(state)
    assert other.state() == panel.state()
    assert np.array_equal(pixels_of(other.snapshot().frame), drawn(panel, 0.8))


@pytest.mark.parametrize(
    "wrong",
    [
        {"divider": 2},
        {"divider": "half"},
        {"zoom": -1},
        {"zoom": 1e9},
        {"centre": [0.5]},
        {"centre": None},
        {"scene": {}},
        {"scene": None},
        {"is_caption_hidden": 1},
        {"more": 1},
    ],
)
def test_a_wrong_state_changes_nothing(panel, wrong):
    before = panel.state()
    with pytest.raises(UserError):
        panel.set_state({**before, **wrong})
    assert panel.state() == before


@pytest.mark.parametrize(
    "wrong",
    [{"compared": "magic"}, {"picture": "!"}, {"picture": 5}, {"name": "n" * 300}, {"params": {"seed": -1}}, {"x": 1}],
)
def test_a_wrong_scene_is_refused(wrong):
    values = {**CODEC.write(EnlargeScene()), **wrong}
    with pytest.raises(UserError):
        CODEC.read(values)


def test_a_scene_survives_json():
    scene = EnlargeScene(EnlargeParams(seed=3, vividness=0.2), photo_like(5, 4), "mine", "lanczos")
    back = CODEC.read(json.loads(json.dumps(CODEC.write(scene))))
    assert back.is_same_picture(scene)
    assert (back.params, back.name, back.compared) == (scene.params, "mine", "lanczos")
    assert not back.is_same_picture(EnlargeScene(scene.params))


@pytest.mark.long("opens a panel and draws with its model")
def test_surprise_is_another_example(panel):
    for _ in range(2):
        before = panel.params().seed
        next(one for one in panel.commands() if one.id == "gan.enlarge_surprise").run()
        assert panel.params().seed != before
        assert 1 <= panel.params().seed <= 6
