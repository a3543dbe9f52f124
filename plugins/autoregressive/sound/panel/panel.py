"""The panel of sounds that grow sample by sample: what is asked for, the tree of a sample, going on from anywhere."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import Command, EngineTasks, Host
from studio.api.scene_panel import NOTHING_TO_HEAR, ScenePanel
from studio.api.timeline.controller import TimelineController
from studio.core.param import saved_params
from studio.core.sound.file import SUFFIXES, is_sound
from studio.core.sound.note import note_number
from studio.core.translation import N_, _

from ...shared.panel.probe import NextValueSection
from ..params import SoundParams
from ..scene import CODEC, SoundBeginning, SoundScene
from ..signal import RATE_HZ
from .canvas import GrowingSoundCanvas
from .editor import SoundEditor
from .player import SoundPlayback
from .presenter import SampleProbeQuery, SoundPresenter, SoundViews, model_info, read_own_sound
from .runs import SoundRuns
from .sections import ConditioningSection, SoundChoosingSection, SoundGoOnSection, WholeSoundSection

if TYPE_CHECKING:
    from ..engine import OwnSound

KEY: Final = "own sound"
MAX_OWN_SHARE: Final = 0.5
"""Of the length of a sound that one's own may fill."""
NEXT_HINT: Final = N_("Click to give the sample this level; everything after it is redone (softmax over mu-law levels)")
LIKELIEST: Final = N_("Likeliest: level {level} of {most} ({percent:.0f} %).")
NOTHING_MARKED: Final = N_("Click a sample to see what else it could have been.")
A4_HZ: Final = 440.0
A4: Final = note_number("A4") or 69
HINT: Final = N_("Click the waveform to inspect a sample · choose a sound to hear it · drop a sound to continue it")


class SoundIntake(QObject):
    """Reads a person's own sound. Signals: read(OwnSound). failed(error)."""

    read = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, editor: SoundEditor, window: QWidget) -> None:
        super().__init__(window)
        self._tasks, self._editor, self._window = tasks, editor, window

    @property
    def is_busy(self) -> bool:
        """Whether a sound is being read."""
        return self._tasks.is_running(KEY)

    def choose(self) -> None:
        """Let the person choose a sound."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = _("Sounds ({patterns})").format(patterns=patterns)
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a sound"), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Read the sound in a file, as much of it as may be gone on with."""
        n_samples = int(MAX_OWN_SHARE * self._editor.scene.params.seconds * RATE_HZ)
        call = partial(read_own_sound, path=path, n_samples=n_samples)
        self._tasks.ask(KEY, call, Policy.RESTART, done=self.read.emit, failed=self.failed.emit)


class SoundGestures(QObject):
    """What a hand does to a sound."""

    def __init__(
        self,
        editor: SoundEditor,
        presenter: SoundPresenter,
        play: SoundPlayback,
        runs: SoundRuns,
        timeline: TimelineController,
    ) -> None:
        super().__init__(runs)
        self._editor, self._presenter, self._play, self._runs, self._timeline = editor, presenter, play, runs, timeline

    def ask(self, name: str, value: object) -> None:
        """Ask for something else."""
        if self._presenter.about is not None:
            self._play.arm()
            self._editor.set_params(self._presenter.about.offer.title(name), **{name: value})

    def mark(self, place: int) -> None:
        """Look into a sample."""
        self._play.disarm()
        self._timeline.pause_run()
        self._editor.set_view(mark=place)

    def go_on(self) -> None:
        """Keep what is before the marked sample, and go on in another way."""
        seen, mark = self._presenter.seen, self._presenter.mark
        if seen is not None and mark is not None and mark > 0:
            self._begin(N_("Continue from here"), SoundBeginning(seen.levels[:mark].copy()))

    def set_level(self, level: int) -> None:
        """Give the marked sample another level; what comes behind it follows anew, by the same numbers."""
        seen, about, mark = self._presenter.seen, self._presenter.about, self._presenter.mark
        if seen is None or about is None or mark is None or not 0 <= level < about.n_levels:
            return
        levels = np.append(seen.levels[:mark], np.uint8(level)).astype(np.uint8)
        seed = self._editor.scene.params.seed
        self._begin(N_("Level of a sample"), SoundBeginning(levels), seed=seed)

    def from_silence(self) -> None:
        """Begin with nothing."""
        self._begin(N_("From silence"), None)

    def take_own(self, found: "OwnSound") -> None:
        """Begin with a person's own sound, in its pitch where the model has keys."""
        about, pitch = self._presenter.about, {}
        keys = None if about is None else about.offer.keys()
        if found.frequency_hz is not None and keys is not None:
            pitch = {keys.param: keys.nearest(A4 + 12 * float(np.log2(found.frequency_hz / A4_HZ)))}
        self._begin(N_("My sound"), SoundBeginning(found.levels, "own", found.name[:200]), **pitch)

    def _begin(self, title: str, beginning: SoundBeginning | None, **params: int) -> None:
        self._play.arm()
        self._editor.begin_with(title, beginning, **params)

    def again(self) -> None:
        """Play it in another way, and keep the one that is there."""
        self._runs.keep()
        self._play.arm()
        self._editor.again()

    def surprise(self) -> None:
        """Another sound than the one that is there."""
        if self._presenter.about is not None:
            self._play.arm()
            self._editor.surprise(self._presenter.about.offer)

    def commands(self, intake: SoundIntake) -> tuple[Command, ...]:
        """What keys and the palette can do."""
        title = "Autoregressive"
        return (
            Command("autoregressive.sound_surprise", N_("Another sound"), self.surprise, ("R",), title),
            Command("autoregressive.sound_again", N_("Make it differently"), self.again, ("N",), title),
            Command("autoregressive.sound_go_on", N_("Continue from the marked sample"), self.go_on, ("G",), title),
            Command("autoregressive.sound_play", N_("Hear the sound"), self.play_or_stop, ("P",), title),
            Command("autoregressive.sound_open", N_("Continue a sound of your own…"), intake.choose, (), title),
        )

    # Hearing

    def strike(self) -> None:
        """The same key again: its sound is heard."""
        seen = self._presenter.seen
        if seen is not None and seen.is_whole and not self._runs.is_running:
            self._play.again(seen)

    def play_or_stop(self) -> None:
        """Hear what is there."""
        seen, audio = self._presenter.seen, self._presenter.foreign_sound()
        if seen is not None:
            self._play.toggle(seen)
        elif audio is not None:
            self._play.sound(audio)


