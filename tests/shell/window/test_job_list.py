"""Running jobs show their progress and can be stopped."""

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton

from studio.compute.job import Job, Policy
from studio.core.frame import Frame
from studio.shell.window.status_bar import JobList


@pytest.fixture
def jobs(qtbot, qapp, dispatcher):
    jobs = JobList(dispatcher)
    qtbot.addWidget(jobs)
    jobs.show()
    return jobs


def training(n_steps=4):
    for step in range(n_steps):
        yield Frame(step, n_steps, f"Step {step + 1}")


def submit(worker, title, work=training):
    job = Job(("test", title), work, Policy.QUEUE, title)
    worker.submit(job)
    return job


def texts(jobs):
    return [label.text() for label in jobs.findChildren(QLabel) if label.isVisible()]


def test_progress_follows_the_frames(jobs, stepped_worker):
    submit(stepped_worker, "Training digits")
    stepped_worker.step()
    bar = jobs.findChild(QProgressBar)
    assert (bar.value(), bar.maximum()) == (1, 4)
    assert texts(jobs) == ["Training digits"]
    stepped_worker.step()
    assert bar.value() == 2
    stepped_worker.run_all()
    assert len(jobs) == 0
    assert texts(jobs) == ["No jobs running"]


def test_the_button_stops_the_job(jobs, stepped_worker):
    job = submit(stepped_worker, "Training digits")
    stepped_worker.step()
    jobs.findChild(QPushButton).click()
    assert job.is_cancelled
    stepped_worker.step()
    assert len(jobs) == 0
    assert stepped_worker.jobs() == []


def test_jobs_without_a_title_are_not_shown(jobs, stepped_worker):
    submit(stepped_worker, "")
    stepped_worker.step()
    assert texts(jobs) == ["No jobs running"]


def test_more_jobs_than_fit_are_counted(jobs, dispatcher, stepped_worker):
    started = [submit(stepped_worker, f"Job {n}") for n in range(4)]
    for job in started:  # as if four workers ran: the list has to hold in any case
        dispatcher.deliver(_news(job))
    assert len(texts(jobs)) == 3
    assert "2 more" in texts(jobs)


def _news(job):
    from studio.compute.job import Delivery

    return Delivery(job, 1, Frame(0, 4))


def test_a_job_without_known_length_shows_that_it_runs(jobs, stepped_worker):
    submit(stepped_worker, "Reading", lambda: iter([None]))
    stepped_worker.step()
    assert jobs.findChild(QProgressBar).maximum() == 0
