"""Quitting asks while something runs, and a killed training says what is kept."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from studio.compute.job import Delivery, Job
from studio.core.frame import Frame
from studio.registry.training_store import TrainingStore
from studio.shell.training.message import stop_sentence
from tests.shell.answering import answer


@pytest.fixture
def closings(window):
    found: list[bool] = []
    window.closing.connect(lambda: found.append(True))
    return found


def test_quitting_asks_while_a_job_runs(qtbot, window, dispatcher, closings):
    job = Job((1, "export"), print, title="Exporting a.mp4")
    dispatcher.deliver(Delivery(job, 1, Frame(0, 4)))
    qtbot.waitUntil(lambda: len(window.status.jobs) == 1)
    window.quit()
    assert "Exporting a.mp4" in window.findChild(QMessageBox, "ask_quit").informativeText()
    answer(window, "ask_quit", "Stay")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "ask_quit") is None)
    assert window.isVisible()
    assert closings == []
    window.quit()
    answer(window, "ask_quit", "Quit")
    assert closings == [True]


def test_quitting_with_nothing_under_way_asks_nothing(window, closings):
    window.quit()
    assert closings == [True]


def test_a_killed_training_says_whether_something_is_kept(tmp_path):
    training = TrainingStore(tmp_path).planned("good/learnt", "Mine", {}, 0).claimed()
    assert "before its first step" in stop_sentence(training)
    Path(training.checkpoint_path).write_bytes(b"state")
    assert "is kept" in stop_sentence(training)
