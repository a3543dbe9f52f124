"""Changes of the view as steps of undo."""

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from plugins.nerf.field.params import FieldParams
from plugins.nerf.field.scene import CODEC, FieldScene
from plugins.nerf.shared.camera.rotation import angles_of
from plugins.nerf.shared.camera.viewpoint import UP, seed_camera
from plugins.nerf.shared.panel.editor import ViewEditor
from plugins.nerf.shared.state import facts_of
from studio.commands.undo import UndoStack
from tests.plugins.nerf.shared.camera.test_viewpoint import EXTENT

FACTS = facts_of({}, EXTENT)
HOME = FACTS.home


@pytest.fixture
def editor(qapp):
    owner = QObject()
    yield ViewEditor(FACTS, FieldScene(HOME, FieldParams()), UndoStack(), owner)
    owner.deleteLater()


def test_a_drag_is_one_step_and_goes_back(editor):
    before = editor.scene
    editor.begin_gesture()
    for seed in (1, 2, 3):
        editor.move(seed_camera(HOME, seed))
    editor.end_gesture()
    assert editor.scene.is_moved
    assert editor._undo.undo()
    assert editor.scene is before
    assert not editor._undo.undo()
    assert editor._undo.redo()
    assert editor.scene.camera.eye == pytest.approx(seed_camera(HOME, 3).eye)


def test_each_setting_is_a_step_of_its_own(editor):
    editor.change("Exposure", exposure=1.0)
    editor.end_gesture()
    editor.change("Background", background="black")
    editor.end_gesture()
    assert (editor.scene.params.exposure, editor.scene.params.background) == (1.0, "black")
    editor._undo.undo()
    assert (editor.scene.params.exposure, editor.scene.params.background) == (1.0, "white")
    editor._undo.undo()
    assert editor.scene.params == FieldParams()


def test_a_seed_is_a_place_and_reset_returns_to_it(editor):
    editor.set_seed(5)
    assert editor.scene.camera.eye == pytest.approx(seed_camera(HOME, 5).eye)
    assert not editor.scene.is_moved
    editor.move(seed_camera(HOME, 9))
    editor.end_gesture()
    editor.reset()
    assert editor.scene.camera.eye == pytest.approx(seed_camera(HOME, 5).eye)


def test_surprise_goes_elsewhere(editor):
    editor.surprise()
    assert editor.scene.params.seed > 0


def test_the_field_of_view_leaves_the_camera_where_it_is(editor):
    editor.set_field_of_view(math.radians(70))
    camera = editor.scene.camera
    assert camera.fov_y_rad == pytest.approx(math.radians(70))
    assert camera.eye == pytest.approx(HOME.eye)


def test_rolling_leans_the_camera_and_keeps_its_place(editor):
    editor.roll(0.4)
    angles = angles_of(editor.scene.camera.rotation, UP["z"])
    assert angles.roll == pytest.approx(0.4, abs=1e-5)
    assert editor.scene.camera.distance == HOME.distance


def test_only_what_nobody_steered_is_called_a_jump(editor):
    jumps = []
    editor.jumped.connect(lambda: jumps.append(1))
    editor.move(seed_camera(HOME, 2))
    assert jumps == []
    editor._undo.undo()
    assert jumps == [1]
    editor.change("Exposure", exposure=0.5)
    assert jumps == [1]
    editor.adopt(replace(editor.scene, camera=seed_camera(HOME, 4)))
    assert jumps == [1, 1]


def test_undo_brings_back_every_value(editor):
    before = CODEC.write(editor.scene)
    editor.set_up("y")
    editor.change("Near clip", near=0.5)
    editor.set_seed(3)
    editor.roll(0.1)
    while editor._undo.undo():
        pass
    assert CODEC.write(editor.scene) == before
