"""Paints the roll: keys, bars, notes in the colours of their voices, surprise, chords, what is marked, the playhead."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from studio.api.panel import rounded, theme

from ..grid import COLOURS, MOST_BITS, SIGNS, Flags
from ..notes import VoiceNote
from ..theory import pitch_name
from ..view_model import MusicViewModel

HEAD_PX: Final = 24.0
KEYS_PX: Final = 46.0
MOST_STEPS: Final = 256
"""So many are shown at once; a longer piece is scrolled."""
LEAST_PITCHES: Final = 30
BLACK: Final = frozenset({1, 3, 6, 8, 10})
WARM: Final = (251, 113, 133)
CALM: Final = (58, 66, 82)
NAME_FROM_PX: Final = 26.0
LETTER_FROM_PX: Final = 13.0


@dataclass(frozen=True)
class RollLayout:
    """The roll within a widget.

    Attributes:
        width, height: of the widget in pixels.
        first, n_steps: the sixteenths shown.
        low, high: the lowest and the highest pitch shown.
    """

    width: float
    height: float
    first: int
    n_steps: int
    low: int
    high: int

    @property
    def body(self) -> QRectF:
        """Where notes lie."""
        return QRectF(KEYS_PX, HEAD_PX, max(self.width - KEYS_PX, 1), max(self.height - HEAD_PX, 1))

    @property
    def step_px(self) -> float:
        """Width of a sixteenth."""
        return self.body.width() / max(self.n_steps, 1)

    @property
    def lane_px(self) -> float:
        """Height of a pitch."""
        return self.body.height() / (self.high - self.low + 1)

    def x_of(self, step: float) -> float:
        """Where a sixteenth begins."""
        return self.body.left() + (step - self.first) * self.step_px

    def y_of(self, pitch: float) -> float:
        """The upper edge of a pitch's lane."""
        return self.body.top() + (self.high - pitch) * self.lane_px

    def note_rect(self, start: float, length: float, pitch: float) -> QRectF:
        """Where a note lies."""
        return QRectF(self.x_of(start), self.y_of(pitch), length * self.step_px, self.lane_px)

    def step_at(self, x: float) -> int:
        """The sixteenth at a place, the first or last shown one beside them."""
        step = self.first + int((x - self.body.left()) // self.step_px)
        return min(max(step, self.first), self.first + self.n_steps - 1)

    def pitch_at(self, y: float) -> int:
        """The pitch at a height."""
        pitch = self.high - int((y - self.body.top()) // self.lane_px)
        return min(max(pitch, self.low), self.high)

    def is_head(self, point: QPointF) -> bool:
        """Whether a point is on the bar numbers."""
        return point.y() < HEAD_PX and point.x() >= KEYS_PX

    def is_body(self, point: QPointF) -> bool:
        """Whether a point is among the notes."""
        return self.body.contains(point)


def pitch_range(pitches: list[int], lowest: int, highest: int) -> tuple[int, int]:
    """Which pitches to show: those there are, with room around, at least two octaves and a half."""
    low, high = (min(pitches) - 3, max(pitches) + 3) if pitches else (45, 80)
    missing = max(LEAST_PITCHES - (high - low + 1), 0)
    low, high = low - missing // 2, high + (missing + 1) // 2
    return max(low, lowest), min(high, highest)


@dataclass(frozen=True, eq=False)
class RollContent:
    """What the roll shows.

    Attributes:
        seen: the moment. is_own: (T, V) cells of the person's own. locks: which voices are locked.
        voice, step: in hand. bar: the chosen one, None for none.
        surprise: (T, V) bits by which notes are tinted, None for the colours of voices.
        playhead: in sixteenths, None while nothing plays. key: pitch class of the major key with the same signature.
        faults: (sixteenth, upper voice, lower voice) of parallel fifths and octaves.
    """

    seen: MusicViewModel
    is_own: Flags
    locks: tuple[bool, ...]
    voice: int = 0
    step: int | None = None
    bar: int | None = None
    surprise: npt.NDArray[np.float32] | None = None
    playhead: float | None = None
    key: int = 0
    faults: list[tuple[int, int, int]] = field(default_factory=list)


def paint_roll(
    painter: QPainter, layout: RollLayout, shown: RollContent, ghost: tuple[int, VoiceNote] | None, hue: QColor
) -> None:
    """Draw all of it; `ghost` is a voice with the note that a hand is about to set."""
    body = layout.body
    outline = rounded(QRectF(0, 0, layout.width, layout.height), 8)
    painter.fillPath(outline, QColor(theme().colour.field))
    painter.save()
    painter.setClipPath(outline)
    _paint_lanes(painter, layout)
    _paint_bars(painter, layout, shown, hue)
    painter.save()
    painter.setClipRect(body)
    _paint_unsettled(painter, layout, shown)
    for voice in (2, 1, 3, 0):
        _paint_voice(painter, layout, shown, voice)
    _paint_faults(painter, layout, shown)
    _paint_mark(painter, layout, shown)
    if ghost is not None:
        _paint_ghost(painter, layout, *ghost)
    painter.restore()
    _paint_playhead(painter, layout, shown, hue)
    _paint_keys(painter, layout, shown.key)
    painter.restore()


def _paint_lanes(painter: QPainter, layout: RollLayout) -> None:
    dark = QColor(theme().colour.text_muted)
    dark.setAlphaF(0.07)
    for pitch in range(layout.low, layout.high + 1):
        if pitch % 12 in BLACK:
            painter.fillRect(QRectF(KEYS_PX, layout.y_of(pitch), layout.body.width(), layout.lane_px), dark)
    line = QColor(theme().colour.border)
    painter.setPen(QPen(line, 1))
    for pitch in range(layout.low, layout.high + 1):
        if pitch % 12 == 0:
            y = layout.y_of(pitch) + layout.lane_px
            painter.drawLine(QPointF(KEYS_PX, y), QPointF(layout.width, y))


def _paint_bars(painter: QPainter, layout: RollLayout, shown: RollContent, hue: QColor) -> None:
    """Bar lines with their numbers, beats as fainter lines, the chosen bar under a veil."""
    colour, seen = theme().colour, shown.seen
    end = layout.first + layout.n_steps
    if shown.bar is not None and shown.bar < len(seen.bars):
        first, last = seen.bar_span(shown.bar)
        veil = QColor(hue)
        veil.setAlphaF(0.08)
        painter.fillRect(QRectF(layout.x_of(first), 0, (last - first) * layout.step_px, layout.height), veil)
        veil.setAlphaF(0.9)
        painter.fillRect(QRectF(layout.x_of(first), HEAD_PX - 2, (last - first) * layout.step_px, 2), veil)
    strong, faint = QColor(colour.control_border), QColor(colour.border)
    for step in range(layout.first, end):
        place = int(seen.grid.places[step])
        if place % 4 == 0:
            painter.setPen(QPen(strong if place == 0 else faint, 1))
            x = layout.x_of(step)
            painter.drawLine(QPointF(x, HEAD_PX if place else 0), QPointF(x, layout.height))
    painter.setFont(theme().font("small"))
    for number, start in enumerate(seen.bars):
        if layout.first <= start < end:
            is_chosen = number == shown.bar
            painter.setPen(QColor(colour.text_strong if is_chosen else colour.text_muted))
            rect = QRectF(layout.x_of(start) + 6, 0, 60, HEAD_PX)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, str(number + 1))


def _paint_unsettled(painter: QPainter, layout: RollLayout, shown: RollContent) -> None:
    """A light hatching where the model has not been yet."""
    seen = shown.seen
    if seen.is_whole:
        return
    left = layout.x_of(max(seen.place, layout.first))
    rest = QRectF(left, layout.body.top(), layout.width - left, layout.body.height())
    ink = QColor(theme().colour.text_muted)
    ink.setAlphaF(0.05)
    painter.fillRect(rest, ink)


def _paint_voice(painter: QPainter, layout: RollLayout, shown: RollContent, voice: int) -> None:
    seen, is_there = shown.seen, shown.seen.is_there
    end = layout.first + layout.n_steps
    for note in seen.notes[voice]:
        if note.end > layout.first and note.start < end and is_there[note.start, voice]:
            _paint_note(painter, layout, shown, voice, note)


def note_colour(shown: RollContent, voice: int, note: VoiceNote) -> QColor:
    """The colour of a voice, or that of its surprise."""
    if shown.surprise is None:
        return QColor(*COLOURS[voice])
    share = min(float(shown.surprise[note.start, voice]) / MOST_BITS, 1.0)
    parts = zip(CALM, WARM, strict=True)
    return QColor(*(round(calm + (warm - calm) * share) for calm, warm in parts))


def _paint_note(painter: QPainter, layout: RollLayout, shown: RollContent, voice: int, note: VoiceNote) -> None:
    rect = layout.note_rect(note.start, note.length, note.pitch).adjusted(0.75, 0.75, -1.25, -0.75)
    radius = min(3.5, rect.height() / 3)
    is_own = bool(shown.is_own[note.start, voice])
    colour = note_colour(shown, voice, note)
    fill = QColor(colour)
    if shown.surprise is None and not is_own:
        fill.setAlphaF(0.78)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, radius, radius)
    if shown.surprise is not None:
        painter.fillRect(QRectF(rect.left(), rect.top() + 1, 3, rect.height() - 2), QColor(*COLOURS[voice]))
    if is_own:
        edge = QColor(255, 255, 255, 190)
        painter.setPen(QPen(edge, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0.6, 0.6, -0.6, -0.6), radius, radius)
    _paint_name(painter, rect, fill, note.pitch, shown.key, voice, shown.surprise is not None)


