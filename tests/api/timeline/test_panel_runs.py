"""What a panel takes for a step in the midst of a run, from which on other settings may hold."""

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject

from studio.api.timeline.panel_runs import PanelRuns


@pytest.mark.parametrize(("index", "is_earlier"), [(0, False), (1, True), (3, True), (4, False)])
def test_other_settings_branch_off_at_a_step_in_the_midst_alone(qapp, index, is_earlier):
    unheard, frames = SimpleNamespace(connect=lambda slot: None), range(5)
    timeline: Any = SimpleNamespace(
        branching=SimpleNamespace(),
        recorder=SimpleNamespace(grown=unheard, ended=unheard),
        track=SimpleNamespace(id="a"),
        recording=frames,
        playback=SimpleNamespace(index=index, is_playing=False),
        shown=SimpleNamespace(index=index, pair=()),
    )
    owner = QObject()
    runs = PanelRuns(timeline, owner)
    assert runs.is_before_end == (index < 4)
    assert runs.is_earlier_shown == timeline.branching.is_left() == is_earlier
    timeline.playback.is_playing = True
    assert not runs.is_earlier_shown
