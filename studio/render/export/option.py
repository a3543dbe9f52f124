"""What a person may choose about an export, the same for window and terminal, and what it yields while it writes."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.translation import N_

Background = Literal["paper", "black", "transparent"]
MIN_SIDE_PX: Final = 16
MIN_FPS: Final = 1.0
MAX_FPS: Final = 120.0
MAX_PICTURES: Final = 100
MAX_TIMES: Final = 20
Export: TypeAlias = Generator[Frame, None, Path]
"""Yields progress, returns the path; closing it takes the half-written file away."""


@dataclass(frozen=True)
class ExportOptions:
    """How a clip is written; each format looks at what concerns it.

    Attributes:
        side_px: height of the picture, without its caption; of one picture where there are several.
        fps: frames per second, None for those of the clip.
        first, last: range of frames, 0-based, both included; `last` None means the end.
        is_looped: whether an animated picture starts again at its end.
        has_caption: whether a line of text stands below the picture.
        background: what lies behind drawn letters, between pictures and behind captions.
        is_back: whether a film goes all the way back to its beginning.
        n_times: how often a film shows its frames, where it does not start again by itself.
        n_pictures: how many frames a contact sheet or a strip shows, evenly spread over the range.
    """

    side_px: int = 512
    fps: float | None = None
    first: int = 0
    last: int | None = None
    is_looped: bool = True
    has_caption: bool = False
    background: Background = "paper"
    n_pictures: int = 12
    is_back: bool = False
    n_times: int = 1

    def __post_init__(self) -> None:
        counts = 1 <= self.n_pictures <= MAX_PICTURES and 1 <= self.n_times <= MAX_TIMES
        if self.side_px < MIN_SIDE_PX or not counts:
            raise ValueError("an export of impossible size")
        if self.fps is not None and not MIN_FPS <= self.fps <= MAX_FPS:
            raise ValueError("an export of impossible speed")

    def span(self, clip: Clip) -> tuple[int, int]:
        """The range as (start, stop); raises UserError where the clip has no such frames."""
        stop = clip.n_frames if self.last is None else self.last + 1
        if not 0 <= self.first < stop <= clip.n_frames:
            raise UserError(
                N_("There are no frames {first} to {last}.").format(first=self.first + 1, last=stop),
                N_("The last one is {n}.").format(n=clip.n_frames),
            )
        return self.first, stop

    def fps_of(self, clip: Clip) -> float:
        """The frames per second to write."""
        return min(max(self.fps or clip.fps, MIN_FPS), MAX_FPS)

    def opaque(self) -> Self:
        """The same for a format that knows no transparency: paper in its place."""
        return replace(self, background="paper") if self.background == "transparent" else self


def done(n_done: int, n_steps: int) -> Frame:
    """The progress after `n_done` of `n_steps`, each at least 1."""
    return Frame(n_done - 1, n_steps)
