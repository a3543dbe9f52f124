"""What a run looks like from afar: thumbnails where its frames are pictures, else a bar for each frame."""

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.frame import Frame
from studio.core.recording import Recording
from studio.core.text import N_, translate
from studio.widgets.throttle import Throttle
from studio.widgets.thumbnail import frame_thumbnail, is_picture
from studio.widgets.timeline.bar_chart import BarChart, FloatArray
from studio.widgets.timeline.bar_source import bar_scalar, bar_values, frame_label
from studio.widgets.timeline.filmstrip import Filmstrip
from studio.widgets.timeline.mark import KeyframeMark

_BARS_EVERY_MS: Final = 100
_numbers = itertools.count()


class Strip(QWidget):
    """Chooses between filmstrip and bars, and feeds them; takes no room where there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._has_pictures = False
        self._source = ""
        self._marks: Sequence[KeyframeMark] = ()
        self._values: FloatArray = np.zeros(0)
        self.filmstrip = Filmstrip(self._draw)
        self.bars = BarChart(self._label)
        self.filmstrip.setAccessibleName(translate(N_("Pictures of the run")))
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
            # A run that is made anew keeps its id, but not its pictures.
            self._source = f"{recording.info.id} {next(_numbers)}" if recording is not None else ""
            self._has_pictures = False
            self._values = np.zeros(0)
        self.refresh()

    def show_marks(self, marks: Sequence[KeyframeMark]) -> None:
        """Show the thumbnails of keyframes where no frame is recorded."""
        self._marks = marks
        self.filmstrip.show_marks(marks)
        self.refresh()

    def refresh(self) -> None:
        """The run grew or ended."""
        recording = self._recording
        n_recorded = 0 if recording is None else len(recording)
        if recording is not None and n_recorded:
            self._has_pictures = self._has_pictures or is_picture(recording[0].main_view)
            if self._has_pictures:
                self.filmstrip.show_frames(self._source, n_recorded, not recording.is_finished)
            else:
                self._bars_throttle.request()
        else:
            self.filmstrip.show_frames("", 0, False)
        has_marks = not n_recorded and any(mark.thumbnail is not None for mark in self._marks)
        self.filmstrip.setVisible(self._has_pictures or has_marks)
        self._place_bars()

    def frame_at(self, index: int) -> Frame | None:
        """A frame of the run, None where it is not recorded."""
        recording = self._recording
        return recording[index] if recording is not None and 0 <= index < len(recording) else None

    def _show_bars(self) -> None:
        recording = self._recording
        if recording is None or self._has_pictures:
            return
        scalar = bar_scalar(recording)
        self._values = bar_values(recording, scalar, self._values)
        self.bars.setAccessibleName(translate(N_("Bars: {what}")).format(what=scalar) if scalar else "")
        self.bars.show_values(self._source, self._values)
        self._place_bars()
        if len(self._values) < len(recording):
            self._bars_throttle.request()

    def _place_bars(self) -> None:
        has_bars = len(self._values) > 0 and bool(np.isfinite(self._values).any())
        self.bars.setVisible(has_bars and not self.shows_pictures)
        self.setVisible(self.shows_pictures or has_bars)

    def _draw(self, index: int, size_px: int) -> QImage:
        frame = self.frame_at(index)
        is_drawable = frame is not None and is_picture(frame.main_view)
        return frame_thumbnail(frame, size_px) if frame is not None and is_drawable else QImage()

    def _label(self, index: int) -> str:
        frame = self.frame_at(index)
        return "" if frame is None else frame_label(frame)
