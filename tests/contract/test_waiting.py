"""Every kind: what its panel asks for while something else computes says in the status bar that it waits."""

import itertools

import pytest

from studio.compute.job import Job, Policy
from studio.shell.window.held_job import HeldJob


@pytest.fixture
def row(qtbot, stepped_worker):
    """What the status bar says of waiting; looked at as the test says."""
    row = HeldJob(stepped_worker)
    qtbot.addWidget(row)
    row._timer.stop()
    return row


def test_opening_a_model_behind_another_job_says_so(model_id, open_panel, stepped_worker, row):
    other = Job(("others", "long"), lambda: itertools.repeat(1), Policy.QUEUE, "Saving everything")
    stepped_worker.submit(other)
    stepped_worker.step()
    panel = open_panel(model_id, worker=stepped_worker)
    row.look()
    row.look()
    assert row.isVisible()
    assert "waiting for “Saving everything”" in row._text.text().replace("Waiting", "waiting")
    other.cancel()
    stepped_worker.step()
    panel.tasks.close()
    row.look()
    assert not row.isVisible()
