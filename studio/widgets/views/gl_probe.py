"""Asks the driver what it can do, in a process of its own: broken drivers crash, and others take long to load."""

import json
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

from studio.render.gl_status import LOWEST_VERSION

_GL_RENDERER = 0x1F01


def set_default_format() -> None:
    """Ask for OpenGL 3.3 core wherever a context is made; to be called before the QApplication is."""
    wanted = QSurfaceFormat()
    wanted.setVersion(*LOWEST_VERSION)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    QSurfaceFormat.setDefaultFormat(wanted)


def main() -> None:
    """Print {"version": [major, minor], "renderer": text}, or {} where no context can be made."""
    set_default_format()
    app = QGuiApplication([])
    print(json.dumps(ask()))  # noqa: T201 that is this process' whole answer
    app.shutdown()


def ask() -> dict[str, Any]:
    """What `main` prints, found in this process, which needs a QGuiApplication."""
    surface = QOffscreenSurface()
    surface.create()
    context = QOpenGLContext(QCoreApplication.instance())
    if not (context.create() and context.makeCurrent(surface)):
        return {}
    made = context.format()
    renderer = context.functions().glGetString(_GL_RENDERER)
    context.doneCurrent()
    return {"version": [made.majorVersion(), made.minorVersion()], "renderer": renderer}
