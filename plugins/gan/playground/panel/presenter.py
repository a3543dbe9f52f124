"""Shows a frame of a run in the playground: on the square, in figures and in words."""

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Caption, Throttle
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..caption import PlaygroundCaption, collapse_words, describe, parts_text
from ..frames import PlaygroundMoment, is_moment, moment_of, view_of_moment
from ..scene import SPEEDS, PlaygroundScene
from ..training.evaluation import measured_fake, part_shares, wanted_shares
from ..view_model import shown_real
from .canvas import PlaygroundCanvas
from .editor import PlaygroundEditor
from .figures import FigureColumn
from .run import PlaygroundRun

CURVES_MS: Final = 250
GLIDE_MS: Final = 200


class PlaygroundPresenter(QObject):
    """Signals: adopted(): the controls are to show the settings that an earlier frame was made with.

    Attributes:
        moment: where the run stands on screen; None before the first frame.
    """

    adopted = Signal()

    def __init__(
        self,
        canvas: PlaygroundCanvas,
        figures: FigureColumn,
        caption: Caption,
        editor: PlaygroundEditor,
        runs: PlaygroundRun,
        timeline: TimelineController,
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._figures, self._caption = canvas, figures, caption
        self._editor, self._runs, self._timeline = editor, runs, timeline
        self._frame: Frame | None = None
        self.moment: PlaygroundMoment | None = None
        self._curves = Throttle(CURVES_MS, lambda: figures.show_curves(timeline.recording), self)

    def show_frame(self, frame: Frame, scene: PlaygroundScene) -> None:
        """Show a frame; of an earlier one the controls show the settings that it was made with."""
        before, self._frame = self._frame, frame
        if not is_moment(frame.state):
            self._show_foreign(frame)
            return
        moment = self.moment = moment_of(frame.state or {}, scene.seed)
        look = view_of_moment(moment, scene.seed)
        if self._runs.is_at_head:  # what is being painted is newer than the frame
            look = replace(look, real=shown_real(scene.target))
        else:
            self._adopt(scene.at(moment))
        is_next = before is not None and before.step + 1 == frame.step and self._timeline.playback.is_playing
        self._canvas.show_look(look, min(GLIDE_MS, SPEEDS[scene.speed].interval_ms) if is_next else 0)
        self._say(describe(moment, frame.scalars))
        self._show_figures(moment, frame, scene.seed)

    def _adopt(self, scene: PlaygroundScene) -> None:
        self._editor.adopt(scene)
        self._runs.adopt(scene)
        self.adopted.emit()

    def _show_foreign(self, frame: Frame) -> None:
        view = frame.main_view
        if isinstance(view, Image):
            self._canvas.show_picture(view.pixels)
        track = self._timeline.track
        is_training = track is not None and track.recording.info.kind == "training"
        text = N_("This is how the pair is learning.") if is_training else N_("Another model drew this.")
        self._say(PlaygroundCaption("", translate(text)))

    def _say(self, words: PlaygroundCaption) -> None:
        self._caption.set_lead(words.lead)
        self._caption.set_text(words.text, words.term)

    def _show_figures(self, moment: PlaygroundMoment, frame: Frame, seed: int) -> None:
        figures = self._figures
        if moment.target.is_empty:
            figures.meter.show_shares(np.zeros(0), np.zeros(0))
            figures.found.set_text("")
        else:
            shares = part_shares(measured_fake(moment.pair, moment.settings, seed), moment.target)
            figures.meter.show_shares(shares, wanted_shares(moment.target))
            found = parts_text(moment, frame.scalars)
            is_collapsed = bool(collapse_words(moment, frame.scalars))
            figures.found.set_text(f"{found} · {_('mode collapse')}" if is_collapsed else found)
        figures.show_step(moment.n_steps)
        self.request_curves()

    def request_curves(self) -> None:
        """Show the curves of the run on the timeline, a few times a second."""
        self._curves.request()
