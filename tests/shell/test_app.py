"""The program as a process of its own: its order of starting, its pictures, its refusals."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.pausing import result_of
from studio.shell.session.session import Session, TabMemory
from studio.shell.session.workspace import writing
from tests.registry.conftest import allow_families
from tests.shell.conftest import FAMILIES, MODEL

ROOT = Path(__file__).parents[2]


@pytest.fixture
def with_family(studio_home):
    """The tests' family in the user's plugin folder."""
    shutil.copytree(FAMILIES / "good", studio_home / "data" / "plugins" / "good")
    allow_families(studio_home)
    return studio_home


OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


def python(code, *arguments, environment=OFFSCREEN):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


SHOT = """
import sys
from pathlib import Path
from studio.app import shot
from studio.core.error import UserError
settings = dict(text.split("=") for text in sys.argv[3:])
try:
    shot(sys.argv[1], settings, (1000, 700), Path(sys.argv[2]))
except UserError as error:
    sys.exit(str(error))
"""


def size_of(path):
    from PIL import Image

    with Image.open(path) as picture:
        return picture.size


@pytest.mark.long("starts processes of its own")
def test_a_picture_of_home_and_of_a_panel(with_family, tmp_path):
    for target in ("home", MODEL):
        path = tmp_path / f"{target.replace('/', '-')}.png"
        done = python(SHOT, target, str(path), *([] if target == "home" else ["seed=3"]))
        assert (done.returncode, done.stderr) == (0, "")
        assert size_of(path) == (1000, 700)
    assert (tmp_path / "home.png").read_bytes() != (tmp_path / "good-waves.png").read_bytes()


@pytest.mark.long("starts processes of its own")
@pytest.mark.parametrize(
    ("target", "setting"),
    [("good/none", "seed=1"), (MODEL, "seed=many"), (MODEL, "colour=1"), ("no file", "seed=1")],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(with_family, tmp_path, target, setting):
    done = python(SHOT, target, str(tmp_path / "a.png"), setting)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "a.png").exists()


START = """
import sys
from PySide6.QtCore import QTimer
from studio import app
seen = []
begin = app.Studio.begin
ready = app.Studio._on_device_ready
def watched_begin(self, *opened):
    self.window.first_painted.connect(lambda: seen.append(("painted", "torch" in sys.modules)))
    begin(self, *opened)
def watched_ready(self, device):
    ready(self, device)
    seen.append(("ready", self.window.status.has_device))
    QTimer.singleShot(0, self.window.close)
end = app.Studio.end
def watched_end(self):
    print(seen, flush=True)  # a process that still imports an engine after two seconds is left there and then
    end(self)
app.Studio.begin, app.Studio._on_device_ready, app.Studio.end = watched_begin, watched_ready, watched_end
sys.exit(app.run(sys.argv[1] if len(sys.argv) > 1 else None))
"""


@pytest.mark.long("starts processes of its own")
def test_the_window_is_painted_before_torch_is_loaded(with_family):
    done = python(START)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "[('painted', False), ('ready', True)]"


BUSY = (
    START.replace(
        "QTimer.singleShot(0, self.window.close)",
        """
    import time
    from studio.compute.job import Job
    begun = []
    self.worker.submit(Job(("kernel",), lambda: (begun.append(1), time.sleep(600))))
    look = QTimer(self, interval=20)
    look.timeout.connect(lambda: self.window.close() if begun else None)
    look.start()
""",
    )
    .replace("print(seen, flush=True)", "pass")
    .replace("sys.exit(app.run(sys.argv[1] if len(sys.argv) > 1 else None))", "app.run()\nprint('never reached')")
)


@pytest.mark.long("starts processes of its own")
def test_a_kernel_that_does_not_end_does_not_keep_the_program(with_family):
    done = python(BUSY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.long("starts processes of its own")
def test_it_opens_with_the_model_that_was_open_the_last_time(with_family):
    assert python(START, MODEL).returncode == 0
    check = START.replace(
        'seen.append(("ready"',
        'seen.append(("front", self.window.tabs.front_tab.source.id))\n    seen.append(("ready"',
    )
    done = python(check)
    assert "('front', 'good/waves')" in done.stdout, done.stderr


@pytest.mark.long("starts processes of its own")
def test_it_opens_with_a_workspace(with_family, tmp_path):
    path = tmp_path / "holiday.manifold"
    result_of(writing(Session((TabMemory(MODEL, {"seed": 9}),), 0), {}, path))
    check = START.replace(
        "QTimer.singleShot(0, self.window.close)",
        """
    def look():
        if self.window.tabs.front_tab is not None:
            print(self.window.tabs.front_tab.panel.params().seed, self.window.windowTitle())
            self.window.close()
    self.look = QTimer(self, interval=20)
    self.look.timeout.connect(look)
    self.look.start()
""",
    )
    done = python(check, str(path))
    assert "9 holiday[*]" in done.stdout, done.stderr


@pytest.mark.long("starts processes of its own")
def test_after_a_crash_the_last_session_is_offered(with_family):
    crash = START.replace(
        "QTimer.singleShot(0, self.window.close)", "QTimer.singleShot(500, lambda: __import__('os')._exit(3))"
    )
    assert python(crash, MODEL).returncode == 3
    check = START.replace(
        'seen.append(("ready"', 'seen.append(self.window.home.messages.keys())\n    seen.append(("ready"'
    )
    done = python(check)
    assert "['restore']" in done.stdout, done.stderr


@pytest.mark.long("starts processes of its own")
@pytest.mark.xvfb
def test_it_starts_on_a_real_screen(with_family, x_display):
    done = python(START, environment=x_display)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "[('painted', False), ('ready', True)]"
