"""One of the two runs of a comparison: its track and the frame of it that is on show."""

import numpy as np
from numpy.typing import NDArray

from studio.commands.track import Track
from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.translation import _
from studio.core.view import View
from studio.render.difference import comparable_pixels
from studio.render.still import shown_view
from studio.widgets.compare.lock import Place, Span
from studio.widgets.compare.side import Side


class RunSide:
    """Reads a frame from the recording once, however often it is painted."""

    def __init__(self, letter: str) -> None:
        self._letter = letter
        self._track: Track | None = None
        self._place: Place | None = None
        self._frame: Frame | None = None
        self._pixels: NDArray[np.uint8] | None = None

    @property
    def recording(self) -> Recording | None:
        """The frames of the run."""
        return self._track.recording if self._track is not None else None

    @property
    def name(self) -> str:
        """What the person calls the run."""
        return self._track.name if self._track is not None else ""

    @property
    def span(self) -> Span:
        """Where the run lies on the axis of steps, as far as it has grown."""
        track = self._track
        return Span(0, 0) if track is None else Span(track.offset, len(track.recording))

    def set_track(self, track: Track) -> None:
        """Take a run, or the same one under another name."""
        if self.recording is not track.recording:
            self._place = self._frame = self._pixels = None
        self._track = track

    def go_to(self, place: Place | None) -> None:
        """Show the frame of a place; None where there is none yet."""
        recording = self.recording
        if place is None or recording is None:
            self._frame = self._pixels = None
        elif self._frame is None or self._place is None or self._place.index != place.index:
            self._frame = recording[place.index]
            self._pixels = comparable_pixels(shown_view(self._frame))
        self._place = place

    @property
    def view(self) -> View | None:
        """What the frame shows."""
        return shown_view(self._frame) if self._frame is not None else None

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """What the frame looks like, (H, W) or (H, W, 3) uint8; None where it is no picture."""
        return self._pixels

    @property
    def side(self) -> Side:
        """Which run and frame this is, in words."""
        colour = self._track.colour if self._track is not None else 0
        return Side(self._letter, self.name, colour, self._detail())

    def _detail(self) -> str:
        if self._frame is None or self._place is None:
            return _("no frame yet")
        template = _("Frame {number} of {n}")
        words = self._frame.label or template.format(number=self._place.index + 1, n=self.span.n_frames)
        if self._place.is_before:
            return _("{frame}, not started yet").format(frame=words)
        if self._place.is_behind:
            return _("{frame}, ended").format(frame=words)
        return words
