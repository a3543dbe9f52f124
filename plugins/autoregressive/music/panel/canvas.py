"""The roll of four voices: to look at, to write on, to listen along.

A click on an empty place sets a note of the voice in hand; notes are dragged, their right end makes them longer, the
right button gives a note back to the model. A click on the bar numbers chooses a bar. Arrow keys go from note to note
(left, right) and move the marked one (up, down; with Shift by an octave), 1 to 4 take a voice, Enter sets a note,
Delete lets the voice rest, Backspace gives the note back. The wheel scrolls a long piece.
"""

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import ENTER, PICTURE, Sized, hue_of, image_from_array, theme
from studio.core.translation import _
from studio.core.view import ByteArray

from ..grid import HIGHEST, LOWEST, N_VOICES
from ..notes import VoiceNote
from .painter import MOST_STEPS, RollContent, RollLayout, paint_roll, pitch_range

EDGE_PX: Final = 6.0
BEAT: Final = 4


@dataclass(frozen=True)
class NoteDrag:
    """A hand at work: the voice, the note that was there (None for a new one), and the note as it would be.

    Attributes:
        grip: sixteenths from the note's beginning to where it was taken. is_end: whether its end is drawn.
    """

    voice: int
    old: VoiceNote | None
    note: VoiceNote
    grip: int = 0
    is_end: bool = False


