"""The whole program, quit in the middle of a training and started again: nothing is lost, and it goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.recording.file import load_recording
from studio.registry.training_store import TrainingStore
from tests.registry.conftest import allow_families
from tests.shell.conftest import FAMILIES, MODEL

ROOT = Path(__file__).parents[3]

BEGIN = """
import sys
from PySide6.QtCore import QTimer
from studio import app
from studio.shell.training.desk import TrainPlan
begin = app.Studio.begin
def watched(self, opening):
    begin(self, opening)
    self.window.trainings.models_changed.connect(lambda: QTimer.singleShot(0, go))
    watched.studio = self
app.Studio.begin = watched
def go():
    window = watched.studio.window
    if window.trainings.desk.live:
        return
    {start}
    live = window.trainings.desk.live[0]
    live.changed.connect(lambda: {leave} if live.learning.step > 300 else None)
status = app.run(sys.argv[1])
print(status)
"""
START = 'window.trainings.start(TrainPlan("good/learnt", "My waves", {"rate": "0.001"}, 10**7))'
CONTINUE = """bar = window.home.messages
    bar.action_requested.emit(next(key for key in bar.keys() if key.startswith("training")))"""
QUIT, KILL = "window.close()", "__import__('os').kill(__import__('os').getpid(), 9)"


@pytest.fixture
def home(studio_home: Path) -> Path:
    """A home with the tests' family among the user's plugins."""
    shutil.copytree(FAMILIES / "good", studio_home / "data" / "plugins" / "good")
    allow_families(studio_home)
    return studio_home


def run(start: str, leave: str) -> subprocess.CompletedProcess[str]:
    code = BEGIN.replace("{start}", start).replace("{leave}", leave)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, MODEL],
        cwd=ROOT,
        check=False,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
    )


@pytest.mark.long("starts processes of its own")
def test_quit_in_the_middle_it_is_saved_and_continued_at_the_next_start(home: Path) -> None:
    done = run(START, QUIT)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "0", "")
    (left,) = TrainingStore().interrupted()
    assert left.record.state == "stopped"
    assert left.record.step >= 300
    assert left.can_go_on()
    steps = [frame.step for frame in load_recording(left.learning_path)]
    assert steps[:5] == [0, 1, 3, 7, 15]

    done = run(CONTINUE, QUIT)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "0", "")
    (again,) = TrainingStore().interrupted()
    assert again.record.id == left.record.id
    assert again.record.step > left.record.step
    assert [frame.step for frame in load_recording(again.learning_path)][: len(steps)] == steps


@pytest.mark.long("starts processes of its own")
def test_killed_in_the_middle_it_is_still_offered(home: Path) -> None:
    assert run(START, KILL).returncode == -9
    (left,) = TrainingStore().interrupted()
    assert left.record.state == "running"
    assert left.record.title == "My waves"
    done = run(CONTINUE, QUIT)
    assert (done.returncode, done.stderr) == (0, "")
    (again,) = TrainingStore().interrupted()
    assert again.record.state == "stopped"
