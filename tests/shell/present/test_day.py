"""Eight hours of a presentation in the time of a clock that the test moves: nothing grows and nothing ends."""

from dataclasses import replace

import pytest

from studio.api.family import Showing
from studio.shell.present.show import Preparation, Show, write_preparation
from studio.shell.session.session import TabMemory
from tests.shell.conftest import MODEL
from tests.soak.presenting import Day

STEP_S = 30.0
PER_HOUR = 0.005
"""By what share of it a figure may grow in an hour and still be called flat."""


@pytest.mark.long("walks through a whole window")
def test_eight_hours_leave_nothing_behind(window, qapp, reports):
    showing = Showing("Waves", "They move.", ("good.strength", "good.n_steps", "good.record"), "good.record")
    shows = tuple(Show(TabMemory(MODEL, {"seed": seed}, {}), replace(showing, title=str(seed))) for seed in range(3))
    write_preparation(window.presenting.path, Preparation(playlist=shows))
    window.setUpdatesEnabled(False)  # what is painted is no business of this test, and most of its time
    day = Day(window, 1, qapp.processEvents)
    day.live(8.0, STEP_S)
    window.presenting.leave()
    figures = day.figures()
    assert figures["hours"] >= 8.0
    assert day.n_visits > 50
    assert day.n_turns > 300
    assert len(day.rests) >= 12
    for name in ("n_threads", "n_descriptors", "n_objects", "n_widgets"):
        assert figures["slopes_per_hour"][name] <= PER_HOUR * figures["first"][name], (name, figures)
    assert window.tabs.model_tabs() == []
    assert reports == []