def _paint_name(
    painter: QPainter, rect: QRectF, fill: QColor, pitch: int, key: int, voice: int, is_tinted: bool
) -> None:
    """The note's name where there is room; the voice's letter too where colours say something else."""
    if rect.height() < LETTER_FROM_PX or rect.width() < NAME_FROM_PX:
        return
    font = QFont(theme().font("caption", QFont.Weight.Medium))
    font.setPixelSize(round(min(font.pixelSize(), rect.height() - 2)))
    painter.setFont(font)
    text = pitch_name(pitch, key)[:-1] if not is_tinted else f"{SIGNS[voice]} {pitch_name(pitch, key)[:-1]}"
    is_bright = fill.lightnessF() * fill.alphaF() > 0.42
    painter.setPen(QColor(16, 18, 22) if is_bright else QColor(235, 238, 245))
    inner = rect.adjusted(5, 0, -2, 0)
    if QFontMetricsF(font).horizontalAdvance(text) <= inner.width():
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, text)


def _paint_faults(painter: QPainter, layout: RollLayout, shown: RollContent) -> None:
    """A dotted line along each pair of parallel fifths or octaves."""
    pitches = shown.seen.pitches
    painter.setPen(QPen(QColor(theme().colour.warning), 1.6, Qt.PenStyle.DotLine))
    for step, upper, lower in shown.faults:
        for voice in (upper, lower):
            here, before = int(pitches[step, voice]), int(pitches[step - 1, voice])
            start = QPointF(layout.x_of(step) - layout.step_px, layout.y_of(before) + layout.lane_px / 2)
            end = QPointF(layout.x_of(step) + layout.step_px, layout.y_of(here) + layout.lane_px / 2)
            painter.drawLine(start, end)


