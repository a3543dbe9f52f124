"""What follows the frame at the playhead: the pictures on the canvas, and the words of the caption."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer

from studio.api.panel import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.param import saved_params
from studio.core.recording.recording import Recording
from studio.core.translation import N_, translate
from studio.core.view import Image, State

from ...pictures.panel.step_canvas import CanvasPicture, StepCanvas
from ..caption import DiffusionCaption, RunFacts, describe, learning_words, path_words
from ..few_steps import drafted
from ..measurements import measure_forward_frame, measure_frame
from ..params import MANY, DiffusionParams
from ..scene import DiffusionScene
from ..state import CHANGE, NOISE_LEFT, NOISY, PREDICTED, REMOVED, SHARP, n_items_of
from .runs import SceneRuns
from .show_section import ShowSection

LABELS: Final = {
    NOISY: N_("Noisy image at this step"),
    PREDICTED: N_("What the model expects it to become"),
    REMOVED: N_("Noise the model sees in it"),
    CHANGE: N_("What changed in the expected picture since the last step"),
}
CRISP: Final = (NOISY, REMOVED, CHANGE)
REST_MS: Final = 200
DISSOLVING: Final = "dissolving"
"""What the state of a recording names in which a picture becomes noise."""


class StepPresenter(QObject):
    """Draws the views of a frame that the section names, and what is predicted there in full once the frame rests."""

    def __init__(
        self,
        canvas: StepCanvas,
        section: ShowSection,
        timeline: TimelineController,
        runs: SceneRuns,
        tasks: EngineTasks,
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._section, self._timeline, self._runs = canvas, section, timeline, runs
        self._tasks = tasks
        self._frame: Frame | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._sharpen)
        section.views_changed.connect(self._draw)
        canvas.enlarge_requested.connect(section.enlarge)

    def show_frame(self, frame: Frame, scene: DiffusionScene) -> None:
        """Show a frame of a run."""
        self._frame = frame
        self._draw()
        self._rest.start()

    def _draw(self) -> None:
        frame = self._frame
        if frame is None:
            return
        found = {name: view for name, view in frame.views.items() if isinstance(view, Image)}
        names = [name for name in self._section.views() if name in found] or list(found)[:1]
        is_end = is_finished(frame)
        if is_end and {NOISY, PREDICTED} <= set(names):
            names.remove(PREDICTED)  # both are the finished picture
        if is_end and SHARP in found:
            found |= dict.fromkeys((NOISY, PREDICTED), found[SHARP])
        self._canvas.set_pictures([canvas_picture(name, found[name], is_end) for name in names], n_items_of(frame))
        self._section.show_values(frame)

    def _sharpen(self) -> None:
        """A step at rest is decoded in full: while a run goes on, that would cost more than the run."""
        timeline, frame = self._timeline, self._frame
        recording = timeline.recording
        is_still = not (timeline.playback.is_playing or timeline.is_growing or self._runs.is_running)
        if recording is None or frame is None or frame.state is None or not is_still:
            return
        info = recording.info
        is_own = info.kind == "run" and info.model_id == self._tasks.handle.source.id
        if is_own and isinstance(frame.views.get(PREDICTED), Image) and frame.step < frame.n_steps - 1:
            params, state = saved_params(DiffusionParams, info.params), frame.state
            self._tasks.ask(
                "belief", lambda engine: engine.x0_prediction(params, state), done=partial(self._on_x0_predicted, frame)
            )

    def _on_x0_predicted(self, frame: Frame, x0_prediction: Image | None) -> None:
        if x0_prediction is not None and frame is self._frame:
            self._frame = replace(frame, views={**frame.views, PREDICTED: x0_prediction})
            self._draw()


def canvas_picture(name: str, view: Image, is_end: bool) -> CanvasPicture:
    """A view as the canvas shows it; of a finished run it is the picture itself."""
    is_end = is_end and name in (NOISY, PREDICTED)
    label = N_("Finished picture") if is_end else LABELS.get(name, "")
    return CanvasPicture(name, view.pixels, translate(label), name in CRISP and not is_end)


def is_finished(frame: Frame) -> bool:
    """Whether a frame shows the end of a run, also where it is one of many pictures of a path.

    The last frame of a dissolving is no end: nothing is believed in there.
    """
    return PREDICTED in frame.views and frame.scalars.get(NOISE_LEFT) == 0


def caption_of(
    frame: Frame, timeline: TimelineController, scene: DiffusionScene, is_sound: bool, has_few_steps: bool
) -> DiffusionCaption:
    """The words for a frame of what is on the timeline."""
    recording, index = None if timeline.track is None else timeline.track.recording, timeline.playback.index
    if recording is not None and recording.info.kind == "training":
        return learning_words(frame)
    if recording is None and len(timeline.paths.path):
        return path_words(index + 1, timeline.n_frames)
    if recording is None:  # a draft of the scene as it is now
        params = drafted(scene.params, scene.start(), has_few_steps)
        return describe(measure_frame(frame), _facts(frame, vars(params), scene.start(), is_sound, False))
    source = None if timeline.track is None else timeline.recorder.source_of(timeline.track)
    facts = _facts(
        frame, recording.info.params, getattr(source, "start", None), is_sound, timeline.branching.can_branch
    )
    first = recording[0] if len(recording) else frame
    if DISSOLVING in recording.info.state:
        return describe(measure_forward_frame(frame, first), facts)
    before = recording[index - 1] if 0 < index <= len(recording) else None
    n_columns = int(np.ceil(np.sqrt(facts.n_items)))
    return describe(measure_frame(frame, first, before, last_x0_frame(recording), n_columns), facts)


def _facts(frame: Frame, params: Mapping[str, Any], start: State | None, is_sound: bool, can_branch: bool) -> RunFacts:
    """What is true of the run itself, whatever the controls say by now."""
    begun = start or {}
    masked = float((begun["mask"] >= 0.5).mean()) if "mask" in begun and "picture" in begun else None
    sampler, is_few = str(params.get("sampler", "")), params.get("drawn_in", MANY) != MANY
    return RunFacts(sampler, is_sound, n_items_of(frame), masked, can_branch, "picture" in begun, is_few)


def last_x0_frame(recording: Recording) -> Frame | None:
    """The frame of a finished run whose belief is the last one, which the others are held against.

    Not the finished picture: that is decoded in full, and a quick look at the same latents differs from it.
    """
    return recording[len(recording) - 2] if recording.is_finished and len(recording) > 1 else None
