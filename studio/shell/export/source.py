"""What can be exported of a tab: the frame on screen, and the run on its timeline."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.recording.clip import Clip, clip_of_frames
from studio.core.recording.recording import RunInfo
from studio.render.export.format import ExportFormat, formats_of

if TYPE_CHECKING:
    from studio.api.panel import Snapshot


@dataclass(frozen=True, eq=False)
class ExportSource:
    """The frame on screen as a clip of its own, and all frames, which are the same clip where there is no run."""

    still: Clip
    run: Clip

    @property
    def frame(self) -> Frame:
        """What is on screen."""
        return self.still.frame(0)

    @property
    def formats(self) -> list[ExportFormat]:
        """The formats that make sense."""
        return formats_of(self.run, self.frame)

    def clip_for(self, kind: ExportFormat) -> Clip:
        """What a format writes: a single picture is the one on screen."""
        return self.run if kind.has_range or kind.is_animated else self.still

    @property
    def stem(self) -> str:
        """A file name without its ending."""
        info = self.still.info
        return f"{re.sub(r'[^a-z0-9_-]+', '-', info.model_id)}-{info.seed}"


def source_of(snapshot: "Snapshot", run: Clip | None) -> ExportSource:
    """Return what can be exported of a panel that shows `snapshot` and has `run` on its timeline."""
    info = RunInfo(snapshot.model_id, snapshot.params, snapshot.seed)
    still = clip_of_frames([snapshot.frame], info, state=snapshot.state)
    return ExportSource(still, run or still)
