"""Shows a moment of a run of sounds, and asks the engine about the marked sample."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from studio.api.panel import Caption
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import N_, translate
from studio.core.view import Audio

from ...shared.panel.probe import NextValueSection, ProbeQuery
from ..params import SoundParams
from ..scene import SoundScene
from ..signal import ByteArray, FloatArray
from ..view_model import TERM, SoundViewModel, describe, lead, view_model_of, whole_words
from .canvas import GrowingSoundCanvas
from .editor import SoundEditor
from .player import SoundPlayback
from .runs import SoundRuns
from .sections import WholeSoundSection

if TYPE_CHECKING:
    from ..engine import OwnSound, SoundEngine, SoundModelInfo


@dataclass(frozen=True, eq=False)
class SampleProbe:
    """One sample of a sound.

    Attributes:
        place: its number. key: what the look was taken of.
        chances: (V,) probabilities of its levels at temperature 1. level: the one that it has.
        amount: (L + 1, R + 1), see `receptive_field.DependencyTree`.
    """

    place: int
    key: Any
    chances: npt.NDArray[np.float32]
    level: int
    amount: FloatArray


def model_info(engine: "SoundEngine") -> "SoundModelInfo":
    """What a panel has to know."""
    return engine.about()


def probe_sample(engine: "SoundEngine", levels: ByteArray, place: int, params: SoundParams, key: Any) -> SampleProbe:
    """What a sample of a sound (n,) might have been, and what it hangs on."""
    tree = engine.tree(levels, place, params)
    return SampleProbe(place, key, tree.chances, int(levels[place]), tree.amount)


def read_own_sound(engine: "SoundEngine", path: Path, n_samples: int) -> "OwnSound":
    """The beginning of a person's sound."""
    return engine.own(path, n_samples)


class SampleProbeQuery(ProbeQuery):
    """Signals: see ProbeQuery; what is found is a SampleProbe.

    Attributes:
        n_seen: samples that one may depend on, once the model is open.
    """

    look: SampleProbe | None
    n_seen = 0

    def want(self, seen: SoundViewModel, place: int, params: SoundParams) -> None:
        """Look at a sample that is there."""
        past = seen.levels[max(0, place - self.n_seen) : place + 1]
        told = (params.kind, params.instrument, params.pitch, params.velocity, params.seconds)
        self.ask(probe_sample, (place, told, past.tobytes()), levels=seen.levels, place=place, params=params)


@dataclass(frozen=True, eq=False)
class SoundViews:
    """Where a moment of a run is shown: on the canvas and in its caption, and in sections of the inspector."""

    canvas: GrowingSoundCanvas
    caption: Caption
    next: NextValueSection
    whole: WholeSoundSection


class SoundPresenter(QObject):
    """Attributes:
    about: what the open model is, None before it is open.
    shown: the frame on screen. seen: what it is of a run, None where another model or a training made it.
    """

    def __init__(
        self,
        views: SoundViews,
        editor: SoundEditor,
        timeline: TimelineController,
        runs: SoundRuns,
        play: SoundPlayback,
        looks: SampleProbeQuery,
    ) -> None:
        super().__init__(runs)
        self._views, self._editor, self._timeline = views, editor, timeline
        self._runs, self._play, self._looks = runs, play, looks
        self.about: SoundModelInfo | None = None
        self.shown: Frame | None = None
        self.seen: SoundViewModel | None = None
        self._was_moving = False
        for changed in (timeline.playback.changed, runs.changed, play.changed):
            changed.connect(self._settle)
        looks.found.connect(self.redraw)

    @property
    def mark(self) -> int | None:
        """The marked sample: the chosen one where it is there, else the newest, of a whole sound the least expected."""
        seen, chosen = self.seen, self._editor.scene.mark
        if seen is None or not seen.place:
            return None
        if chosen is not None and chosen < seen.place:
            return chosen
        return seen.most_surprising if seen.is_whole else seen.place - 1

    @property
    def is_moving(self) -> bool:
        """Whether the sound grows or plays, so that no sample stays for long."""
        return self._timeline.playback.is_playing or self._runs.is_running or self._play.is_playing

    def opened(self, found: "SoundModelInfo") -> None:
        """Show what the open model looks at."""
        self.about, self._looks.n_seen = found, found.n_seen
        self._views.canvas.tree.set_layers(found.dilation, found.n_taps)
        self.redraw()

    def show_frame(self, frame: Frame, scene: SoundScene) -> None:
        """Show a frame, and let it be heard where that is due."""
        self.shown, self.seen = frame, view_model_of(frame)
        self.redraw()
        if self.seen is not None:
            self._play.hear(self.seen)

    def redraw(self) -> None:
        """Show the moment with all that is known of it."""
        seen, about = self.seen, self.about
        if seen is None or about is None:
            self._show_foreign()
            return
        mark, params = self.mark, self._runs.shown_params(self._editor.scene.params)
        self._look(seen, mark, params)
        self._views.canvas.wave.show_parts(about.offer.parts_of(params))
        self._views.canvas.show_seen(seen, mark)
        self._show_look(seen, mark)
        self._views.whole.show_words(whole_words(seen))
        self._views.caption.set_lead(lead(seen))
        self._views.caption.set_text(describe(seen, about.n_seen, about.offer.asked(params)), translate(TERM))

    def _settle(self) -> None:
        """Look into the marked sample as soon as nothing moves any more."""
        is_moving = self.is_moving
        if self._was_moving and not is_moving:
            self.redraw()
        self._was_moving = is_moving

    def _look(self, seen: SoundViewModel, mark: int | None, params: SoundParams) -> None:
        if mark is None or (self.is_moving and self._editor.scene.mark is None):
            self._looks.forget()
        else:
            self._looks.want(seen, mark, params)

    def _show_look(self, seen: SoundViewModel, mark: int | None) -> None:
        section, look = self._views.next, self._looks.look
        is_found = look is not None and look.place == mark
        self._views.canvas.tree.show_amount(look.amount if look is not None and is_found else None)
        if look is not None and is_found:
            section.show_chances(look.chances, look.level)
        elif seen.chances is not None:
            section.show_chances(seen.chances)
        else:
            section.show_chances(None)

    def _show_foreign(self) -> None:
        """What a training or another model has made."""
        if self.shown is None:
            return
        sound, canvas = self.foreign_sound(), self._views.canvas
        canvas.wave.show_parts(())
        canvas.wave.show_seen(None, None)
        canvas.tree.show_amount(None)
        text = (
            N_("What the network sounds like so far; click Play.")
            if sound is not None
            else N_("This sound was not made by this model.")
        )
        self._views.caption.set_text(translate(text))

    def foreign_sound(self) -> Audio | None:
        """The sound of a frame that is no moment of a run, such as a training's; None where there is none."""
        if self.shown is None or self.seen is not None:
            return None
        return next((view for view in self.shown.views.values() if isinstance(view, Audio)), None)
