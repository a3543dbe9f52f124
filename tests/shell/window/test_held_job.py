"""A job that holds the worker for long is named in the status bar and can be ended there."""

import pytest
from PySide6.QtCore import Qt

from studio.compute.job import Job
from studio.shell.window.held_job import HeldJob


class Busy:
    """A worker that says of a job what the test says."""

    def __init__(self) -> None:
        self.now: tuple[Job, float] | None = None
        self.given_up: list[Job] = []

    def held(self):
        return self.now

    def give_up(self, job):
        self.given_up.append(job)
        self.now = None


@pytest.fixture
def worker():
    return Busy()


@pytest.fixture
def row(qtbot, worker):
    row = HeldJob(worker)
    qtbot.addWidget(row)
    return row


def test_nothing_is_said_of_what_yields_in_time(row, worker):
    worker.now = Job((1, "a"), print, title="Export"), 9.0
    row.look()
    assert not row.isVisible()


def test_a_job_that_does_not_yield_is_named_until_it_is_stopped(qtbot, row, worker):
    job = Job((1, "a"), print, title="Export")
    worker.now = job, 12.3
    row.look()
    assert row.isVisible()
    assert row._text.text() == "“Export” has not responded for 12 s"
    qtbot.mouseClick(row.stop, Qt.MouseButton.LeftButton)
    assert worker.given_up == [job]
    assert not row.isVisible()


def test_work_without_a_title_is_named_too(row, worker):
    worker.now = Job((1, "a"), print), 1234.0
    row.look()
    assert row._text.text() == "“A task from a panel” has not responded for 1,234 s"
