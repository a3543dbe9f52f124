"""What the timeline of a panel shows, as one value, and how the bar under the panel is rendered from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from studio.api.timeline.comparison import Comparison
from studio.api.timeline.path_run import PathRun
from studio.api.timeline.recorder import Recorder
from studio.commands.track import Track
from studio.core.path.keyframe import KeyframePath
from studio.core.recording.recording import Recording, RunKind
from studio.core.translation import N_, _, plural, translate
from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline
from studio.widgets.timeline.track_row import TrackRow

_KINDS: Final[dict[RunKind, str]] = {
    "run": N_("A run of the model"),
    "path": N_("A saved path"),
    "training": N_("How the model learnt"),
}
PATH_ID: Final = "path"


@dataclass(frozen=True)
class Shown:
    """The path, a track or two tracks under one playhead, and what stands beside them.

    Attributes:
        track: the run on the timeline, None while the path is there.
        pair: the two that are compared, which take the place of the picture; empty where there are none.
        tracks: all of them.
        path: the keyframes.
        fps: pictures of the path in each second.
        recording: the frames of the run or of the path, as far as they are there.
        pictures: what the film strip shows: of a path that has just changed the pictures that were drawn last.
        n_recorded: how many frames those two have.
        n_frames: how many places the playhead has, those of frames that are still to come among them.
        is_growing: whether the run goes on.
        index: the place of the playhead.
    """

    track: Track | None = None
    pair: tuple[Track, ...] = ()
    tracks: tuple[Track, ...] = ()
    path: KeyframePath = field(default_factory=KeyframePath)
    fps: float = 0.0
    recording: Recording | None = None
    pictures: Recording | None = None
    n_recorded: tuple[int, int] = (0, 0)
    n_frames: int = 0
    is_growing: bool = False
    index: int = 0


def what_is_shown(
    track: Track | None,
    tracks: Iterable[Track],
    path: KeyframePath,
    path_run: PathRun,
    recorder: Recorder,
    comparison: Comparison,
    playback: Playback,
) -> Shown:
    """Gather what is on the timeline now: this track, or the path where it is None, or the pair of the comparison."""
    if track is None:
        recording, pictures, n_frames = path_run.recording, path_run.shown, path.n_frames(playback.fps)
    else:
        recording = pictures = track.recording
        n_frames = max(len(recording), recorder.n_expected(track.id))
    if comparison.pair:
        pictures, n_frames = comparison.longest, comparison.n_frames
    n_recorded = len(recording or ()), len(pictures or ())
    frames = recording, pictures, n_recorded, n_frames, track is not None and recorder.is_running(track.id)
    return Shown(track, comparison.pair, tuple(tracks), path, playback.fps, *frames, playback.index)


def render(bar: Timeline, shown: Shown, before: Shown, is_running: Callable[[str], bool]) -> None:
    """Let a bar that shows what was there `before` show it; `is_running(track_id)` tells whose runs go on."""
    source = shown.pictures, _title(shown), _detail(shown)
    if source != (before.pictures, _title(before), _detail(before)):
        bar.show_recording(*source)
    else:
        bar.refresh()
    rows = _path_row(shown) + [_row(track, is_running(track.id)) for track in shown.tracks]
    bar.show_tracks(rows, PATH_ID if shown.track is None else shown.track.id)
    bar.show_keyframes(*_marks(shown))


def _marks(shown: Shown) -> tuple[list[KeyframeMark], int | None]:
    """The keyframes of the path while it is there, and which of them lies at the playhead."""
    keyframes = shown.path.keyframes if shown.track is None else ()
    n_steps = max(1, shown.n_frames - 1)
    frames = [shown.path.frame_of(index, shown.fps) for index in range(len(keyframes))]
    marks = [KeyframeMark(at / n_steps, one.easing) for at, one in zip(frames, keyframes, strict=True)]
    return marks, frames.index(shown.index) if shown.index in frames else None


def _path_row(shown: Shown) -> list[TrackRow]:
    """The path's own row, where there is one and tracks beside it."""
    if not (shown.tracks and shown.path.keyframes):
        return []
    return [TrackRow(PATH_ID, _("Path"), -1, n_frames=shown.path.n_frames(shown.fps))]


def _row(track: Track, is_running: bool) -> TrackRow:
    branch = track.recording.info.branch
    return TrackRow(
        track.id,
        track.name,
        track.colour,
        track.is_hidden,
        track.is_pinned,
        len(track.recording),
        None if branch is None else (branch.parent_id, branch.step),
        is_running,
        track.first_number,
    )


def _title(shown: Shown) -> str:
    if shown.track is not None:
        return shown.track.name
    return _("Path") if shown.path.keyframes else ""


def _detail(shown: Shown) -> str:
    """What the run is, or how many keyframes the path has and how long it takes."""
    path, n = shown.path, len(shown.path.keyframes)
    if shown.track is not None:
        return translate(_KINDS[shown.track.recording.info.kind])
    parts = [plural(N_("{n} keyframe"), N_("{n} keyframes"), n)] if n else []
    if n > 1:
        parts.append(_("{s:.1f} s").format(s=path.duration_s))
    if n and path.is_paced:
        parts.append(_("constant perceived speed"))
    return " · ".join(parts)
