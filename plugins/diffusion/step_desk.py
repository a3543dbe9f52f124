"""Everything that follows the frame on the canvas: its pictures, their values, the noise curve, the maps of words."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from studio.core.frame import Frame
from studio.core.param import saved_params
from studio.core.recording import Recording
from studio.core.view import Audio, Field, Image, Tokens

from .canvas_desk import CanvasDesk
from .engine_call import believed
from .params import SampleParams
from .view_name import ATTENTION, NOISE_LEFT, PREDICTED, WORDS

REST_MS: Final = 200

if TYPE_CHECKING:
    from .panel import DiffusionPanel


class StepDesk(QObject):
    """Attributes:
    canvas: which pictures of the frame are shown.
    """

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._controls = panel.controls
        self.canvas = CanvasDesk(panel.canvas)
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
            params = saved_params(SampleParams, info.params)
            work = self._panel.handle.work(partial(believed, params=params, state=frame.state))
            self._panel.tasks.run("belief", work, done=self._on_believed)

    def _on_believed(self, belief: Image | None) -> None:
        if belief is not None and self._asked is not None:
            self.canvas.sharpen(self._asked, belief)

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
