"""Taking a field home from its panel: real clicks, real files, paths that are dropped and saved."""

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from plugins.nerf.field.panel.take_presenter import DETAIL
from plugins.nerf.foreign.splats.reader import read_splats
from plugins.nerf.shared.camera.viewpoint import path_through
from tests.plugins.nerf.foreign.test_camera_path import NGP_FILE


@pytest.fixture(autouse=True)
def few_pixels(monkeypatch):
    for name in ("SIDE_PX", "FEW_PX"):
        monkeypatch.setattr(f"plugins.nerf.field.take.taking.{name}", 24)


@pytest.fixture
def answered(monkeypatch):
    """Lets the next file dialog answer with a path, and one of its filters."""

    def answer(path, which=0):
        for name in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *given: (str(path), given[-1].split(";;")[which]))

    return answer


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def taken(panel, kind, path, answered, qtbot):
    taking = panel.controls.taking
    answered(path)
    click(taking.buttons[kind])
    qtbot.waitUntil(lambda: path.name in taking.words.text(), timeout=60_000)
    return taking.words.text()


@pytest.mark.long("opens a panel and draws with its model")
def test_a_mesh_is_saved_as_fine_as_the_slider_says(panel, answered, qtbot, tmp_path) -> None:
    pytest.importorskip("skimage", reason="the extra “mesh” is not installed")
    panel.controls.taking.detail.set_value(DETAIL.low)
    said = taken(panel, "mesh", tmp_path / "ball.ply", answered, qtbot)
    head = (tmp_path / "ball.ply").read_bytes()[:400].decode("ascii", "replace")
    n_faces = next(int(line.split()[2]) for line in head.splitlines() if line.startswith("element face"))
    assert said == f"{n_faces:,} triangles are in “ball.ply”."
    assert n_faces > 1000


@pytest.mark.long("opens a panel and draws with its model")
def test_splats_and_the_depth_of_the_view_are_saved(panel, answered, qtbot, tmp_path) -> None:
    taken(panel, "splats", tmp_path / "ball.spz", answered, qtbot)
    assert len(read_splats(tmp_path / "ball.spz").splats) > 100
    panel.editor.set_picture_size(96, 64)
    assert taken(panel, "depth", tmp_path / "depth.npz", answered, qtbot) == "6,144 depths are in “depth.npz”."
    with np.load(tmp_path / "depth.npz") as found:
        assert found["depth"].shape == (64, 96)
        assert np.allclose(found["camera_to_world"], panel.editor.scene.camera.camera_to_world())


@pytest.mark.long("opens a panel and draws with its model")
def test_a_dropped_path_is_on_the_timeline_and_undone(panel, qtbot, tmp_path) -> None:
    (tmp_path / "base_cam.json").write_text(json.dumps(NGP_FILE))
    panel.editor.set_picture_size(64, 64)
    assert not panel.path_buttons.save.isEnabled()
    assert panel.open_path(tmp_path / "base_cam.json")
    qtbot.waitUntil(lambda: len(panel.timeline.paths.path) == 2)
    assert panel.timeline.playback.loop == "loop"
    assert panel.path_buttons.save.isEnabled()
    panel.host.undo.undo()
    assert not len(panel.timeline.paths.path)


@pytest.mark.long("opens a panel and draws with its model")
@pytest.mark.parametrize(("which", "key"), [(0, "path"), (1, "camera_path")])
def test_the_path_is_saved_for_either_program(panel, answered, qtbot, tmp_path, which, key) -> None:
    panel.timeline.paths.path = path_through([panel.editor.scene.camera])  # without its pictures
    answered(tmp_path / "path.json", which)
    panel.path_desk.choose_name()
    qtbot.waitUntil((tmp_path / "path.json").exists)
    assert len(json.loads((tmp_path / "path.json").read_text())[key]) == 1


@pytest.mark.long("opens a panel and draws with its model")
def test_a_web_page_shows_it_from_all_sides(panel, answered, qtbot, tmp_path) -> None:
    answered(tmp_path / "ball.html")
    click(panel.take.page)
    qtbot.waitUntil(lambda: "“ball.html”" in panel.take.words.text(), timeout=60_000)
    text = (tmp_path / "ball.html").read_text("utf-8")
    assert int(text.partition('"n": ')[2].partition(",")[0]) > 100
