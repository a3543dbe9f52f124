"""The box round a scene: suggested, dragged by its faces, typed, taken back, and given to a training."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.nerf.field.box import box_of_words
from plugins.nerf.field.scene import CODEC
from studio.core.error import UserError
from tests.plugins.nerf.field.panel.widget_tools import heard

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def boxed(panel, qtbot):
    """The panel with the suggested box."""
    panel.box_desk.hold("on")
    qtbot.waitUntil(lambda: panel.editor.scene.box != ())
    return panel


def drag(panel, face, way):
    place = panel.box_desk._project(panel.box_desk._handles())[face]
    start = QPoint(*map(round, place.tolist()))
    QTest.mousePress(panel.canvas, LEFT, PLAIN, start)
    for share in (0.5, 1.0):
        QTest.mouseMove(panel.canvas, start + QPoint(*(round(share * one) for one in way)))
    QTest.mouseRelease(panel.canvas, LEFT, PLAIN, start + QPoint(*way))


@pytest.mark.long("opens a panel and draws with its model")
def test_the_box_round_all_of_it_is_suggested_and_cuts_nothing(boxed):
    box = np.array(boxed.editor.scene.box)
    assert box == pytest.approx([-0.75] * 3 + [0.75] * 3)  # of the cells that a ball of 0.7 reaches into
    assert [field.text() for field in boxed.controls.box.fields[:2]] == ["−0.75", "−0.75"]
    assert boxed.request_now((8, 8)).box == boxed.editor.scene.box


@pytest.mark.long("opens a panel and draws with its model")
def test_a_face_is_dragged_and_undo_puts_it_back_in_one_step(boxed, qtbot):
    before, camera = boxed.editor.scene.box, boxed.editor.scene.camera
    places = boxed.box_desk._project(boxed.box_desk._handles())
    way = 0.6 * (places[0] - places[3])  # the upper face along x goes towards the lower one
    drag(boxed, 3, way.round().astype(int).tolist())
    after = boxed.editor.scene.box
    assert after[:3] == before[:3]
    assert after[4:] == before[4:]
    assert before[0] < after[3] < 0.3
    assert boxed.editor.scene.camera is camera
    qtbot.waitUntil(lambda: boxed.is_settled)
    boxed.host.undo.undo()
    assert boxed.editor.scene.box == before


@pytest.mark.long("opens a panel and draws with its model")
def test_numbers_are_typed_and_faces_never_pass_each_other(boxed):
    section = boxed.controls.box
    section.typed.emit(2, 0.1)
    assert boxed.editor.scene.box[2] == pytest.approx(0.1)
    section.typed.emit(2, 5.0)
    low, high = boxed.editor.scene.box[2::3]
    assert high == pytest.approx(0.75)
    assert low == pytest.approx(0.75 - 0.01 * (0.75 - 0.1))
    section.typed.emit(3, -5.0)
    assert boxed.editor.scene.box[::3] == pytest.approx((-0.75, -0.75 + 0.01 * 1.5))
    QTest.mouseClick(section.whole, LEFT)
    assert boxed.editor.scene.box == ()
    assert boxed.host.undo.undo_title == "Crop the scene"


@pytest.mark.long("opens a panel and draws with its model")
def test_only_scenes_of_own_photos_are_learnt_again_in_their_box(boxed, monkeypatch):
    section, said = boxed.controls.box, heard(boxed.training_requested)
    assert section.learn.isHidden()
    monkeypatch.setitem(boxed.handle.source.card, "settings", {"data": "/photos"})
    boxed.box_desk.show_scene(boxed.editor.scene)
    assert not section.learn.isHidden()
    section.learn.click()
    recipe, _, settings = said[0]
    assert (recipe, settings["data"]) == ("nerf/photos", "/photos")
    assert box_of_words(settings["box"]) == pytest.approx(boxed.editor.scene.box)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_box_is_kept_with_the_view_and_an_unsound_one_is_refused(boxed):
    kept = CODEC.write(boxed.editor.scene)
    assert CODEC.read(kept).box == boxed.editor.scene.box
    with pytest.raises(UserError):
        CODEC.read({**kept, "box": [1, 1, 1, 0, 2, 2]})
    del kept["box"]
    assert CODEC.read(kept).box == ()
