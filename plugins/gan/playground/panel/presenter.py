"""Shows a frame of a run in the playground: on the square, in figures and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Caption, Throttle
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..frames import PlaygroundMoment, is_moment, moment_of, view_of_moment
from ..model.target import OWN
from ..scene import SPEEDS, PlaygroundScene
from ..training.evaluation import measured_fake, part_shares, wanted_shares
from ..view_model import shown_real
from .canvas import PlaygroundCanvas
from .editor import PlaygroundEditor
from .figures import FigureColumn
from .run import PlaygroundRun

CURVES_MS: Final = 250
GLIDE_MS: Final = 200
COLLAPSE_AFTER: Final = 100
"""Steps before which a generator that makes little has not learnt yet."""
WON: Final = 0.9


@dataclass(frozen=True)
class PlaygroundCaption:
    """A caption: its bold beginning, its sentences, and the term of the field for the tooltip."""

    lead: str
    text: str
    term: str = ""


def describe(moment: PlaygroundMoment, figures: Mapping[str, float]) -> PlaygroundCaption:
    """The words for a moment of a run."""
    lead = _("Step {n:,}.").format(n=moment.n_steps)
    if moment.target.is_empty:
        return PlaygroundCaption(lead, _("There is nothing to imitate yet: paint on the square."))
    if moment.n_steps == 0:
        return PlaygroundCaption(*_beginning())
    sentences = [_standing(moment, figures)]
    collapse = collapse_words(moment, figures)
    sentences.append(collapse or _parts_sentence(moment, figures))
    return PlaygroundCaption(lead, " ".join(one for one in sentences if one), _term(moment, bool(collapse)))


def _beginning() -> tuple[str, str, str]:
    text = N_(
        "Neither has learnt anything yet. The forger turns noise into points; the detective tries to tell them "
        "from real ones."
    )
    return _("Before the first step."), translate(text), _("Untrained generator")


def _standing(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    if moment.settings.loss == "wasserstein":
        gap = figures.get("gap", 0.0)
        if gap < 0:
            text = N_("The critic scores fake points higher than real ones, by {gap:.2f}.")
        else:
            text = N_("The critic scores real points higher than fake ones, by {gap:.2f}.")
        return translate(text).format(gap=abs(gap))
    right = figures.get("right", 0.5)
    text = _("The detective is right {percent:.0f} % of the time.").format(percent=100 * right)
    if right >= WON:
        return f"{text} {_('It wins too easily.')}"
    return text


def collapse_words(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    """A warning where the generator makes a quarter of the parts at most, and little else; empty otherwise."""
    n, found = int(figures.get("parts", 0)), int(figures.get("parts found", 0))
    if not figures.get("collapsed") or moment.n_steps < COLLAPSE_AFTER:
        return ""
    if found <= 1:
        return _("The forger makes only one part of it: mode collapse.")
    return _("The forger makes only {found} of {n} parts: mode collapse.").format(found=found, n=n)


def _parts_sentence(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    return parts_text(moment, figures) + "."


def parts_text(moment: PlaygroundMoment, figures: Mapping[str, float]) -> str:
    """How many parts of the shape the generator makes, as a few words."""
    n, found = int(figures.get("parts", 0)), int(figures.get("parts found", 0))
    if moment.target.name == OWN and n == 1:
        return _("The forger makes your island") if found else _("The forger misses your island")
    what = {
        "ring": N_("The forger makes {found} of {n} clusters"),
        "grid": N_("The forger makes {found} of {n} clusters"),
        "moons": N_("The forger makes {found} of {n} moons"),
        "spiral": N_("The forger makes {found} of {n} parts of the spiral"),
        OWN: N_("The forger makes {found} of {n} islands"),
    }[moment.target.name]
    return translate(what).format(found=found, n=n)


def _term(moment: PlaygroundMoment, is_collapsed: bool) -> str:
    if is_collapsed:
        return _("Mode collapse: the generator covers few modes of the data")
    if moment.settings.loss == "wasserstein":
        return _("Difference of the mean scores, an estimate of the Wasserstein distance")
    return _("Accuracy of the discriminator on fresh points; 50 % is a coin toss")


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
