"""One presentation from its beginning to its end: which state is shown, what visitors do, and what time does."""

import dataclasses
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget

from studio.commands.command import Command
from studio.core.param import param_specs
from studio.shell.present.control import offered_controls, surprise_of
from studio.shell.present.gate import Gate
from studio.shell.present.pace import Pace
from studio.shell.present.show import Preparation
from studio.shell.present.side import Side, scale_for
from studio.shell.present.stage import Stage
from studio.shell.session.crash import write_down

if TYPE_CHECKING:
    from studio.api.panel import Panel

TICK_MS: Final = 250
SEED: Final = "seed"


def can_surprise(panel: "Panel") -> bool:
    """Whether a panel can make something else by chance."""
    return surprise_of(panel) is not None or SEED in param_specs(type(panel.params()))


def surprise(panel: "Panel") -> None:
    """Make something else by chance: by the panel's own command, or by another seed."""
    command = surprise_of(panel)
    if command is not None:
        command.run()
    elif can_surprise(panel):
        params, spec = panel.params(), param_specs(type(panel.params()))[SEED]
        seed = random.randint(int(spec.low or 0), int(spec.high or 0))
        panel.set_params(dataclasses.replace(params, **{SEED: seed}))


def set_moving(panel: "Panel", moves: str) -> None:
    """Let something begin to move, unless something does: a walk, a run, or what is on the timeline from its start."""
    playback = panel.timeline.playback
    if playback.is_playing or panel.timeline.is_growing:
        return
    source = offered_controls(panel).get(moves) if moves else None
    if isinstance(source, Command):
        source.run()
    elif isinstance(source, QAbstractButton):
        source.click()
    elif can_surprise(panel):
        surprise(panel)
    elif playback.n_frames > 1:
        playback.to_start()
        playback.play()


class Presentation(QObject):
    """Shows one state after the other in tabs of the window, which is full screen meanwhile.

    Signals: ended() when a visitor or the presenter has left; resized(scale) when everything has another size.
    """

    ended = Signal()
    resized = Signal(float)

    def __init__(
        self,
        window: QWidget,
        stage: Stage,
        preparation: Preparation,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._window, self._stage, self._clock = window, stage, clock
        self.pace = Pace(preparation.idle_s, clock())
        self.side = Side()
        self._panel: Panel | None = None
        self._size = QSize()
        self._is_cursor_hidden = False
        self._gate = Gate(window.windowHandle(), preparation.exit_key, lambda: self.pace.is_attracting)
        self._gate.touched.connect(self._on_touched)
        self._gate.left.connect(self.ended, Qt.ConnectionType.QueuedConnection)
        self._gate.held.connect(self._on_held)
        self._gate.let_go.connect(self.pace.let_go)
        self.side.surprise_requested.connect(self._on_surprise_requested)
        self.side.again_requested.connect(self.start_again)
        self.side.turned.connect(self.turn)
        self.side.resized.connect(self.fit, Qt.ConnectionType.QueuedConnection)
        stage.front_changed.connect(self._on_front_changed)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    def begin(self) -> None:
        """Show the first state."""
        self.turn(0)
        self.side.setFocus()
        self._timer.start()

    def close(self) -> None:
        """Let window and panel be as they were."""
        self._timer.stop()
        self._gate.close()
        self._show_cursor()
        self._detach()
        self.side.deleteLater()
        self.deleteLater()

    # What is shown

    def turn(self, step: int) -> None:
        """Go on in the playlist, past what cannot be shown; the presentation ends where nothing can."""
        self._detach()
        panel = self._stage.turn(step)
        if panel is None:
            self.ended.emit()
            return
        self._attach(panel)
        self.pace.show(self._clock())
        self.show_time()

    def _attach(self, panel: "Panel") -> None:
        self._panel = panel
        self.fit(is_new=True)

    def _detach(self) -> None:
        if self._panel is not None:
            self._panel.timeline.pause()
            self._panel.frame.show_for_work(self.side)
        self.side.clear()
        self._panel = None

    def _on_front_changed(self) -> None:
        """Let go of a panel before it is gone: its tab was closed, or shows another model. The next tick goes on."""
        if self._panel is not None and self._stage.panel is not self._panel:
            self._detach()

    def fit(self, is_new: bool = False) -> None:
        """Be as large as the window is."""
        if self._panel is None or (self._window.size() == self._size and not is_new):
            return
        if self._size != self._window.size():
            self._size = self._window.size()
            self.side.fit(self._size)
            self.resized.emit(scale_for(self._size))
        showing = self._stage.show.showing
        self._panel.frame.show_for_visitors(self.side, self.side.margin_px)
        self.side.show()
        self.side.show_words(showing, can_surprise(self._panel), self._stage.n_shows > 1)
        self.side.follow(self._panel, showing.controls, is_new=True)

    # What visitors do

    def start_again(self) -> None:
        """Return to the prepared state."""
        self._carefully(self._stage.start_again)

    def _on_surprise_requested(self) -> None:
        if self._panel is not None:
            panel = self._panel
            self._carefully(lambda: surprise(panel))

    def _on_touched(self) -> None:
        was_asleep = self.pace.is_attracting
        self.pace.touch(self._clock())
        if was_asleep:
            self._show_cursor()
            self.start_again()
            self.show_time()

    def _on_held(self) -> None:
        self.pace.hold(self._clock())

    # What time does

    def tick(self) -> None:
        """Do what is due now."""
        if self._panel is None:
            self.turn(0)
            return
        self._fill_screen()
        due = self.pace.due(self._clock(), self._stage.n_shows)
        if due == "leave":
            self.ended.emit()
            return
        if due == "return":
            self._fall_asleep()
        elif due == "next":
            self.turn(1)
            self.start_again()
        elif due == "move":
            self._carefully(self._move)
        self._stage.learn_start()
        self._follow()

    def _fill_screen(self) -> None:
        """Without a window manager, as on many a kiosk, nobody else makes a full screen of the window."""
        whole = self._window.screen().geometry()
        if self._window.isFullScreen() and self._window.geometry() != whole:
            self._window.setGeometry(whole)

    def _move(self) -> None:
        if self._panel is not None:
            set_moving(self._panel, self._stage.show.showing.moves)

    def _fall_asleep(self) -> None:
        _close_dialogs()
        if not self._is_cursor_hidden:
            self._is_cursor_hidden = True
            QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self.start_again()

    def _follow(self) -> None:
        if self._panel is not None:
            self.side.follow(self._panel, self._stage.show.showing.controls)
        self.show_time()

    def show_time(self) -> None:
        """Say what time does."""
        left_s = self.pace.left_s(self._clock())
        self.side.show_time(self._stage.place, self._stage.n_shows, left_s, self.pace.is_attracting)

    def _show_cursor(self) -> None:
        if self._is_cursor_hidden:
            self._is_cursor_hidden = False
            QGuiApplication.restoreOverrideCursor()

    def _carefully(self, call: Callable[[], object]) -> None:
        """A mistake of a family goes to the log: nobody stands there who could read it."""
        try:
            call()
        except Exception as error:
            write_down(error)


def _close_dialogs() -> None:
    """Whatever a visitor has opened is closed, as with Escape."""
    for widget in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
        if isinstance(widget, QDialog):
            widget.reject()
        elif widget is not None:
            widget.close()