class MusicCanvas(Sized, QWidget):
    """Signals:
    note_set(voice, note, old): a note was set, or an old one moved or made longer (else None).
    note_chosen(voice, step): a click on a note, or the keys.
    note_returned(voice, note): the model shall say what stands there. note_removed(voice, note): a rest shall.
    bar_chosen(number): a click on its number. voice_chosen(voice). heard(voice, pitch): a short tone is wanted.
    """

    spoken_role = PICTURE
    room_px, least_px = (760, 460), (200, 160)

    note_set = Signal(int, object, object)
    note_chosen = Signal(int, int)
    note_returned = Signal(int, object)
    note_removed = Signal(int, object)
    bar_chosen = Signal(int)
    voice_chosen = Signal(int)
    heard = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("music_canvas")
        self.setAccessibleName(_("Piano roll"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._shown: RollContent | None = None
        self._first = 0
        self._drag: NoteDrag | None = None
        self._range = (45, 80)
        self._picture = QImage()

    # What it shows

    def show_music(self, shown: RollContent) -> None:
        """Show a moment of a piece."""
        self._shown = shown
        if self._drag is None:
            pitches = [note.pitch for voice in shown.seen.notes for note in voice]
            self._range = pitch_range(pitches, LOWEST, HIGHEST)
        self._first = min(self._first, max(len(shown.seen.grid) - MOST_STEPS, 0))
        if shown.playhead is not None:
            self._follow(shown.playhead)
        self.update()

    def show_picture(self, pixels: ByteArray) -> None:
        """Show what a training draws instead of a piece."""
        self._shown, self._picture = None, image_from_array(pixels)
        self.update()

    def set_playhead(self, at: float | None) -> None:
        """Move the line that follows the sound."""
        if self._shown is not None:
            self._shown = replace(self._shown, playhead=at)
            if at is not None:
                self._follow(at)
            self.update()

    def _follow(self, at: float) -> None:
        if self._shown is not None and not self._first <= at < self._first + MOST_STEPS:
            most = max(len(self._shown.seen.grid) - MOST_STEPS, 0)
            self._first = min(max(int(at) - MOST_STEPS // 8, 0), most)

    @property
    def layout_now(self) -> RollLayout:
        """Where things lie."""
        n_steps = 0 if self._shown is None else len(self._shown.seen.grid)
        low, high = self._range
        return RollLayout(self.width(), self.height(), self._first, min(max(n_steps, 1), MOST_STEPS), low, high)

    @property
    def drag(self) -> NoteDrag | None:
        """What a hand is about to do."""
        return self._drag

    def note_under(self, point: QPointF) -> tuple[int, VoiceNote] | None:
        """The voice and the note at a point; of several the voice in hand first."""
        shown, layout = self._shown, self.layout_now
        if shown is None or not layout.is_body(point):
            return None
        for voice in sorted(range(N_VOICES), key=lambda one: one != shown.voice):
            for note in shown.seen.notes[voice]:
                is_there = shown.seen.is_there[note.start, voice]
                if is_there and layout.note_rect(note.start, note.length, note.pitch).contains(point):
                    return voice, note
        return None

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a note, set a new one, choose a bar, or give a note back."""
        shown, layout, point = self._shown, self.layout_now, event.position()
        if shown is None or self._drag is not None:
            return
        if event.button() == Qt.MouseButton.RightButton:
            found = self.note_under(point)
            if found is not None:
                self.note_returned.emit(*found)
        elif event.button() == Qt.MouseButton.LeftButton and layout.is_head(point):
            self.bar_chosen.emit(shown.seen.bar_of(layout.step_at(point.x())))
        elif event.button() == Qt.MouseButton.LeftButton and layout.is_body(point):
            self._take(point)
        self.update()

    def _take(self, point: QPointF) -> None:
        layout, found = self.layout_now, self.note_under(point)
        step = layout.step_at(point.x())
        if found is None:
            assert self._shown is not None
            start = step // 2 * 2
            pitch = layout.pitch_at(point.y())
            length = min(BEAT, len(self._shown.seen.grid) - start)
            self._drag = NoteDrag(self._shown.voice, None, VoiceNote(start, length, pitch))
            self.heard.emit(self._shown.voice, pitch)
            return
        voice, note = found
        right = layout.note_rect(note.start, note.length, note.pitch).right()
        is_end = right - point.x() <= EDGE_PX and note.length * layout.step_px > 3 * EDGE_PX
        self._drag = NoteDrag(voice, note, note, step - note.start, is_end)
        self.note_chosen.emit(voice, note.start)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag, or show what a press would do."""
        drag, layout, point = self._drag, self.layout_now, event.position()
        if drag is None or self._shown is None:
            self._show_cursor(point)
            return
        n_steps, step = len(self._shown.seen.grid), layout.step_at(point.x())
        if drag.is_end or drag.old is None:
            length = min(max(step - drag.note.start + 1, 1), n_steps - drag.note.start)
            length = max(length, BEAT // 2) if drag.old is None else length
            pitch = drag.note.pitch if drag.is_end else layout.pitch_at(point.y())
            note = VoiceNote(drag.note.start, length, pitch)
        else:
            start = min(max(step - drag.grip, 0), n_steps - drag.old.length)
            note = VoiceNote(start, drag.old.length, layout.pitch_at(point.y()))
        if note.pitch != drag.note.pitch:
            self.heard.emit(drag.voice, note.pitch)
        self._drag = replace(drag, note=note)
        self.update()

    def _show_cursor(self, point: QPointF) -> None:
        layout, found = self.layout_now, self.note_under(point)
        shape = Qt.CursorShape.CrossCursor if layout.is_body(point) else Qt.CursorShape.ArrowCursor
        if layout.is_head(point):
            shape = Qt.CursorShape.PointingHandCursor
        elif found is not None:
            right = layout.note_rect(found[1].start, found[1].length, found[1].pitch).right()
            is_end = right - point.x() <= EDGE_PX
            shape = Qt.CursorShape.SizeHorCursor if is_end else Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Set the note where it was dragged to."""
        if event.button() != Qt.MouseButton.LeftButton or self._drag is None:
            return
        drag, self._drag = self._drag, None
        if drag.note != drag.old:
            self.note_set.emit(drag.voice, drag.note, drag.old)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self.unsetCursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll a piece that is longer than the roll."""
        if self._shown is not None:
            turned = event.angleDelta().y() or event.angleDelta().x()
            most = max(len(self._shown.seen.grid) - MOST_STEPS, 0)
            self._first = min(max(self._first - round(turned / 120) * 16, 0), most)
            self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from note to note, move, set, remove or return one, take a voice, take a drag back."""
        key, shown = Qt.Key(event.key()), self._shown
        if key == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.update()
        elif shown is None or not self._pressed(key, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)):
            super().keyPressEvent(event)

    def _pressed(self, key: Qt.Key, is_shifted: bool) -> bool:
        """Do what a key means; returns whether it means anything."""
        assert self._shown is not None
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_4:
            self.voice_chosen.emit(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._lift((12 if is_shifted else 1) * (1 if key == Qt.Key.Key_Up else -1))
        elif key in ENTER:
            self._enter()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            note = self.marked()
            if note is not None:
                signal = self.note_removed if key == Qt.Key.Key_Delete else self.note_returned
                signal.emit(self._shown.voice, note)
        else:
            return False
        return True

    def marked(self) -> VoiceNote | None:
        """The note that is looked at."""
        shown = self._shown
        if shown is None or shown.step is None:
            return None
        return next((one for one in shown.seen.notes[shown.voice] if one.start <= shown.step < one.end), None)

    def _go(self, way: int) -> None:
        assert self._shown is not None
        shown, note = self._shown, self.marked()
        last = len(shown.seen.grid) - 1
        if shown.step is None:
            step = 0
        elif note is None:
            step = shown.step + way * BEAT
        else:
            step = note.end if way > 0 else note.start - 1
        step = min(max(step, 0), last)
        under = next((one for one in shown.seen.notes[shown.voice] if one.start <= step < one.end), None)
        self.note_chosen.emit(shown.voice, step if under is None else under.start)

    def _lift(self, semitones: int) -> None:
        assert self._shown is not None
        note = self.marked()
        if note is not None and LOWEST <= note.pitch + semitones <= HIGHEST:
            self.heard.emit(self._shown.voice, note.pitch + semitones)
            self.note_set.emit(self._shown.voice, replace(note, pitch=note.pitch + semitones), note)

    def _enter(self) -> None:
        assert self._shown is not None
        shown = self._shown
        step = shown.step or 0
        sung = [note.pitch for note in shown.seen.notes[shown.voice] if note.start <= step]
        pitch = sung[-1] if sung else (72, 65, 60, 50)[shown.voice]
        self.note_set.emit(shown.voice, VoiceNote(step, min(BEAT, len(shown.seen.grid) - step), pitch), self.marked())

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the roll, and an edge that shows the keyboard's place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._shown is not None:
            ghost = None if self._drag is None else (self._drag.voice, self._drag.note)
            paint_roll(painter, self.layout_now, self._shown, ghost, QColor(hue_of(self).fill))
        elif not self._picture.isNull():
            painter.drawImage(QRectF(self.rect()), self._picture)
        is_marked = self.hasFocus()
        painter.setPen(QPen(QColor(theme().colour.focus if is_marked else theme().colour.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
