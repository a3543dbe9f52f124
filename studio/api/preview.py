"""The recording that comes with a model: its panel plays it until the model itself shows something."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.file import load_recording
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, translate
from studio.core.view import Image, Tokens
from studio.render.still import shown_view, still_pixels
from studio.render.text_picture import text_picture
from studio.widgets.motion import motion
from studio.widgets.panel_frame import PanelFrame
from studio.widgets.theme import theme
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline
from studio.widgets.views.image import ImageView

log = logging.getLogger(__name__)

SUFFIX: Final = ".frames"
MAX_BYTES: Final = 100_000
"""Larger files beside a model are something else, and would take long to read."""
NOTE: Final = N_("This is a recording that came with the model. It plays until the model is ready.")
_LOOK_EVERY_MS: Final = 30
_SIDE_PX: Final = 512


class PreviewView(ImageView):
    """One frame as a picture, on a ground that hides the canvas.

    Signals: seen(is_seen) as it comes into sight and goes; pressed() where it `takes_hand` instead of the canvas.
    """

    seen = Signal(bool)
    pressed = Signal()

    def __init__(self, takes_hand: bool = False) -> None:
        super().__init__()
        self.setObjectName("preview")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not takes_hand)
        self.setAccessibleName(_("A recording that came with this model"))
        self.setAccessibleDescription("")

    def show_frame(self, frame: Frame) -> None:
        """Show what a frame shows; raises UserError where that is nothing that a picture can hold."""
        match shown_view(frame):
            case Image(pixels=pixels):
                self.show_array(pixels)
            case Tokens() as text:
                self.show_array(text_picture(text, _SIDE_PX, "black" if theme().name == "dark" else "paper"))
            case _:
                self.show_array(still_pixels(frame, _SIDE_PX))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Whatever a hand wants here, it wants the canvas."""
        self.pressed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """It comes into sight."""
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """It goes out of sight."""
        super().hideEvent(event)
        self.seen.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Hide the canvas, then draw the picture, where there is one."""
        QPainter(self).fillRect(self.rect(), QColor(theme().colour.canvas))
        if self.pixels is not None:
            super().paintEvent(event)


def recording_beside(model: Path) -> Path:
    """Where the recording of a model lies, whose weights or card are this file."""
    return model.with_suffix(SUFFIX)


class Preview(QObject):
    """Lies over the canvas, with a bar in the timeline's place on which one can scrub.

    It is no run of the panel: nothing of it is exported, kept, or gone on from. Whoever moves a control meanwhile
    moves the panel below.

    Attributes:
        playback: its playhead.
    """

    def __init__(
        self, frame: PanelFrame, model: Path, has_picture: Callable[[], bool], takes_hand: bool = False
    ) -> None:
        """A preview over the canvas of `frame`.

        Args:
            frame: that of the panel.
            model: the model's file, beside which the recording lies.
            has_picture: whether the panel shows something of its own.
            takes_hand: whether the first press on the canvas is for the panel, and ends the preview.
        """
        super().__init__(frame)
        self.playback = Playback(self)
        self._frame, self._has_picture, self._takes_hand = frame, has_picture, takes_hand
        self._path = recording_beside(model)
        self._recording: Recording | None = None
        self._view: PreviewView | None = None
        self._resumes = True
        self._watch = QTimer(self, interval=_LOOK_EVERY_MS)
        self._watch.timeout.connect(self._end_if_due)
        motion().changed.connect(self._follow_motion)
        self.playback.moved.connect(self._show)

    @property
    def is_shown(self) -> bool:
        """Whether it lies over the canvas."""
        return self._view is not None

    def begin_once_seen(self) -> None:
        """Begin after the panel has been painted for the first time: nobody waits longer for its controls."""
        self._frame.installEventFilter(self)

    def eventFilter(self, frame: QObject, event: QEvent) -> bool:
        """The panel is painted."""
        if event.type() is QEvent.Type.Paint:
            frame.removeEventFilter(self)
            QTimer.singleShot(0, self, self.begin)
        return False

    def begin(self) -> None:
        """Play in a loop, where the model has a recording and its panel shows nothing yet; rest where less may move."""
        if self.is_shown or self._is_over():
            return
        self._recording = self._read()
        if self._recording is None:
            return
        self.playback.set_fps(self._recording.info.fps)
        self.playback.set_loop("loop")
        self._view = PreviewView(self._takes_hand)
        self._view.pressed.connect(self.end)
        self._view.seen.connect(self._on_seen)
        self._frame.cover(self._view, self._bar(self._recording))
        self._frame.caption.set_note(translate(NOTE))
        self._resumes = not motion().is_reduced
        self._watch.start()
        QTimer.singleShot(0, self, self._play)  # a text takes a while to draw: events have a turn before

    def _read(self) -> Recording | None:
        try:
            if self._path.stat().st_size <= MAX_BYTES:
                recording = load_recording(self._path)
                return recording if len(recording) else None
        except FileNotFoundError:
            pass
        except (OSError, UserError) as error:  # the model opens all the same
            log.warning("the recording of a model cannot be shown: %s", error)
        return None

    def _bar(self, recording: Recording) -> Timeline:
        bar = Timeline(self.playback)
        bar.set_keyframable(False)
        bar.show_recording(recording, _("Recording"), translate(NOTE))
        return bar

    def _play(self) -> None:
        if self._recording is not None and self._view is not None:
            self.playback.set_length(len(self._recording))
            if not self._resumes:
                self.playback.seek(len(self._recording) - 1)  # what it came to
            self._on_seen(self._view.isVisible())

    def end(self) -> None:
        """Give the canvas and the timeline back."""
        if self._recording is None:
            return
        self._watch.stop()
        self.playback.pause()
        self._frame.uncover()
        self._frame.caption.set_note("")
        self._recording.close()
        self._recording = self._view = None

    def _is_over(self) -> bool:
        try:
            return self._has_picture()
        except Exception:  # a family's mistake, which the tab writes down: it asks too
            return True

    def _end_if_due(self) -> None:
        if self._is_over():
            self.end()

    def _on_seen(self, is_seen: bool) -> None:
        """Nothing plays unseen."""
        if is_seen and self._resumes:
            self.playback.play()
        elif not is_seen and self.playback.n_frames:
            self._resumes = self.playback.is_playing
            self.playback.pause()

    def _follow_motion(self) -> None:
        if motion().is_reduced:
            self._resumes = False
            self.playback.pause()

    def _show(self, index: int) -> None:
        if self._recording is None or self._view is None:
            return
        try:
            self._view.show_frame(self._recording[index])
        except UserError as error:
            log.warning("the recording of a model cannot be shown: %s", error)
            self.end()
