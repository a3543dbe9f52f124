"""Runs code in a fresh process on a real X server, in front of which stand a window and a card to trust."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
# llvmpipe is taken for a graphics card, so that the whole way through OpenGL is gone.
PRELUDE = """
import sys
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget
from studio.app import make_app
from studio.render.gl_status import GLStatus
from studio.widgets.views.graphics import graphics
from studio.widgets.views.scene import SceneView
from studio.widgets.theme import apply_theme

app = make_app("a card")
apply_theme(app, "dark")

def trust():
    from studio.widgets.views.gl_probe import ask
    renderer = ask()["renderer"]
    graphics().trust(renderer)
    graphics().tell(GLStatus("hardware", "OpenGL", "A card.", renderer))

def window_of(view):
    window = QMainWindow()
    graphics().prepare(window)
    window.setCentralWidget(view)
    window.resize(320, 200)
    return window

def wait_for(signal, limit_ms=20_000):
    loop = QEventLoop()
    signal.connect(loop.quit)
    QTimer.singleShot(limit_ms, lambda: loop.exit(1))
    if loop.exec():
        sys.exit("nothing came")

def settle(widget=None):
    for _ in range(3):
        app.processEvents()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

def picture(height=40, width=64):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    return pixels

def pixels_of(window):
    image = app.primaryScreen().grabWindow(window.winId()).toImage().convertToFormat(image_format())
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

def image_format():
    from PySide6.QtGui import QImage
    return QImage.Format.Format_RGB888

def psnr(a, b):
    return 10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9))

class Flat:
    '''A scene of one colour: the camera.'''
    living = 0
    is_ready = is_complete = True
    def __init__(self, ctx):
        Flat.living += 1
        self.texture = ctx.texture((4, 4), 4)
    def send(self):
        pass
    def render(self, target, camera):
        target.clear(*camera, 1.0)
    def release(self):
        Flat.living -= 1
        self.texture.release()
"""


def run_gl(code: str, display: Mapping[str, str], **extra: str) -> subprocess.CompletedProcess[str]:
    """Run `PRELUDE` and `code`; `extra` goes into the environment."""
    environment = {**os.environ, **display, "PYTHONPATH": os.fspath(ROOT), **extra}
    command = [sys.executable, "-X", "faulthandler", "-W", "error", "-c", PRELUDE + code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def said(code: str, display: Mapping[str, str], **extra: str) -> str:
    """What the code printed; fails where it ended badly or Qt, Python or the driver complained."""
    done = run_gl(code, display, **extra)
    assert (done.returncode, done.stderr) == (0, ""), (done.stdout, done.stderr)
    return done.stdout.strip()
