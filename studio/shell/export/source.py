"""What can be exported of a tab: the frame on screen, and the run on its timeline."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.recording.clip import Clip, clip_of_frames
from studio.core.recording.recording import RunInfo
from studio.render.export.film import film_of
from studio.render.export.format import ExportFormat, formats_of
from studio.render.export.option import ExportOptions

if TYPE_CHECKING:
    from studio.api.panel import Snapshot


@dataclass(frozen=True, eq=False)
class ExportSource:
    """The frame on screen as a clip of its own, and all frames, which are the same clip where there is no run.

    `around` has the pictures around the one on screen, where the panel can draw them.
    """

    still: Clip
    run: Clip
    around: Clip | None = None

    @property
    def frame(self) -> Frame:
        """What is on screen."""
        return self.still.frame(0)

    @property
    def formats(self) -> list[ExportFormat]:
        """The formats that make sense."""
        return formats_of(self.run, self.frame, self.around is not None)

    @property
    def is_path(self) -> bool:
        """Whether a path is on the timeline, so that a film is what one wants of it."""
        return self.run.info.kind == "path" and self.run.n_frames > 1

    def clip_for(self, kind: ExportFormat) -> Clip:
        """What a format writes: a single picture is the one on screen."""
        if kind.is_around and self.around is not None:
            return self.around
        return self.run if kind.has_range or kind.is_animated else self.still

    def film_for(self, kind: ExportFormat, options: ExportOptions) -> tuple[Clip, ExportOptions]:
        """The frames that a format writes, one after the other, and the options for all of them."""
        clip = self.clip_for(kind)
        if not kind.has_range:
            return clip, replace(options, first=0, last=None)
        return film_of(clip, options, not kind.has_loop) if kind.is_animated else (clip, options)

    @property
    def stem(self) -> str:
        """A file name without its ending."""
        info = self.still.info
        return f"{re.sub(r'[^a-z0-9_-]+', '-', info.model_id)}-{info.seed}"


def source_of(
    snapshot: "Snapshot", run: Clip | None, around: Clip | None = None, title: str = "", licence: str = ""
) -> ExportSource:
    """Return what can be exported of a panel that shows `snapshot` and has `run` on its timeline.

    `title` and `licence` are the model's.
    """
    info = RunInfo(snapshot.model_id, snapshot.params, snapshot.seed)
    still = clip_of_frames([snapshot.frame], info, state=snapshot.state)
    clips = [None if clip is None else replace(clip, title=title, licence=licence) for clip in (still, run, around)]
    return ExportSource(clips[0] or still, clips[1] or clips[0] or still, clips[2])
