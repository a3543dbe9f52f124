"""What leaves a VAE's panel: the map as pictures to be dragged through, and one's own pictures as a path."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.error import UserError
from studio.render.still import still_pixels


def saved(panel, tmp_path, seed):
    """A picture that the model drew, as a person's file."""
    panel.set_params(type(panel.params())(seed=seed))
    path = tmp_path / f"{seed}.png"
    Image.fromarray(still_pixels(panel.snapshot().frame)).save(path)
    return path


def test_the_keyframe_button_stays_under_the_hand(panel, qtbot):
    button = panel.timeline.bar.transport.keyframe
    qtbot.waitUntil(lambda: panel.is_settled)  # what is told of the first picture takes its room
    QApplication.processEvents()
    place = button.mapToGlobal(QPoint())
    for n in range(1, 4):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        assert len(panel.timeline.paths.path) == n
        assert button.mapToGlobal(QPoint()) == place
        panel.editor.surprise()


def test_the_map_is_taken_home_row_by_row_from_above(digit_panel):
    clip = digit_panel.around()
    assert (clip.n_frames, clip.columns) == (225, 15)
    list(clip.prepare())
    atlas = digit_panel.editor.atlas
    corner, right, below = (atlas.on_map(clip.frame(index).state["z"]) for index in (0, 1, 15))
    assert np.allclose(corner, (-atlas.extent[0], atlas.extent[1]), atol=1e-5)
    assert right[0] > corner[0]
    assert below[1] < corner[1]
    assert clip.frame(16).label == "Column 2 of 15, row 2 of 15"


def test_the_pictures_are_the_same_before_all_are_drawn(digit_panel):
    clip, drawn = digit_panel.around(), digit_panel.around()
    list(drawn.prepare())
    for index in (0, 57, 224):
        alone, together = clip.frame(index), drawn.frame(index)
        assert (alone.step, alone.label) == (together.step, together.label)
        assert (alone.main_view.pixels == together.main_view.pixels).all()


@pytest.mark.long("trains a network")
def test_pictures_dropped_together_become_a_path_that_is_one_step(panel, tmp_path):
    paths = [saved(panel, tmp_path, seed) for seed in (3, 4)]
    places: list[np.ndarray] = []
    panel.own_picture.read.connect(lambda reading: places.append(reading.z))
    assert panel.open_pictures(paths)
    timeline = panel.timeline
    assert [keyframe.position["z"].tolist() for keyframe in timeline.paths.path.keyframes] == [
        z.tolist() for z in places
    ]
    assert len(places) == 2
    assert timeline.playback.is_playing
    timeline.pause()
    panel.host.undo.undo()
    assert len(timeline.paths.path) == 0


@pytest.mark.long("trains a network")
def test_a_picture_that_cannot_be_read_ends_the_melting(panel, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    failures: list[object] = []
    panel.own_picture.failed.connect(failures.append)
    panel.open_pictures([broken, saved(panel, tmp_path, 3)])
    assert [type(one) for one in failures] == [UserError]
    panel.open_path(tmp_path / "3.png")
    assert len(panel.timeline.paths.path) == 0
