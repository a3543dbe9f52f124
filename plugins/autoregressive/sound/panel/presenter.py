"""Shows a moment of a run of sounds, and asks the engine about the marked sample."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope
from studio.core.translation import N_, translate
from studio.core.view import Audio

from ..caption import TERM, beginning_words, chance_words, describe, lead, whole_words
from ..params import SoundParams
from ..signal import ByteArray, FloatArray
from ..view_model import SoundViewModel

if TYPE_CHECKING:
    from ..engine import OwnSound, SoundEngine, SoundModelInfo
    from .panel import SoundPanel

PROBE_KEY: Final = "look"


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


class SampleProbeQuery(QObject):
    """Signals: found(Look). failed(error)."""

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._wanted: Any = None
        self.n_seen = 0  # samples that one may depend on, once the model is open
        self.look: SampleProbe | None = None

    def want(self, seen: SoundViewModel, place: int, params: SoundParams) -> None:
        """Look at a sample that is there."""
        past = seen.levels[max(0, place - self.n_seen) : place + 1]
        told = (params.kind, params.instrument, params.pitch, params.velocity, params.seconds)
        key = (place, told, past.tobytes())
        if key == self._wanted:
            return
        self._wanted, self.look = key, None
        work = self._handle.work(partial(probe_sample, levels=seen.levels, place=place, params=params, key=key))
        self._tasks.run(PROBE_KEY, work, Policy.RESTART, done=self._on_found, failed=self._on_failed)

    def forget(self) -> None:
        """Nothing is looked at."""
        self._tasks.cancel(PROBE_KEY)
        self._wanted = self.look = None

    @property
    def is_looking(self) -> bool:
        """Whether something is still to be found."""
        return self._tasks.is_running(PROBE_KEY)

    def _on_found(self, found: SampleProbe) -> None:
        if found.key == self._wanted:
            self.look = found
            self.found.emit(found)

    def _on_failed(self, error: BaseException) -> None:
        self._wanted = None
        self.failed.emit(error)


class SoundPresenter(QObject):
    """One panel's view of what is at the playhead."""

    def __init__(self, panel: "SoundPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._was_moving = False

    @property
    def mark(self) -> int | None:
        """The marked sample: the chosen one where it is there, else the newest, of a whole sound the least expected."""
        seen, chosen = self._panel.seen, self._panel.editor.scene.mark
        if seen is None or not seen.place:
            return None
        if chosen is not None and chosen < seen.place:
            return chosen
        return seen.most_surprising if seen.is_whole else seen.place - 1

    @property
    def is_moving(self) -> bool:
        """Whether the sound grows or plays, so that no sample stays for long."""
        panel = self._panel
        return panel.deck.playback.is_playing or panel.runs.is_running or panel.play.is_playing

    def redraw(self) -> None:
        """Show the moment with all that is known of it."""
        panel, seen = self._panel, self._panel.seen
        if seen is None or panel.about is None:
            self._show_foreign()
            return
        mark = self.mark
        self._look(seen, mark)
        panel.canvas.wave.show_parts(panel.about.offer.parts_of(panel.shown_params()))
        panel.canvas.show_seen(seen, mark)
        self._show_look(seen, mark)
        panel.whole.show_words(whole_words(seen))
        self.describe(seen)

    def settle(self) -> None:
        """Look into the marked sample as soon as nothing moves any more."""
        is_moving = self.is_moving
        if self._was_moving and not is_moving:
            self.redraw()
        self._was_moving = is_moving

    def show_words(self) -> None:
        """Say what the sound begins with."""
        scene = self._panel.editor.scene
        self._panel.go_on.show_scene(scene, beginning_words(scene.beginning))

    def _look(self, seen: SoundViewModel, mark: int | None) -> None:
        if mark is None or (self.is_moving and self._panel.editor.scene.mark is None):
            self._panel.looks.forget()
        else:
            self._panel.looks.want(seen, mark, self._panel.shown_params())

    def _show_look(self, seen: SoundViewModel, mark: int | None) -> None:
        panel, look = self._panel, self._panel.looks.look
        is_found = look is not None and look.place == mark
        panel.canvas.tree.show_amount(look.amount if look is not None and is_found else None)
        if look is not None and is_found:
            panel.next.show_chances(look.chances, look.level, chance_words(look.chances, look.level))
        elif seen.chances is not None:
            panel.next.show_chances(seen.chances, None, chance_words(seen.chances, None))
        else:
            panel.next.show_chances(None, None, translate(N_("Click a sample to see what it might have been.")))

    def describe(self, seen: SoundViewModel) -> None:
        """Say what is to be seen at the playhead."""
        panel = self._panel
        assert panel.about is not None
        caption, asked = panel.frame.caption, panel.about.offer.asked(panel.shown_params())
        caption.set_lead(lead(seen))
        caption.set_text(describe(seen, panel.about.n_seen, asked), translate(TERM))

    def _show_foreign(self) -> None:
        """What a training or another model has made."""
        if self._panel.shown is None:
            return
        sound = self.foreign_sound()
        self._panel.canvas.wave.show_parts(())
        self._panel.canvas.wave.show_seen(None, None)
        self._panel.canvas.tree.show_amount(None)
        text = N_("What the network plays by now; click Play.") if sound is not None else N_("This is no sound of it.")
        self._panel.frame.caption.set_text(translate(text))

    def foreign_sound(self) -> Audio | None:
        """The sound of a frame that is no moment of a run, such as a training's; None where there is none."""
        frame = self._panel.shown
        if frame is None or self._panel.seen is not None:
            return None
        return next((view for view in frame.views.values() if isinstance(view, Audio)), None)
