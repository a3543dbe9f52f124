"""What a run looks like from afar: thumbnails where its frames are pictures, else a bar for each frame.

Where each frame says how surprising its step was, that is shown even of pictures: they grow, and look much alike.
"""

import itertools
import math
import time
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.translation import _
from studio.core.view import Bars, Tokens
from studio.render.still import is_picture, shown_view
from studio.widgets.throttle import Throttle
from studio.widgets.timeline.bar_chart import BarChart, FloatArray
from studio.widgets.timeline.filmstrip import Filmstrip
from studio.widgets.views.picture import frame_thumbnail

_BARS_EVERY_MS: Final = 100
_REACH: Final = 256  # frames back to the last picture
_numbers = itertools.count()
_SLICE_S: Final = 0.004
SURPRISE: Final = "surprise"
_TELLING: Final = (SURPRISE, "loss", "error")  # a scalar with such a name is what people look for


def bar_scalar(recording: Recording) -> str:
    """The name of the figure to draw: the most telling one, else the first; empty where there is none."""
    names = recording.scalar_names
    return next((name for word in _TELLING for name in names if word in name.lower()), names[0] if names else "")


def bar_values(recording: Recording, scalar: str, known: FloatArray) -> FloatArray:
    """The values (N,) of the frames so far, NaN where one has none; `known` (n,) are those read before.

    Where not every frame has the figure, frames are read one by one, for a few milliseconds; then N is too small
    and the next call goes on.
    """
    n_frames = len(recording)
    values = recording.curve(scalar)[1] if scalar else np.zeros(0)
    if len(values) >= n_frames:
        return values[:n_frames]
    end_s = time.perf_counter() + _SLICE_S
    more: list[float] = []
    while len(known) + len(more) < n_frames and (not more or time.perf_counter() < end_s):
        more.append(_value(recording, len(known) + len(more), scalar))
    return np.concatenate([known[:n_frames], more])


def _value(recording: Recording, index: int, scalar: str) -> float:
    stored = recording.stored(index)
    if scalar:
        names = stored.layout.scalar_names
        return float(stored.scalars[names.index(scalar)]) if scalar in names else math.nan
    return frame_value(recording[index])


def frame_value(frame: Frame) -> float:
    """The weight of the last token of a frame, or its highest bar, else NaN."""
    match frame.main_view:
        case Tokens(weights=weights) if weights:
            return float(weights[-1])
        case Bars(values=values) if values:
            return float(max(values))
        case _:
            return math.nan


def grows(frame: Frame) -> bool:
    """Whether a frame has one token more than the one before, as far as its number tells."""
    view = frame.main_view
    return not isinstance(view, Tokens) or len(view.pieces) == frame.step + 1


def frame_label(frame: Frame, beside: Frame | None = None) -> str:
    """The newest token of a frame, or the label of its highest bar.

    That is the last one, and where a text is filled in, so that the frame `beside` is as long, the one that differs.
    """
    match frame.main_view:
        case Tokens(pieces=pieces) if pieces:
            other = None if beside is None else beside.main_view
            if isinstance(other, Tokens) and len(other.pieces) == len(pieces):
                return next((one.strip() for one, was in zip(pieces, other.pieces, strict=True) if one != was), "")
            return pieces[-1].strip()
        case Bars(labels=labels) if labels:
            return labels[0]
        case _:
            return ""


class Strip(QWidget):
    """Chooses between filmstrip and bars, and feeds them; takes no room where there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._has_pictures = False
        self._looks_at: int | None = 1  # how many frames there must be to look for pictures again
        self._source = ""
        self._sources: WeakKeyDictionary[Recording, str] = WeakKeyDictionary()
        self._values: FloatArray = np.zeros(0)
        self.filmstrip = Filmstrip(self.picture_at)
        self.bars = BarChart(self._label)
        self.filmstrip.setAccessibleName(_("Pictures of the run"))
        self._bars_throttle = Throttle(_BARS_EVERY_MS, self._show_bars, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.filmstrip)
        column.addWidget(self.bars)
        self.refresh()

    @property
    def shows_pictures(self) -> bool:
        """Whether the filmstrip stands there."""
        return not self.filmstrip.isHidden()

    def show_recording(self, recording: Recording | None) -> None:
        """Show another run."""
        if recording is not self._recording:
            self._recording = recording
            self._source = self._source_of(recording)
            self._has_pictures = False
            self._looks_at = 1
            self._values = np.zeros(0)
            self.bars.show_values(self._source, self._values)
        self.refresh()

    def refresh(self) -> None:
        """The run grew or ended. Before its first frame the room stays as it was for the run before it."""
        recording = self._recording
        n_recorded = 0 if recording is None else len(recording)
        if recording is not None and n_recorded:
            if SURPRISE not in recording.scalar_names:
                self._look_for_pictures(n_recorded, recording.is_finished)
            if self._shows_film:
                self.filmstrip.show_frames(self._source, n_recorded, not recording.is_finished)
            else:
                self._bars_throttle.request()
        elif self.shows_pictures:
            self.filmstrip.show_frames("", 0, False)
        if recording is None or n_recorded or recording.is_finished:
            self.filmstrip.setVisible(self._shows_film)
            self._place_bars()

    def frame_at(self, index: int) -> Frame | None:
        """A frame of the run, None where it is not recorded."""
        recording = self._recording
        return recording[index] if recording is not None and 0 <= index < len(recording) else None

    def picture_at(self, index: int, size_px: int) -> QImage:
        """The thumbnail of a frame; where it shows nothing, of the last one before it that did, else a null image.

        A training shows pictures now and then.
        """
        recording = self._recording
        if recording is None or not 0 <= index < len(recording):
            return QImage()
        first = max(0, index - _REACH)
        shown = next((i for i in range(index, first - 1, -1) if recording.stored(i).layout.order), index)
        frame = recording[shown]
        return frame_thumbnail(frame, size_px) if is_picture(shown_view(frame)) else QImage()

    def _source_of(self, recording: Recording | None) -> str:
        """What tells the thumbnails of runs apart: one that is made anew keeps its id, but not its pictures."""
        if recording is None:
            return ""
        return self._sources.setdefault(recording, f"{recording.info.id} {next(_numbers)}")

    def _look_for_pictures(self, n_recorded: int, is_finished: bool) -> None:
        if self._has_pictures or self._looks_at is None or (n_recorded < self._looks_at and not is_finished):
            return
        self._looks_at = None if is_finished else 2 * n_recorded
        self._has_pictures = not (self.picture_at(0, 8).isNull() and self.picture_at(n_recorded - 1, 8).isNull())

    @property
    def _shows_film(self) -> bool:
        return self._has_pictures and self._recording is not None and SURPRISE not in self._recording.scalar_names

    def _show_bars(self) -> None:
        recording = self._recording
        if recording is None or self._shows_film:
            return
        scalar = bar_scalar(recording)
        self._values = bar_values(recording, scalar, self._values)
        self.bars.setAccessibleName(_("Bars: {what}").format(what=scalar) if scalar else "")
        self.bars.show_values(self._source, self._values)
        self._place_bars()
        if len(self._values) < len(recording):
            self._bars_throttle.request()

    def _place_bars(self) -> None:
        has_bars = len(self._values) > 0 and bool(np.isfinite(self._values).any())
        self.bars.setVisible(has_bars and not self.shows_pictures)
        self.setVisible(self.shows_pictures or has_bars)

    def _label(self, index: int) -> str:
        frame = self.frame_at(index)
        if frame is None:
            return ""
        return frame_label(frame, None if grows(frame) else self.frame_at(index - 1 if index else 1))
