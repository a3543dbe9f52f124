"""What leaves a deck, as a clip to export or as plain values to keep, and how it comes back."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.api.path_run import PathRun
from studio.core.clip import Clip, clip_of_recording
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.keyframe import path_from_json
from studio.core.text import N_
from studio.widgets.playback import LOOPS

if TYPE_CHECKING:
    from studio.api.deck import Deck


def deck_clip(deck: "Deck", state: Mapping[str, Any]) -> Clip | None:
    """Return all frames of the timeline, to be exported on the Lane; None where there is nothing to play."""
    track, run = deck.track, deck.path_run
    if track is not None:
        recording = track.recording
        return clip_of_recording(recording, recording.info.fps, state) if len(recording) else None
    if run.plan is None or not deck.n_frames:
        return None

    def frames(start: int, stop: int) -> Iterator[Frame]:
        return _path_frames(run, start, stop)

    return Clip(deck.n_frames, frames, run.plan.info.fps, run.plan.info, state)


def _path_frames(run: PathRun, start: int, stop: int) -> Iterator[Frame]:
    """The frames of the path from the recording, or drawn now where it is not complete; on the Lane."""
    recording = run.recording
    if recording is not None and run.is_complete:
        return (recording[index] for index in range(start, stop))
    return islice(run.frames(start), stop - start)


def deck_state(deck: "Deck") -> dict[str, Any]:
    """Return path and playhead as plain JSON values."""
    playback = deck.playback
    return {"path": deck.paths.state(), "index": playback.index, "fps": playback.fps, "loop": playback.loop}


def set_deck_state(deck: "Deck", state: Mapping[str, Any]) -> None:
    """Return to a saved path and playhead; raises UserError where they do not fit, and changes nothing then."""
    try:
        index, fps, loop = int(state["index"]), float(state["fps"]), LOOPS[LOOPS.index(state["loop"])]
        shapes = {name: np.shape(array) for name, array in deck.position.items()}
        path = path_from_json(state["path"], deck.paths.path.rules, shapes or None)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved path does not fit the model.")) from error
    deck.playback.set_fps(fps)
    deck.playback.set_loop(loop)
    deck.paths.show(path)
    deck.playback.seek(index)
