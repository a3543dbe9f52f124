"""The program as a person starts it: on a real X server, from the command line."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Waits until something colourful stands on the screen, and saves it; exit status 1 after a hundred seconds of nothing.
WATCH = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

app = QGuiApplication([])
start = time.monotonic()

def look():
    image = app.primaryScreen().grabWindow(0).toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8)}
    if len(colours) > 40:
        image.save(sys.argv[1])
        app.exit(0)
    elif time.monotonic() - start > 100:
        app.exit(1)

timer = QTimer(interval=100)
timer.timeout.connect(look)
timer.start()
sys.exit(app.exec())
"""


@pytest.fixture
def environment(x_display: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **x_display}


@pytest.fixture
def program(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, os.fspath(ROOT / "main.py")]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.long("starts processes of its own")
@pytest.mark.xvfb
def test_home_stands_on_the_screen(program: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "screen.png"
    watch = [sys.executable, "-c", WATCH, os.fspath(picture)]
    subprocess.run(watch, env=environment, check=True, timeout=120)
    assert picture.stat().st_size > 10_000
    assert program.poll() is None


@pytest.mark.long("starts processes of its own")
@pytest.mark.xvfb
def test_ctrl_c_in_the_terminal_ends_the_program(
    program: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path
) -> None:
    watch = [sys.executable, "-c", WATCH, os.fspath(tmp_path / "screen.png")]
    subprocess.run(watch, env=environment, check=True, timeout=120)
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=120)
    assert "Traceback" not in errors