def _paint_mark(painter: QPainter, layout: RollLayout, shown: RollContent) -> None:
    """A ring around the note that is looked at, or a thin line where there is none."""
    if shown.step is None or shown.step >= len(shown.seen.grid):
        return
    voice = shown.voice
    note = next((one for one in shown.seen.notes[voice] if one.start <= shown.step < one.end), None)
    pen = QPen(QColor(theme().colour.focus), 2)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if note is not None and shown.seen.is_there[note.start, voice]:
        rect = layout.note_rect(note.start, note.length, note.pitch).adjusted(-1, -1, 1, 1)
        painter.drawRoundedRect(rect, 5, 5)
    else:
        x = layout.x_of(shown.step)
        painter.drawLine(QPointF(x, HEAD_PX), QPointF(x, layout.height))


def _paint_ghost(painter: QPainter, layout: RollLayout, voice: int, note: VoiceNote) -> None:
    rect = layout.note_rect(note.start, note.length, note.pitch).adjusted(0.75, 0.75, -1.25, -0.75)
    colour = QColor(*COLOURS[voice])
    painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine))
    colour.setAlphaF(0.28)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, 3.5, 3.5)


def _paint_playhead(painter: QPainter, layout: RollLayout, shown: RollContent, hue: QColor) -> None:
    seen = shown.seen
    at = shown.playhead if shown.playhead is not None else None if seen.is_whole else float(seen.place)
    if at is None or not layout.first <= at <= layout.first + layout.n_steps:
        return
    x = layout.x_of(at)
    painter.setPen(QPen(hue, 2))
    painter.drawLine(QPointF(x, HEAD_PX - 4), QPointF(x, layout.height))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    painter.drawEllipse(QPointF(x, HEAD_PX - 4), 4, 4)


def _paint_keys(painter: QPainter, layout: RollLayout, key: int) -> None:
    """The names of the pitches at the left edge; every C, and all where there is room."""
    colour = theme().colour
    painter.fillRect(QRectF(0, 0, KEYS_PX, layout.height), QColor(colour.surface))
    font = QFont(theme().font("caption"))
    font.setPixelSize(round(max(min(font.pixelSize(), layout.lane_px - 1), 7)))
    painter.setFont(font)
    for pitch in range(layout.low, layout.high + 1):
        rect = QRectF(0, layout.y_of(pitch), KEYS_PX, layout.lane_px)
        is_black = pitch % 12 in BLACK
        if is_black:
            painter.fillRect(QRectF(0, rect.top() + 0.5, KEYS_PX * 0.45, rect.height() - 1), QColor(colour.groove))
        if pitch % 12 == 0 or (layout.lane_px >= LETTER_FROM_PX and not is_black):
            painter.setPen(QColor(colour.text_strong if pitch % 12 == 0 else colour.text_muted))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(rect.adjusted(0, 0, -6, 0), flags, pitch_name(pitch, key))
    painter.setPen(QPen(QColor(colour.border), 1))
    painter.drawLine(QPointF(KEYS_PX, 0), QPointF(KEYS_PX, layout.height))
