"""The whole bar under a panel: what is recorded, where the playhead stands, and what can be done there."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from studio.core.recording.recording import Recording
from studio.core.translation import _
from studio.widgets.timeline.hover import Hover
from studio.widgets.timeline.keyframe_line import KeyframeLine
from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.strip import Strip
from studio.widgets.timeline.surface import ScrubSurface
from studio.widgets.timeline.track_list import TrackArea
from studio.widgets.timeline.track_row import TrackRow
from studio.widgets.timeline.transport import Transport

MARGIN_PX: Final = 14
_FAST: Final = 10  # frames that an arrow key goes with Shift
_MODIFIERS: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)


class Timeline(QFrame):
    """Shows one recording, the keyframes of a path and the tracks of a panel.

    It moves the playhead of `playback`, whose length its owner sets; everything else it only asks for.

    Signals:
        keyframe_add_requested(): what is on screen becomes a keyframe.
        keyframe_selected(index), keyframe_moved(index, fraction) while dragged, keyframe_move_finished(),
        keyframe_reordered(index, to), keyframe_removed(index), keyframe_replaced(index),
        keyframe_easing_chosen(index, easing).
        branch_requested(), stop_requested().
        track_selected(id), track_renamed(id, name), track_hidden(id, is_hidden), track_pinned(id, is_pinned),
        track_deleted(id).
    """

    keyframe_add_requested = Signal()
    keyframe_selected = Signal(int)
    keyframe_moved = Signal(int, float)
    keyframe_move_finished = Signal()
    keyframe_reordered = Signal(int, int)
    keyframe_removed = Signal(int)
    keyframe_replaced = Signal(int)
    keyframe_easing_chosen = Signal(int, str)
    branch_requested = Signal()
    stop_requested = Signal()
    track_selected = Signal(str)
    track_renamed = Signal(str, str)
    track_hidden = Signal(str, bool)
    track_pinned = Signal(str, bool)
    track_deleted = Signal(str)

    def __init__(self, playback: Playback, parent: QWidget | None = None, first_number: int = 1) -> None:
        """`first_number` is what the first frame of a run is called."""
        super().__init__(parent)
        self._first_number = first_number
        self.setProperty("role", "timeline")
        self.setAccessibleName(_("Timeline"))
        self._playback = playback
        self._recording: Recording | None = None
        self._title = self._detail = ""
        self._resumes = False
        self.transport = Transport(playback)
        self.strip = Strip()
        self.line = KeyframeLine()
        self.tracks = TrackArea()
        self.hover = Hover(self, playback, self.strip)
        self._surfaces: tuple[ScrubSurface, ...] = (self.strip.filmstrip, self.strip.bars, self.line)
        self._lay_out()
        self._connect_playback()
        self._connect_wishes()
        self.refresh()

    def show_recording(self, recording: Recording | None, title: str = "", detail: str = "") -> None:
        """Show this recording and what it is in words; None shows the path alone, or that there is nothing yet."""
        if recording is not self._recording:
            self._recording = recording
            if not self.hover.popup.isHidden():
                self.hover.hide()
            self.strip.show_recording(recording)
        self._title, self._detail = title, detail
        self.refresh()

    def refresh(self) -> None:
        """The recording grew or ended; cheap."""
        self._take_length()
        self.strip.refresh()
        self._show_what_there_is()

    def _take_length(self) -> None:
        n_frames = self._playback.n_frames
        n_expected, first_step = self._expectation()
        is_run = self._recording is not None and self._recording.info.kind == "run"
        number = first_step + (self._first_number if is_run else 1)
        for surface in self._surfaces:
            surface.set_range(n_frames, max(n_frames, n_expected))
        self.line.set_first_number(number)
        self._playback.set_first_number(number)

    def show_tracks(self, rows: Sequence[TrackRow], current: str | None) -> None:
        """Show these recordings as rows, where there are two or more; `current` is the id of the one on show."""
        self.tracks.show_tracks(rows, current)
        children = [row for row in rows if row.branch is not None and row.branch[0] == current]
        self.line.show_branches([(row.branch[1], row.colour) for row in children if row.branch])

    def show_keyframes(self, marks: Sequence[KeyframeMark], current: int | None) -> None:
        """Show the keyframes of the path, in the order of their times; `current` is the selected one."""
        self.line.show_keyframes(marks, current)
        self._show_what_there_is()

    def set_branchable(self, is_branchable: bool) -> None:
        """Whether the frame on show has a state from which a run can go on."""
        self.transport.set_branchable(is_branchable)

    def set_keyframable(self, is_keyframable: bool) -> None:
        """Whether what is on screen can become a keyframe."""
        self.transport.set_keyframable(is_keyframable)
        self._show_what_there_is()

    def set_running(self, is_running: bool) -> None:
        """Whether a run is being made, which can be stopped."""
        self.transport.set_running(is_running)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, Home and End go to the ends, J K L shuttle, F2 types a number; the rest is the window's."""
        if not self._has_taken(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the bar also from its buttons, which would move the focus with them; Enter presses one."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(watched, QAbstractButton):
                watched.click()
                return True
            return self._has_taken(event)
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 8, MARGIN_PX, 5)
        column.setSpacing(4)
        for widget in (
            self.strip,
            self.line,
            self.tracks,
            self.transport,
        ):  # what grows pushes no button from under a hand
            column.addWidget(widget)
        for button in self.transport.findChildren(QAbstractButton):
            button.installEventFilter(self)

    def _connect_playback(self) -> None:
        playback = self._playback
        playback.moved.connect(self._on_moved)
        playback.changed.connect(self._on_playback_changed)
        for surface in self._surfaces:
            surface.scrub_started.connect(self._on_scrub_started)
            surface.scrubbed.connect(playback.seek)
            surface.scrub_finished.connect(self._on_scrub_finished)
            surface.stepped.connect(playback.step)
            self.hover.watch(surface)
        self.hover.watch_marks(self.line)
        self.line.keyframe_entered.connect(self._on_keyframe_entered)
        self.transport.number.left_by_key.connect(self.line.setFocus)

    def _connect_wishes(self) -> None:
        line, tracks, transport = self.line, self.tracks, self.transport
        for signal, wish in (
            (transport.keyframe_requested, self.keyframe_add_requested),
            (transport.branch_requested, self.branch_requested),
            (transport.stop_requested, self.stop_requested),
            (line.keyframe_selected, self.keyframe_selected),
            (line.keyframe_moved, self.keyframe_moved),
            (line.keyframe_move_finished, self.keyframe_move_finished),
            (line.keyframe_reordered, self.keyframe_reordered),
            (line.keyframe_removed, self.keyframe_removed),
            (line.keyframe_replaced, self.keyframe_replaced),
            (line.keyframe_easing_chosen, self.keyframe_easing_chosen),
            (tracks.track_selected, self.track_selected),
            (tracks.track_renamed, self.track_renamed),
            (tracks.track_hidden, self.track_hidden),
            (tracks.track_pinned, self.track_pinned),
            (tracks.track_deleted, self.track_deleted),
        ):
            signal.connect(wish)

    def _expectation(self) -> tuple[int, int]:
        """How many frames a growing run will have, 0 where its frames do not tell, and the step of its first frame."""
        recording = self._recording
        n_recorded = 0 if recording is None else len(recording)
        if recording is None or not n_recorded:
            return 0, 0
        first, last = recording.stored(0), recording.stored(n_recorded - 1)
        if last.step - first.step != n_recorded - 1:
            return 0, 0  # thinned out, as in a training: the steps do not count frames
        n_more = max(0, last.n_steps - 1 - last.step) if self._playback.is_growing else 0
        return n_recorded + n_more if n_more else 0, first.step

    def _show_what_there_is(self) -> None:
        n_frames, marks = self._playback.n_frames, self.line.marks
        self.line.setVisible(n_frames > 0 or bool(marks))
        self.line.show_labels(not self.strip.shows_pictures, self._playback.fps if marks else 0.0)
        if self._title or n_frames or marks:
            self.transport.show_text(self._title, self._detail)
        else:
            self.transport.show_nothing()

    def _has_taken(self, event: QKeyEvent) -> bool:
        playback, modifiers = self._playback, event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if modifiers in _MODIFIERS and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            way = _FAST if modifiers == Qt.KeyboardModifier.ShiftModifier else 1
            playback.step(-way if key == Qt.Key.Key_Left else way)
            return True
        calls = {
            Qt.Key.Key_Home: playback.to_start,
            Qt.Key.Key_End: playback.to_end,
            Qt.Key.Key_J: playback.shuttle_back,
            Qt.Key.Key_K: playback.shuttle_stop,
            Qt.Key.Key_L: playback.shuttle_forward,
            Qt.Key.Key_F2: self.transport.number.setFocus,
        }
        if modifiers != Qt.KeyboardModifier.NoModifier or key not in calls:
            return False
        calls[key]()
        return True

    def _on_moved(self, index: int) -> None:
        for surface in self._surfaces:
            surface.set_index(index)

    def _on_playback_changed(self) -> None:
        self._take_length()
        self._show_what_there_is()

    def _on_scrub_started(self) -> None:
        self.line.setFocus(Qt.FocusReason.MouseFocusReason)
        self._resumes = self._playback.is_playing and not self._playback.is_following
        self._playback.pause()

    def _on_scrub_finished(self) -> None:
        if self._resumes:
            self._playback.play()
        self._resumes = False

    def _on_keyframe_entered(self, index: int) -> None:
        last = max(self._playback.n_frames - 1, 0)
        self._playback.seek(round(self.line.marks[index].fraction * last))