class SoundPanel(ScenePanel[SoundScene, SoundEditor]):
    """One model of sounds; its scene makes its run anew by itself."""

    codec, hint, failed_text, ask = CODEC, HINT, NOTHING_TO_HEAR, model_info
    kernels = f"{__package__.rpartition('.')[0]}.warm_up"
    follows_controls = False
    runs: SoundRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        canvas, scene = (
            GrowingSoundCanvas(),
            SoundScene(saved_params(SoundParams, handle.source.card.get("defaults", {}))),
        )
        super().__init__(handle, host, partial(SoundEditor, scene), canvas)
        self.canvas = canvas
        self.asked, self.whole = ConditioningSection(), WholeSoundSection()
        self.next = NextValueSection(
            N_("Probability of each level"), NEXT_HINT, N_("low to high"), LIKELIEST, NOTHING_MARKED
        )
        self.choosing, self.go_on = SoundChoosingSection(scene.params), SoundGoOnSection()
        self.show_sections(
            ("section_asked", N_("What to hear"), self.asked),
            ("section_next_sample", N_("Next sample"), self.next),
            ("section_choosing", N_("How it chooses"), self.choosing),
            ("section_go_on", N_("Continuing"), self.go_on),
            ("section_whole", N_("Whole sound"), self.whole),
        )
        self.runs = SoundRuns(self.timeline, self)
        self.play = SoundPlayback(self.editor, self.timeline, self.runs)
        self.looks = SampleProbeQuery(self.tasks, self)
        views = SoundViews(canvas, self.frame.caption, self.next, self.whole)
        self.presenter = SoundPresenter(views, self.editor, self.timeline, self.runs, self.play, self.looks)
        self.gestures = SoundGestures(self.editor, self.presenter, self.play, self.runs, self.timeline)
        self.intake = SoundIntake(self.tasks, self.editor, self)
        self.hand_over(self.asked, self.choosing, self.go_on, self.presenter)
        self.hand_over(self.play, self.runs, self.looks, self.intake)
        self.accept(is_sound, self.intake.open)
        self.take_own(self.intake, self.gestures.take_own)
        self.own_commands = self.gestures.commands(self.intake)
        self._connect()
        self.open()

    def _connect(self) -> None:
        asked, go_on, gestures = self.asked, self.go_on, self.gestures
        self.bind(self.choosing)
        self.choosing.speed_changed.connect(self.editor.set_speed)
        self.choosing.again_requested.connect(gestures.again)
        asked.changed.connect(gestures.ask)
        asked.struck.connect(gestures.strike)
        asked.play_requested.connect(gestures.play_or_stop)
        self.canvas.spectrogram.clicked.connect(gestures.play_or_stop)
        self.canvas.wave.marked.connect(gestures.mark)
        self.next.level_chosen.connect(gestures.set_level)
        go_on.go_on_requested.connect(gestures.go_on)
        go_on.silence_requested.connect(gestures.from_silence)
        go_on.own_requested.connect(self.intake.choose)
        self.whole.surprise_requested.connect(gestures.surprise)
        self.play.changed.connect(lambda: asked.set_playing(self.play.is_playing))
        self.play.player.level_changed.connect(asked.meter.set_level)
        self.unseen.connect(self.play.disarm)
        for part in (self.play, self.looks):
            part.failed.connect(self._on_work_failed)

    def follow(self, before: SoundScene) -> None:
        """Make another sound, or watch the same at another speed."""
        scene = self.editor.scene
        if scene.params != before.params or scene.beginning is not before.beginning:
            self.renew()
        elif scene.speed != before.speed:
            self.runs.play(scene.speed)
        self.presenter.redraw()

    def renew(self, is_instant: bool = False) -> None:
        """Make the sound that is asked for now; one that will be heard while it grows waits for that."""
        if not self.is_preparing:
            self.runs.renew(self.editor.scene, is_instant, is_held=self.play.is_waiting and not is_instant)

    def shown_params(self) -> SoundParams:
        """The settings of the run that is on screen."""
        return self.runs.shown_params(self.editor.scene.params)

    @property
    def needs_state(self) -> bool:
        """Whether it was begun by hand."""
        return self.editor.scene.beginning is not None and self.runs.is_shown
