"""Notes and ruler go into pictures and films that are saved, seen from the camera of each, unless nobody wants them."""

from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.shared.marks import Marks, Note
from plugins.nerf.shared.panel.marks_painting import clip_with, frame_with
from studio.core.view import Image

MARKS = Marks((Note((0.0, 0.0, 0.0), "the middle"),), ((0.0, 0.0, 0.0), (0.4, 0.0, 0.0)), 0.5)


@pytest.fixture
def marked(panel, qtbot):
    qtbot.waitUntil(lambda: panel.is_settled)
    panel.editor.apply("Pin a note", replace(panel.editor.scene, marks=MARKS))
    qtbot.waitUntil(lambda: panel.is_settled)
    return panel


def changed(before, after):
    """Where two pictures differ: the middle of it, rows and columns in 0..1."""
    rows, columns = np.nonzero((before != after).any(-1))
    assert len(rows)
    return rows.mean() / before.shape[0], columns.mean() / before.shape[1]


@pytest.mark.long("opens a panel and draws with its model")
def test_a_saved_picture_has_the_notes_and_what_is_shown_does_not_change(marked):
    saved = marked.snapshot().frame.main_view.pixels
    assert saved.dtype == np.uint8
    row, _ = changed(marked.shown.main_view.pixels, saved)
    assert row == pytest.approx(0.5, abs=0.1)
    marked.marks_section.saved.setChecked(False)
    assert np.array_equal(marked.snapshot().frame.main_view.pixels, marked.shown.main_view.pixels)


@pytest.mark.long("opens a panel and draws with its model")
def test_every_picture_of_a_film_has_them_where_its_camera_sees_them(marked):
    frame, seen = marked.shown, marked.marks_desk.painter()
    clip = marked.around()
    assert clip is not None
    moved = {**frame.state, "pivot": frame.state["pivot"] + np.array([0, 0, 0.3], np.float32)}
    two = [frame, replace(frame, state=moved)]
    drawn = clip_with(seen, replace(clip, n_frames=2, frames=lambda start, stop: iter(two[start:stop])))
    pictures = [one.main_view for one in drawn.frames(0, 2)]
    assert all(isinstance(one, Image) for one in pictures)
    rows = [changed(frame.main_view.pixels, one.pixels)[0] for one in pictures if isinstance(one, Image)]
    assert rows[1] - rows[0] > 0.05  # the camera went up, so the notes went down


@pytest.mark.long("opens a panel and draws with its model")
def test_a_frame_without_a_camera_stays_as_it_was(marked):
    frame = replace(marked.shown, state=None)
    assert frame_with(marked.marks_desk.painter(), frame) is frame
