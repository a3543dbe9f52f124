"""What leaves a timeline, as a clip to export or as plain values to keep, and how it comes back."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.api.timeline.drawn_clip import drawn_clip
from studio.api.timeline.run_source import SteeredSource
from studio.commands.track import KeptRun, Track
from studio.core.error import UserError
from studio.core.path.keyframe import path_from_json
from studio.core.recording.clip import Clip, clip_of_recording
from studio.core.recording.recording import Recording
from studio.core.translation import N_
from studio.widgets.timeline.playback import LOOPS

if TYPE_CHECKING:
    from studio.api.timeline.controller import TimelineController


def timeline_clip(timeline: "TimelineController", state: Mapping[str, Any]) -> Clip | None:
    """Return all frames of the timeline, to be exported on the Worker; None where there is nothing to play.

    While two runs are compared, that is both of them.
    """
    compared = timeline.comparison.clip(state)
    if compared is not None:
        return compared
    track, run = timeline.track, timeline.path_run
    plan = run.plan
    if track is not None:
        recording = track.recording
        return clip_of_recording(recording, recording.info.fps, state) if len(recording) else None
    if plan is None:
        return None

    return drawn_clip(run.drawing_of(plan), plan.n_frames, partial(run.frames, plan), state, is_loop=plan.path.is_loop)


def timeline_state(timeline: "TimelineController") -> dict[str, Any]:
    """Return path and playhead as plain JSON values."""
    playback = timeline.playback
    fps = float(playback.fps)
    return {"path": timeline.paths.state(), "index": playback.index, "fps": fps, "loop": playback.loop}


def set_timeline_state(timeline: "TimelineController", state: Mapping[str, Any]) -> None:
    """Return to a saved path and playhead; raises UserError where they do not fit, and changes nothing then."""
    try:
        index, fps, loop = int(state["index"]), float(state["fps"]), LOOPS[LOOPS.index(state["loop"])]
        shapes = {name: np.shape(array) for name, array in timeline.position.items()}
        path = path_from_json(state["path"], timeline.paths.path.rules, shapes or None)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved path belongs to another model.")) from error
    timeline.playback.set_fps(fps)
    timeline.playback.set_loop(loop)
    timeline.paths.show(path)
    timeline.playback.seek(index)


def bring_back(
    timeline: "TimelineController", kept: Sequence[tuple[KeptRun, Recording]], state: Mapping[str, Any] | None = None
) -> None:
    """Take in the runs of an earlier time; a run that began since by itself gives way to its equal of then.

    `state` is that of the timeline then: before its runs were there the playhead could not stand in their midst.
    """
    known = {_settings_of(recording) for _, recording in kept}
    kept_ids = {run.id for run, _ in kept}
    own = [one for one in timeline.tracks if one.id not in kept_ids and _is_replaceable(timeline, one)]
    gone = [one.id for one in own if one.recording.info.branch is None and _settings_of(one.recording) in known]
    for track_id in gone:
        timeline.recorder.stop(track_id)
    timeline.tracks.bring_back(kept, gone)
    if timeline.tracks.current is not None:
        timeline.show_track(timeline.tracks.current)
        index = (state or {}).get("index")
        if isinstance(index, int):
            timeline.playback.seek(index)
        timeline.show_present()


def _is_replaceable(timeline: "TimelineController", track: Track) -> bool:
    is_steered = isinstance(timeline.recorder.source_of(track), SteeredSource)  # its panel goes on with it
    return not is_steered and timeline.tracks.replaceable(track.id) is not None


def _settings_of(recording: Recording) -> str:
    """What a run of the model was made with, as text."""
    info = recording.info
    return json.dumps([info.model_id, info.kind, info.seed, dict(info.params)], sort_keys=True)
