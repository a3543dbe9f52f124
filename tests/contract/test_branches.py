"""Every kind: what a hand changes at an earlier step of a run leaves the run as it is, and one undo takes it back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractSlider, QScrollBar

WAIT_MS = 60_000
LEAST_FRAMES = 3
LEARNS_ON = "gan/playground"
"""There the branch is a step of its own, after which what a hand changes is the next one; the playhead stays behind."""


def settle(qtbot, panel):
    """Wait until nothing runs and no hand is waited for."""
    qtbot.waitUntil(lambda: panel.is_settled, timeout=WAIT_MS)


def seen_of(track, n_frames):
    """The first frames of a run as everything that a person could tell them by."""
    return [(one.step, one.label, sorted(one.scalars.items())) for one in list(track.recording)[:n_frames]]


def hands(panel, qtbot):
    """What a hand can change: each slider in sight by a key, then the key that surprises."""
    for slider in panel.findChildren(QAbstractSlider):
        if slider.isVisibleTo(panel) and slider.isEnabled() and not isinstance(slider, QScrollBar):
            yield lambda slider=slider: qtbot.keyClick(slider, Qt.Key.Key_Right)
    for command in panel.commands():
        if QKeySequence("R") in map(QKeySequence, command.keys):
            yield command.run


def test_what_a_hand_changes_at_an_earlier_step_leaves_the_run(model_id, open_panel, qtbot):
    panel = open_panel(model_id)
    settle(qtbot, panel)
    timeline, undo = panel.timeline, panel.host.undo
    if timeline.track is None or len(timeline.track.recording) < LEAST_FRAMES:
        pytest.skip("its pictures are drawn at once: there is no earlier step")
    timeline.pause()
    timeline.playback.seek(timeline.n_frames // 2)
    settle(qtbot, panel)
    first, ids, index = timeline.track, [track.id for track in timeline.tracks], timeline.playback.index
    params, n_frames = panel.params(), len(first.recording)
    seen = seen_of(first, n_frames)
    undo.clear()
    for change in hands(panel, qtbot):
        change()
        settle(qtbot, panel)
        is_begun = len(timeline.tracks) > len(ids)
        assert seen_of(timeline.tracks.find(first.id), n_frames) == seen
        assert undo.n_done <= (2 if model_id == LEARNS_ON else 1)
        undo.go_to(0)
        settle(qtbot, panel)
        assert [track.id for track in timeline.tracks] == ids
        assert seen_of(timeline.tracks.find(first.id), n_frames) == seen
        assert (timeline.track.id, panel.params()) == (first.id, params)
        assert timeline.playback.index == index or model_id == LEARNS_ON
        if is_begun:
            return
    pytest.fail("nothing that a hand can change begins a run")
