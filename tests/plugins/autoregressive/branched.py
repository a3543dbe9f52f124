"""What must hold in every tab when a run goes on from one of its frames."""

import numpy as np


def branch_at(panel, index):
    """Let a run go on from a frame: it keeps all of its own, and the panel what a person has asked for."""
    timeline, parent = panel.timeline, panel.timeline.track
    before, scene = [frame.state for frame in parent.recording], panel.state()["scene"]
    timeline.pause()
    timeline.playback.seek(index)
    timeline.branch()
    branch = timeline.track.recording.info.branch
    assert (branch.parent_id, branch.step) == (parent.id, index)
    assert timeline.tracks.find(parent.id) is parent
    assert len(parent.recording) == len(before)
    for frame, state in zip(parent.recording, before, strict=True):
        for name, values in state.items():
            np.testing.assert_array_equal(frame.state[name], values)
    assert panel.state()["scene"] == scene
