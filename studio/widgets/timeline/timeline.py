"""The whole bar under a panel: what is recorded, where the playhead stands, and what can be done there."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording import Recording
from studio.core.text import N_, translate
from studio.widgets.playback import Playback
from studio.widgets.throttle import Throttle
from studio.widgets.thumbnail import frame_thumbnail, is_picture
from studio.widgets.timeline.bar_chart import BarChart, FloatArray
from studio.widgets.timeline.bar_source import bar_scalar, bar_values, frame_label
from studio.widgets.timeline.filmstrip import Filmstrip
from studio.widgets.timeline.keyframe_line import KeyframeLine
from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.preview import SIDE_PX, PreviewPopup
from studio.widgets.timeline.surface import ScrubSurface
from studio.widgets.timeline.track_list import TrackArea
from studio.widgets.timeline.track_row import TrackRow
from studio.widgets.timeline.transport import NOTHING, NOTHING_DETAIL, Transport

MARGIN_PX: Final = 14
_FAST: Final = 10  # frames that an arrow key goes with Shift
_BARS_EVERY_MS: Final = 100
_PREVIEW_EVERY_MS: Final = 30


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
        scrub_started(), scrub_finished(): around one drag of the playhead.
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
    scrub_started = Signal()
    scrub_finished = Signal()

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "timeline")
        self.setAccessibleName(translate(N_("Timeline")))
        self._playback = playback
        self._recording: Recording | None = None
        self._rows: Sequence[TrackRow] = ()
        self._current_track: str | None = None
        self._values: FloatArray = np.zeros(0)
        self._title = self._detail = ""
        self._n_recorded = self._first_step = 0
        self._resumes = False
        self._hovered = -1
        self.transport = Transport(playback)
        self.filmstrip = Filmstrip(self._thumbnail)
        self.bars = BarChart(self._label)
        self.line = KeyframeLine()
        self._hovered_surface: ScrubSurface = self.line
        self.tracks = TrackArea()
        self.preview = PreviewPopup(self)
        self._bars_throttle = Throttle(_BARS_EVERY_MS, self._show_bars, self)
        self._preview_throttle = Throttle(_PREVIEW_EVERY_MS, self._show_preview, self)
        self._lay_out()
        self._connect()
        self.show_recording(None)

    def show_recording(self, recording: Recording | None, title: str = "", detail: str = "") -> None:
        """Show this recording and what it is in words; None shows the path alone, or that there is nothing yet."""
        if recording is not self._recording:
            self._recording = recording
            self._values = np.zeros(0)
            self._show_hover(-1)
        self._title, self._detail = title, detail
        self.refresh()

    def refresh(self) -> None:
        """The recording grew or ended, or the length of the playback changed; cheap."""
        n_recorded = 0 if self._recording is None else len(self._recording)
        n_frames = self._playback.n_frames
        n_total = max(n_frames, self._n_expected(n_recorded))
        self._n_recorded = n_recorded
        for surface in self._surfaces:
            surface.set_range(n_frames, n_total)
        self._show_content()
        self._show_words()

    def show_tracks(self, rows: Sequence[TrackRow], current: str | None) -> None:
        """Show these recordings as rows, where there are two or more; `current` is the id of the one on show."""
        self._rows, self._current_track = rows, current
        self.tracks.show_tracks(rows, current)
        self._show_branches()

    def show_keyframes(self, marks: Sequence[KeyframeMark], current: int | None) -> None:
        """Show the keyframes of the path, in the order of their times; `current` is the selected one."""
        self.line.show_keyframes(marks, current)
        self.filmstrip.show_marks(marks)
        self._show_content()
        self._show_words()

    def set_branchable(self, is_branchable: bool) -> None:
        """Whether the frame on show has a state from which a run can go on."""
        self.transport.set_branchable(is_branchable)

    def set_keyframable(self, is_keyframable: bool) -> None:
        """Whether what is on screen can become a keyframe."""
        self.transport.set_keyframable(is_keyframable)

    def set_running(self, is_running: bool) -> None:
        """Whether a run is being made, which can be stopped."""
        self.transport.set_running(is_running)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, Home and End go to the ends, J K L shuttle; other keys go on to the window."""
        if not self._has_taken(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keys of the bar to it also while one of its buttons has the focus, which would move the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._has_taken(event)
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self._surfaces: tuple[ScrubSurface, ...] = (self.filmstrip, self.bars, self.line)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 8, MARGIN_PX, 5)
        column.setSpacing(4)
        for widget in (self.transport, self.filmstrip, self.bars, self.line, self.tracks):
            column.addWidget(widget)

    def _connect(self) -> None:
        playback, line, tracks, transport = self._playback, self.line, self.tracks, self.transport
        playback.moved.connect(self._on_moved)
        playback.changed.connect(self.refresh)
        for surface in self._surfaces:
            surface.scrub_started.connect(self._on_scrub_started)
            surface.scrubbed.connect(playback.seek)
            surface.scrub_finished.connect(self._on_scrub_finished)
            surface.stepped.connect(playback.step)
            surface.hovered.connect(self._on_hovered)
        line.keyframe_entered.connect(self._on_keyframe_entered)
        line.mark_hovered.connect(self._on_mark_hovered)
        for source, wish in (
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
            source.connect(wish)
        transport.number.left_by_key.connect(self.line.setFocus)
        for button in transport.findChildren(QAbstractButton):
            button.installEventFilter(self)

    def _n_expected(self, n_recorded: int) -> int:
        """How many frames the recording will have in the end, as far as its frames tell."""
        self._first_step = 0
        if self._recording is None or not n_recorded:
            return n_recorded
        first, last = self._recording[0], self._recording[n_recorded - 1]
        if last.step - first.step != n_recorded - 1:
            return n_recorded  # thinned out, as in a training: the steps do not count frames
        self._first_step = first.step
        return n_recorded if self._recording.is_finished else n_recorded + max(0, last.n_steps - 1 - last.step)

    def _show_content(self) -> None:
        recording, has_frames = self._recording, self._n_recorded > 0
        marks = self.line.marks
        is_strip = any(mark.thumbnail is not None for mark in marks)
        if recording is not None and has_frames:
            is_strip = is_picture(recording[0].main_view)
            if is_strip:
                self.filmstrip.show_frames(recording.info.id, self._n_recorded, not recording.is_finished)
            else:
                self._bars_throttle.request()
        elif is_strip:
            self.filmstrip.show_frames("", 0, False)
        self.filmstrip.setVisible(is_strip)
        self.bars.setVisible(has_frames and not is_strip and bool(np.isfinite(self._values).any()))
        self.line.setVisible(self._playback.n_frames > 0 or bool(marks))
        self.line.show_labels(not is_strip, self._playback.fps if marks else 0.0)

    def _show_bars(self) -> None:
        recording = self._recording
        if recording is None:
            return
        self._values = bar_values(recording, bar_scalar(recording), self._values)
        self.bars.show_values(recording.info.id, self._values)
        self.bars.setVisible(not self.filmstrip.isVisibleTo(self) and bool(np.isfinite(self._values).any()))
        if len(self._values) < len(recording):
            self._bars_throttle.request()

    def _show_words(self) -> None:
        is_empty = not (self._title or self._playback.n_frames or self.line.marks)
        if is_empty:
            self.transport.show_text(translate(NOTHING), translate(NOTHING_DETAIL))
        else:
            self.transport.show_text(self._title, self._detail)
        self.transport.show_step_offset(self._first_step + 1)

    def _show_branches(self) -> None:
        steps = {row.branch[1] for row in self._rows if row.branch and row.branch[0] == self._current_track}
        self.line.show_branches(sorted(steps))

    def _thumbnail(self, index: int, size_px: int) -> QImage:
        frame = self._frame(index)
        return QImage() if frame is None else _drawn(frame, size_px)

    def _label(self, index: int) -> str:
        frame = self._frame(index)
        return "" if frame is None else frame_label(frame)

    def _frame(self, index: int) -> Frame | None:
        is_there = self._recording is not None and 0 <= index < len(self._recording)
        return self._recording[index] if self._recording is not None and is_there else None

    def _has_taken(self, event: QKeyEvent) -> bool:
        playback, modifiers = self._playback, event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        way = _FAST if modifiers == Qt.KeyboardModifier.ShiftModifier else 1
        key = Qt.Key(event.key())
        if modifiers not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            return False
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            playback.step(-way if key == Qt.Key.Key_Left else way)
            return True
        calls = {
            Qt.Key.Key_Home: playback.to_start,
            Qt.Key.Key_End: playback.to_end,
            Qt.Key.Key_J: playback.shuttle_back,
            Qt.Key.Key_K: playback.shuttle_stop,
            Qt.Key.Key_L: playback.shuttle_forward,
        }
        if key not in calls or way != 1:
            return False
        calls[key]()
        return True

    def _on_moved(self, index: int) -> None:
        for surface in self._surfaces:
            surface.set_index(index)

    def _on_scrub_started(self) -> None:
        self.line.setFocus(Qt.FocusReason.MouseFocusReason)
        self._resumes = self._playback.is_playing and not self._playback.is_following
        self._playback.pause()
        self.scrub_started.emit()

    def _on_scrub_finished(self) -> None:
        if self._resumes:
            self._playback.play()
        self._resumes = False
        self.scrub_finished.emit()

    def _on_keyframe_entered(self, index: int) -> None:
        last = max(self._playback.n_frames - 1, 0)
        self._playback.seek(round(self.line.marks[index].fraction * last))

    def _on_hovered(self, index: int) -> None:
        sender = self.sender()
        if isinstance(sender, ScrubSurface) and index >= 0:
            self._hovered_surface = sender
        self._show_hover(index)

    def _show_hover(self, index: int) -> None:
        self._hovered = index
        if index < 0:
            self.preview.hide()
        else:
            self._preview_throttle.request()

    def _show_preview(self) -> None:
        index = self._hovered
        if index < 0 or not self.isVisible():
            return
        frame = self._frame(index)
        size_px = round(SIDE_PX * self.devicePixelRatioF())
        image = _drawn(frame, size_px) if frame is not None and is_picture(frame.main_view) else None
        title = translate(N_("Frame {n}")).format(n=f"{index + 1:,}")
        surface = self._hovered_surface
        self._stand_preview(surface.axis().x_of(index) + surface.x(), image, title, frame.label if frame else "")

    def _on_mark_hovered(self, index: int) -> None:
        if index < 0:
            return
        mark = self.line.marks[index]
        n_marks = len(self.line.marks)
        title = translate(N_("Keyframe {n} of {count}")).format(n=index + 1, count=n_marks)
        self._hovered = -1
        hint = translate(N_("Drag to move, double-click to go there"))
        self._stand_preview(self.line.x_of_keyframe(index) + self.line.x(), mark.thumbnail, title, hint)

    def _stand_preview(self, x_px: float, image: QImage | None, title: str, detail: str) -> None:
        self.preview.show_above(self.mapToGlobal(QPoint(round(x_px), -4)), image, title, detail)


def _drawn(frame: Frame, size_px: int) -> QImage:
    """The picture of a frame, null where it shows something else."""
    try:
        return frame_thumbnail(frame, size_px)
    except UserError:
        return QImage()
