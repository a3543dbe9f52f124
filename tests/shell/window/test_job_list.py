"""Running jobs show their progress and can be stopped."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton

from studio.compute.job import Delivery, Job, Policy
from studio.core.frame import Frame
from studio.shell.window.status_bar import JobList
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.plots.learning_card import time_text


@pytest.fixture
def jobs(qtbot, qapp, dispatcher, stepped_worker):
    jobs = JobList(dispatcher, stepped_worker)
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
    labels = [*jobs.findChildren(QLabel), *jobs.findChildren(SteadyLabel)]
    return [label.text() for label in labels if label.isVisible()]


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


def test_a_paused_job_lets_others_go_first_and_goes_on(jobs, stepped_worker, qtbot):
    job, other = submit(stepped_worker, "Writing a film"), Job(("else", "job"), training, Policy.QUEUE, "Another")
    stepped_worker.step()
    pause = jobs.findChildren(QPushButton)[1]
    qtbot.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert "paused" in texts(jobs)
    assert not stepped_worker.step()
    stepped_worker.submit(other)
    stepped_worker.run_all()
    assert job.n_events == 1
    qtbot.mouseClick(pause, Qt.MouseButton.LeftButton)
    stepped_worker.run_all()
    assert texts(jobs) == ["No jobs running"]


def test_a_paused_job_can_be_stopped(jobs, stepped_worker):
    submit(stepped_worker, "Writing a film")
    stepped_worker.step()
    stop, pause = jobs.findChildren(QPushButton)
    pause.click()
    stop.click()
    stepped_worker.run_all()
    assert stepped_worker.jobs() == []


def test_a_training_has_a_pause_of_its_own(jobs, stepped_worker):
    stepped_worker.submit(Job(("desk", "train"), training, Policy.BACKGROUND, "Training digits"))
    stepped_worker.step()
    assert [button.isVisible() for button in jobs.findChildren(QPushButton)] == [True, False]


def test_the_time_left_is_told_after_the_first_tenth(jobs, dispatcher, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("studio.shell.window.status_bar.time.monotonic", lambda: now[0])
    job = Job(("test", "film"), training, Policy.QUEUE, "Writing a film")
    for step in range(0, 100, 4):
        now[0] = step * 0.5
        dispatcher.deliver(Delivery(job, step + 1, Frame(step, 100)))
        said = [text for text in texts(jobs) if "left" in text]
        if step + 1 >= 10 and step < 90:
            assert said == [time_text((100 - step - 1) * 0.5)]
        elif step + 1 < 10:
            assert said == []


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
    return Delivery(job, 1, Frame(0, 4))


def test_a_job_without_known_length_shows_that_it_runs(jobs, stepped_worker):
    submit(stepped_worker, "Reading", lambda: iter([None]))
    stepped_worker.step()
    assert jobs.findChild(QProgressBar).maximum() == 0
