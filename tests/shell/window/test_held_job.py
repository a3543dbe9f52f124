"""What waits says so in the status bar; a job that holds the worker for long is named there and can be ended."""

import pytest
from PySide6.QtCore import Qt

from studio.compute.job import Job
from studio.shell.window.held_job import HeldJob


class Busy:
    """A worker that says of a job what the test says."""

    def __init__(self) -> None:
        self.now: tuple[Job, float] | None = None
        self.given_up: list[Job] = []
        self.all: list[Job] = []

    def jobs(self):
        return self.all

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


@pytest.mark.parametrize(
    ("name", "other", "text"),
    [
        ("Export", "Training", "“Export” is waiting for “Training”"),
        ("Export", "", "“Export” is waiting its turn"),
        ("", "Training", "Waiting for “Training”"),
        ("", "", "Waiting for another task"),
    ],
)
def test_what_waits_from_one_look_to_the_next_says_so_until_its_turn_comes(row, worker, name, other, text):
    running, waiting = Job((1, "a"), print, title=other, is_started=True), Job((2, "b"), print, title=name)
    worker.all = [running, waiting]
    row.look()
    assert not row.isVisible()
    row.look()
    assert (row.isVisible(), row._text.text(), row.stop.isVisible()) == (True, text, False)
    waiting.is_started = True
    row.look()
    assert not row.isVisible()


def test_what_a_person_has_paused_or_stopped_waits_for_nothing(row, worker):
    worker.all = [Job((1, "a"), print, is_paused=True), Job((1, "b"), print, is_cancelled=True)]
    row.look()
    row.look()
    assert not row.isVisible()
