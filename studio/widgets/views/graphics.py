"""Finds out, once and beside everything else, whether OpenGL is worth anything here, and prepares the window for it.

Figures of the choice (two cores, llvmpipe): a QOpenGLWidget shows a 512² picture 126 times a second for 7.7 ms of
processor time each, a QPainter 2784 times for 0.3 ms; at 1060x720 it is 51 times for 17.5 ms against 1350 for 0.6 ms.
At 30 pictures a second of 1060x720 the first leaves numba 37 % of its speed. So only a real card draws by OpenGL.
"""

import json
import logging
import os
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.child import child_command
from studio.core.translation import N_
from studio.render.gl_status import OFF, OFF_VARIABLE, GLStatus, found_status, missing_status
from studio.widgets.child_process import ChildProcess
from studio.widgets.of_program import of_program
from studio.widgets.views.gl_probe import ask

log = logging.getLogger(__name__)

PROBE_LIMIT_MS: Final = 20_000
_SOURCE_PROPERTY: Final = "studio_graphics"
_ANCHOR: Final = "gl_anchor"
_WITHOUT_GL: Final = ("offscreen", "minimal", "vnc")  # Qt's platforms that have no OpenGL of their own


class Graphics(QObject):
    """What is known about OpenGL. Signals: changed() when it is known, or no longer holds.

    Attributes:
        status: None until it is known.
        trusted: the renderer that was found to be a graphics card in an earlier session; empty without one.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.status: GLStatus | None = None
        self.trusted = ""
        self._child: ChildProcess | None = None
        self._answer = b""
        if (reason := _reason_without()) is not None:
            self.status = missing_status(reason)

    def trust(self, renderer: str) -> None:
        """Take it that this renderer is a graphics card, if it is still there; call it before the window is shown."""
        if renderer and self.status is None and ask().get("renderer") == renderer:
            self.trusted = renderer

    def prepare(self, window: QWidget) -> None:
        """Let a window that was not shown yet be put together by the trusted graphics card.

        Qt makes a shown window anew, and it blinks, when the first OpenGL widget comes into it.
        """
        if self.trusted:
            from PySide6.QtOpenGLWidgets import QOpenGLWidget

            anchor = QOpenGLWidget(window)
            anchor.setObjectName(_ANCHOR)
            anchor.hide()

    def can_draw_in(self, widget: QWidget) -> bool:
        """Whether an OpenGL widget may come into the window of `widget`."""
        is_fit = bool(self.trusted) and (self.status is None or self.status.kind == "hardware")
        return is_fit and widget.window().findChild(QWidget, _ANCHOR) is not None

    def look(self) -> None:
        """Find the status in a child process, unless it is being found; tells at once where it is known."""
        if self.status is not None:
            self.changed.emit()
        elif self._child is None:
            self._start_child()

    def _start_child(self) -> None:
        self._answer = b""
        self._child = ChildProcess(child_command("studio.widgets.views.gl_probe:main"), self, PROBE_LIMIT_MS)
        self._child.said.connect(self._on_line_said)
        self._child.ended.connect(self._on_child_ended)

    def tell(self, status: GLStatus) -> None:
        """Note what was found."""
        if status != self.status:
            self.status = status
            self.changed.emit()

    def give_up(self, reason: str) -> None:
        """Use no OpenGL any more in this session; `reason` is a sentence."""
        self.trusted = ""
        self.tell(missing_status(reason))

    def _on_line_said(self, line: bytes) -> None:
        self._answer = line

    def _on_child_ended(self) -> None:
        self._child = None
        self.tell(_status_from(self._answer))


def graphics() -> Graphics:
    """The object that knows; belongs to the QApplication."""
    return of_program(Graphics, _SOURCE_PROPERTY)


def _reason_without() -> str | None:
    if os.environ.get(OFF_VARIABLE) == OFF:
        return N_("OpenGL is switched off by {name}.").format(name=OFF_VARIABLE)
    if QGuiApplication.platformName() in _WITHOUT_GL:
        return N_("There is no screen for OpenGL.")
    return None


def _status_from(answer: bytes) -> GLStatus:
    try:
        said = json.loads(answer)
        return found_status((int(said["version"][0]), int(said["version"][1])), str(said["renderer"]))
    except (ValueError, KeyError, TypeError, IndexError):
        log.info("no OpenGL: the driver answered %.200r", answer)
        return missing_status(N_("The graphics driver does not offer OpenGL."))
