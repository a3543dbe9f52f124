"""Every shipped model comes with a recording, and its panel plays it until the model shows something itself."""

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit

from studio.api.preview import MAX_BYTES, NOTE, Preview, PreviewView, recording_beside
from studio.compute.travel import visible_values
from studio.core.recording.file import load_recording
from studio.core.view import Tokens
from studio.registry.catalog import Catalog
from studio.widgets.views.picture import array_from_image
from tests.contract.conftest import DEFAULTS, one_each

SHIPPED = {model.id: model.source for model in Catalog().list_models()}
MAX_ALL_BYTES = 2_900_000
LEAST_DIFFERENT = 8
N_STEPS, OPENS_WITHIN_MS = 10, 120_000
CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
PROGRAM = """
import sys
from studio.core.recording.file import load_recording
print(len(load_recording(sys.argv[1])), sorted({"torch", "numba"} & set(sys.modules)))
"""


def begin(qtbot, panel):
    """Let a panel play its recording."""
    panel.preview.begin()
    if panel.preview.is_shown:
        qtbot.waitUntil(lambda: panel.preview.playback.is_playing)


@pytest.fixture
def waiting(qtbot, open_panel, stepped_worker):
    """Makes panels whose models are not opened, with their recordings on show."""

    def make(model_id):
        panel = open_panel(model_id, worker=stepped_worker)
        begin(qtbot, panel)
        return panel

    return make


def content_of(view):
    """What a view shows, as something to compare."""
    return view.pieces if isinstance(view, Tokens) else np.asarray(visible_values(view)).tobytes()


def picture_of(panel, index):
    """What is painted of the preview at a frame, as bytes."""
    panel.preview.playback.seek(index)
    return array_from_image(panel.findChild(PreviewView).grab().toImage(), 4096).tobytes()


def usable_controls(panel):
    every = {one for kind in CONTROLS for one in panel.frame.inspector.findChildren(kind)}
    return {one for one in every if one.isVisibleTo(panel) and one.isEnabled()}


@pytest.mark.parametrize("model_id", SHIPPED)
def test_a_small_recording_of_this_very_model_lies_beside_it(model_id):
    source = SHIPPED[model_id]
    path = recording_beside(source.path)
    assert path.stat().st_size <= MAX_BYTES
    recording = load_recording(path)
    views = [recording[index].views for index in range(len(recording))]
    assert all(len(one) == 1 for one in views)  # what is seen, and nothing more
    assert len({content_of(next(iter(one.values()))) for one in views}) >= LEAST_DIFFERENT
    info = recording.info
    assert (info.model_id, info.model_hash) == (model_id, source.content_hash)  # a new model needs a new recording
    recording.close()


def test_all_of_them_are_light():
    assert sum(recording_beside(source.path).stat().st_size for source in SHIPPED.values()) <= MAX_ALL_BYTES


def test_reading_one_needs_neither_torch_nor_numba():
    path = recording_beside(next(iter(SHIPPED.values())).path)
    done = subprocess.run([sys.executable, "-c", PROGRAM, path], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1)[1].strip() == "[]"


@pytest.mark.parametrize("model_id", one_each(SHIPPED, SHIPPED, "every model", DEFAULTS.__contains__))
def test_its_panel_plays_it_and_can_be_used_before_the_model_is_open(qtbot, open_panel, stepped_worker, model_id):
    panel = open_panel(model_id, worker=stepped_worker)
    before = usable_controls(panel)
    begin(qtbot, panel)
    assert panel.preview.is_shown
    assert not panel.handle.is_open
    assert panel.frame.caption.text().startswith(NOTE)
    assert panel.findChild(PreviewView).size() == panel.findChild(PreviewView).parentWidget().size()
    pictures = {picture_of(panel, index) for index in range(0, panel.preview.playback.n_frames, 2)}
    assert len(pictures) >= 2
    assert usable_controls(panel) >= before
    assert (panel.snapshot(), panel.clip()) == (None, None)
    assert not any(len(track.recording) for track in panel.timeline.tracks)


def test_what_the_model_makes_takes_its_place(qtbot, waiting, stepped_worker, found):
    panel = waiting(found.manifest.default_model)
    if not panel.preview.is_shown:
        pytest.skip("a family of the tests, without a recording")

    def has_given_way():
        for _ in range(N_STEPS):
            stepped_worker.step()
        return not panel.preview.is_shown

    qtbot.waitUntil(has_given_way, timeout=OPENS_WITHIN_MS)
    assert panel.snapshot() is not None
    assert NOTE not in panel.frame.caption.text()
    assert panel.timeline.bar.isVisible()
    panel.tasks.close()
    stepped_worker.run_all()


def test_where_less_is_to_move_it_shows_what_it_came_to_and_plays_when_it_is_told_to(
    qtbot, open_panel, stepped_worker, still
):
    panel = open_panel("vae/digits", worker=stepped_worker)
    panel.preview.begin()
    playback = panel.preview.playback
    qtbot.waitUntil(lambda: playback.n_frames > 0)
    assert (playback.is_playing, playback.index) == (False, playback.n_frames - 1)
    next(command for command in panel.all_commands() if command.id == "timeline.play").run()
    assert playback.is_playing


def test_a_hand_scrubs_it_on_the_bar_and_by_keys(qtbot, waiting):
    panel = waiting("vae/digits")
    playback = panel.preview.playback
    bar = next(one for one in panel.findChildren(type(panel.timeline.bar)) if one.isVisible())
    assert not panel.timeline.bar.isVisible()
    QTest.mouseClick(bar.line, Qt.MouseButton.LeftButton, pos=QPoint(bar.line.width() // 2, bar.line.height() // 2))
    assert abs(playback.index - playback.n_frames // 2) <= 2
    keys = {command.id: command for command in panel.all_commands()}
    if playback.is_playing:
        keys["timeline.play"].run()
    assert not playback.is_playing
    at = playback.index
    keys["timeline.next"].run()
    assert (playback.index, panel.timeline.playback.index) == (at + 1, 0)


def test_a_sheet_of_paper_is_there_at_the_first_press(waiting):
    panel = waiting("gan/outline-to-icon")
    QTest.mouseClick(panel.findChild(PreviewView), Qt.MouseButton.LeftButton)
    assert not panel.preview.is_shown
    assert panel.timeline.bar.isVisible()


def test_other_canvases_are_reached_right_through_it_and_moves_count(waiting):
    panel = waiting("vae/digits")
    before = panel.state()
    at = panel.findChild(PreviewView).mapTo(panel, panel.findChild(PreviewView).rect().center())
    assert panel.childAt(at) is panel.canvas
    next(command for command in panel.all_commands() if command.id == "vae.surprise").run()
    assert panel.state() != before
    assert panel.preview.is_shown


def test_no_model_stays_closed_for_a_recording_that_is_broken_or_large(waiting, catalog, tmp_path, caplog):
    panel = waiting("vae/digits")
    panel.preview.end()
    other = tmp_path / "digits.frames"
    for content, n_lines in ((bytes(MAX_BYTES + 1), 0), (b"PK no recording", 1)):
        other.write_bytes(content)
        panel.preview = Preview(panel.frame, tmp_path / "digits.safetensors", lambda: False)
        panel.preview.begin()
        assert not panel.preview.is_shown
        assert len(caplog.records) == n_lines
