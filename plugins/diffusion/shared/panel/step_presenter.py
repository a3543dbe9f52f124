"""Everything that follows the frame on the canvas: pictures, values, noise curve, maps of words, caption."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer

from studio.core.frame import Frame
from studio.core.param import saved_params
from studio.core.recording.recording import Recording
from studio.core.translation import N_, translate
from studio.core.view import Audio, Field, Image, Tokens

from ...pictures.panel.step_canvas import CanvasPicture, StepCanvas
from ..caption import DiffusionCaption, RunFacts, describe, learning_words, path_words
from ..measurements import measure_forward_frame, measure_frame
from ..params import DiffusionParams
from ..state import ATTENTION, CHANGE, NOISE_LEFT, NOISY, PREDICTED, REMOVED, WORDS
from .engine_calls import predicted_x0

if TYPE_CHECKING:
    from .panel import DiffusionPanel

LABELS: Final = {
    NOISY: N_("Noisy image at this step"),
    PREDICTED: N_("What the model believes it will become"),
    REMOVED: N_("Noise that the model sees in it"),
    CHANGE: N_("What the belief has changed since the last step"),
}
CRISP: Final = (NOISY, REMOVED, CHANGE)
FIRST_SHOWN: Final = (NOISY, PREDICTED)
REST_MS: Final = 200
DISSOLVING: Final = "dissolving"
"""What the state of a recording names in which a picture becomes noise."""


class CanvasPresenter(QObject):
    """Attributes:
    shown: the names of the views that are wanted, the large one first.
    frame: what is on the canvas; None before the first picture.
    """

    def __init__(self, canvas: StepCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.shown: tuple[str, ...] = FIRST_SHOWN
        self.frame: Frame | None = None
        self._n_items = 1
        self._is_finished = False

    def set_shown(self, names: Sequence[str]) -> None:
        """Show these views from now on."""
        self.shown = tuple(names)
        self._draw()

    def show(self, frame: Frame, n_items: int = 1) -> None:
        """Show a frame of a run; `n_items` are in the batch."""
        self.frame, self._n_items = frame, n_items
        self._draw()

    def sharpen(self, frame: Frame, x0_prediction: Image) -> None:
        """Show what is believed in at a frame as the decoder draws it, if the frame is still there."""
        if frame is self.frame:
            self.frame = replace(frame, views={**frame.views, PREDICTED: x0_prediction})
            self._draw()

    def _draw(self) -> None:
        frame = self.frame
        if frame is None:
            return
        found = {name: view for name, view in frame.views.items() if isinstance(view, Image)}
        names = [name for name in self.shown if name in found] or list(found)[:1]
        self._is_finished = is_finished(frame)
        if self._is_finished and {NOISY, PREDICTED} <= set(names):
            names.remove(PREDICTED)  # both are the finished picture
        self._canvas.set_pictures([self._shown(name, found[name]) for name in names], self._n_items)

    def _shown(self, name: str, view: Image) -> CanvasPicture:
        is_finished = self._is_finished and name in (NOISY, PREDICTED)
        label = N_("Finished picture") if is_finished else LABELS.get(name, "")
        return CanvasPicture(name, view.pixels, translate(label), name in CRISP and not is_finished)


def is_finished(frame: Frame) -> bool:
    """Whether a frame shows the end of a run, also where it is one of many pictures of a path.

    The last frame of a dissolving is no end: nothing is believed in there.
    """
    return PREDICTED in frame.views and frame.scalars.get(NOISE_LEFT) == 0


class StepPresenter(QObject):
    """Attributes:
    canvas: which pictures of the frame are shown.
    """

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._controls = panel.controls
        self.canvas = CanvasPresenter(panel.canvas)
        self._asked: Frame | None = None
        self._controls.show.views_changed.connect(self._on_views_changed)
        self._controls.curve.seek_requested.connect(panel.deck.playback.seek)
        panel.canvas.enlarge_requested.connect(self._controls.show.enlarge)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._sharpen)
        panel.deck.source_changed.connect(self.follow_recording)
        panel.deck.playback.moved.connect(self._controls.curve.set_step)

    def _on_views_changed(self, views: tuple[str, ...]) -> None:
        self.canvas.set_shown([view for view in views if view != ATTENTION])
        self._show_values()

    def show(self, frame: Frame) -> None:
        """Show a frame everywhere."""
        self.canvas.show(frame, self._panel.n_items_of(frame))
        self._rest.start()
        self._show_values()
        self._show_words(frame)

    def _sharpen(self) -> None:
        """A step at rest is decoded in full: while a run goes on, that would cost more than the run."""
        deck, frame = self._panel.deck, self.canvas.frame
        recording = deck.recording
        is_still = not (deck.playback.is_playing or deck.is_growing or self._panel.runs.is_running)
        if recording is None or frame is None or frame.state is None or not is_still:
            return
        info = recording.info
        is_own = info.kind == "run" and info.model_id == self._panel.handle.source.id
        if is_own and isinstance(frame.views.get(PREDICTED), Image) and frame.step < frame.n_steps - 1:
            self._asked = frame
            params = saved_params(DiffusionParams, info.params)
            work = self._panel.handle.work(partial(predicted_x0, params=params, state=frame.state))
            self._panel.tasks.run("belief", work, done=self._on_x0_predicted)

    def _on_x0_predicted(self, x0_prediction: Image | None) -> None:
        if x0_prediction is not None and self._asked is not None:
            self.canvas.sharpen(self._asked, x0_prediction)

    def _show_values(self) -> None:
        frame = self.canvas.frame
        name = self._controls.show.views()[0]
        view = None if frame is None else frame.views.get(name, frame.main_view)
        if isinstance(view, Image):
            self._controls.show.histogram.show_picture(view.pixels)
        elif isinstance(view, Audio):
            self._controls.show.histogram.show_sound(view.samples)

    def _show_words(self, frame: Frame) -> None:
        words, maps = frame.views.get(WORDS), frame.views.get(ATTENTION)
        if isinstance(words, Tokens):
            self._controls.attention.set_words(words.pieces)
        self._controls.attention.set_maps(maps.values if isinstance(maps, Field) else None)

    def follow_recording(self) -> None:
        """The run on the timeline is another one, or has grown."""
        recording, deck = self._panel.deck.recording, self._panel.deck
        levels = levels_of(recording)
        n_steps = None
        if recording is not None and len(recording) and deck.is_growing:
            n_steps = recording.stored(0).n_steps - 1
        self._controls.curve.set_levels(levels, n_steps)
        self._controls.curve.set_step(deck.playback.index)
        tracks = deck.tracks
        own = None if deck.track is None else deck.track.id
        branches = [track.recording.info.branch for track in tracks if track.recording.info.branch is not None]
        self._controls.curve.set_branches([branch.step for branch in branches if branch and branch.parent_id == own])


def levels_of(recording: Recording | None) -> list[float]:
    """How much noise is left in each frame of a run, 0..1; empty for what is no run of this family."""
    if recording is None or NOISE_LEFT not in recording.scalar_names:
        return []
    return [float(value) for value in recording.curve(NOISE_LEFT)[1]]


class CaptionPresenter(QObject):
    """Keeps the caption of the panel."""

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        panel.frame.caption.link_activated.connect(self._on_link_activated)

    def show(self, frame: Frame) -> None:
        """Describe a frame of what is on the timeline."""
        track = self._panel.deck.track
        if track is not None and track.recording.info.kind == "training":
            self.say(learning_words(frame))
        else:
            self.say(self._words(frame, None if track is None else track.recording))

    def say(self, words: DiffusionCaption) -> None:
        """Show words that are known already."""
        caption = self._panel.frame.caption
        caption.set_lead(words.lead)
        caption.set_text(words.text, words.term, words.link)

    def _words(self, frame: Frame, recording: Recording | None) -> DiffusionCaption:
        n_items = self._panel.n_items_of(frame)
        deck = self._panel.deck
        if recording is None and len(deck.paths.path):
            return path_words(deck.playback.index + 1, deck.n_frames)
        if recording is None:
            return describe(measure_frame(frame), self._scenery(n_items))
        index = deck.playback.index
        first = recording[0] if len(recording) else frame
        if DISSOLVING in recording.info.state:
            return describe(measure_forward_frame(frame, first), self._scenery(n_items))
        before = recording[index - 1] if 0 < index <= len(recording) else None
        end = last_x0_frame(recording)
        n_columns = int(np.ceil(np.sqrt(n_items)))
        return describe(measure_frame(frame, first, before, end, n_columns), self._scenery(n_items))

    def _scenery(self, n_items: int) -> RunFacts:
        scene, deck = self._panel.editor.scene, self._panel.deck
        masked = None
        if scene.origin == "masked" and scene.source is not None and scene.source.mask is not None:
            masked = float((scene.source.mask > 0).mean())
        is_sound, is_from_picture = self._panel.sounds is not None, scene.is_from_picture
        return RunFacts(scene.params.sampler, is_sound, n_items, masked, deck.can_branch, is_from_picture)

    def _on_link_activated(self) -> None:
        deck = self._panel.deck
        if deck.can_branch:
            deck.branch()


def last_x0_frame(recording: Recording) -> Frame | None:
    """The frame of a finished run whose belief is the last one, which the others are held against.

    Not the finished picture: that is decoded in full, and a quick look at the same latents differs from it.
    """
    return recording[len(recording) - 2] if recording.is_finished and len(recording) > 1 else None
