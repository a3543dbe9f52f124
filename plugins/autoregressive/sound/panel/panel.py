"""The panel of sounds that grow sample by sample: what is asked for, the tree of a sample, going on from anywhere."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from studio.api.engine import EngineHandle, Policy
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param_specs, params_to_json, saved_params
from studio.core.sound.file import SUFFIXES, is_sound
from studio.core.sound.note import note_number
from studio.core.translation import N_, translate

from ...shared.paced_source import PacedSource
from ...shared.panel.kernel_opening import KernelOpening
from ..params import SoundParams
from ..scene import SoundBeginning, SoundScene, scene_from_json, scene_to_json
from ..signal import RATE_HZ, length_of
from ..view_model import SoundViewModel, view_model_of
from .canvas import GrowingSoundCanvas
from .editor import SoundEditor
from .player import SoundPlayback
from .presenter import SampleProbeQuery, SoundPresenter, model_info, read_own_sound
from .runs import SoundRuns
from .sections import ConditioningSection, NextSampleSection, SoundChoosingSection, SoundGoOnSection, WholeSoundSection

if TYPE_CHECKING:
    from ..engine import OwnSound, SoundModelInfo

KEY: Final = "own sound"
MAX_OWN_SHARE: Final = 0.5
"""Of the length of a sound that one's own may fill."""
A4_HZ: Final = 440.0
A4: Final = note_number("A4") or 69
HINT: Final = N_("Click the waveform to look into a sample · what you ask for is heard · drop a sound to go on with it")
_SPECS: Final = param_specs(SoundParams)


class SoundGestures(QObject):
    """One panel's tools."""

    def __init__(self, panel: "SoundPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        panel.canvas.wave.marked.connect(self.mark)
        panel.next.level_chosen.connect(self.set_level)
        panel.go_on.go_on_requested.connect(self.go_on)
        panel.go_on.silence_requested.connect(self.from_silence)
        panel.go_on.own_requested.connect(self.ask_file)

    @property
    def is_reading(self) -> bool:
        """Whether a sound is being read."""
        return self._panel.tasks.is_running(KEY)

    def mark(self, place: int) -> None:
        """Look into a sample."""
        self._panel.play.disarm()
        self._panel.deck.pause_run()
        self._panel.editor.mark(place)

    def go_on(self) -> None:
        """Keep what is before the marked sample, and go on in another way."""
        seen, mark = self._panel.seen, self._panel.show_desk.mark
        if seen is not None and mark is not None and mark > 0:
            self._begin(N_("Go on from here"), SoundBeginning(seen.levels[:mark].copy()))

    def set_level(self, level: int) -> None:
        """Give the marked sample another level; what comes behind it follows anew, by the same numbers."""
        panel, seen, mark = self._panel, self._panel.seen, self._panel.show_desk.mark
        if seen is None or panel.about is None or mark is None or not 0 <= level < panel.about.n_levels:
            return
        levels = np.append(seen.levels[:mark], np.uint8(level)).astype(np.uint8)
        panel.play.arm()
        seed = panel.editor.scene.params.seed
        panel.editor.begin_with(N_("Level of a sample"), SoundBeginning(levels), seed=seed)

    def from_silence(self) -> None:
        """Begin with nothing."""
        self._begin(N_("From silence"), None)

    def ask_file(self) -> None:
        """Let the person choose a sound."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = translate(N_("Sounds ({patterns})")).format(patterns=patterns)
        chosen, _ = QFileDialog.getOpenFileName(self._panel, translate(N_("Open a sound")), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Begin with the sound in a file."""
        panel = self._panel
        n_samples = int(MAX_OWN_SHARE * panel.editor.scene.params.seconds * RATE_HZ)
        work = panel.handle.work(partial(read_own_sound, path=path, n_samples=n_samples))
        panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_read, failed=panel.fail)

    def _on_read(self, found: "OwnSound") -> None:
        panel = self._panel
        panel.messages.dismiss("error")
        keys = None if panel.about is None else panel.about.offer.keys()
        pitch = {}
        if found.frequency_hz is not None and keys is not None:
            pitch = {keys.param: keys.nearest(A4 + 12 * float(np.log2(found.frequency_hz / A4_HZ)))}
        self._begin(N_("My sound"), SoundBeginning(found.levels, "own", found.name[:200]), **pitch)

    def _begin(self, title: str, beginning: SoundBeginning | None, **params: int) -> None:
        self._panel.play.arm()
        self._panel.editor.begin_with(title, beginning, **params)


class SoundPanel(Panel):
    """One model of sounds."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        # The scene makes its run anew by itself.
        self.params_changed.disconnect(self.deck.on_panel_changed)
        self.about: SoundModelInfo | None = None
        self.shown: Frame | None = None
        self.seen: SoundViewModel | None = None
        card = handle.source.card
        self.editor = SoundEditor(SoundScene(saved_params(SoundParams, card.get("defaults", {}))), host.undo, self)
        self.canvas = GrowingSoundCanvas()
        self.frame = PanelFrame(self.canvas, self.messages, HINT, timeline=self.deck.timeline)
        self.opening = KernelOpening("sound.warm_up", self.frame, self)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.asked, self.next = ConditioningSection(), NextSampleSection()
        self.choosing, self.go_on, self.whole = (
            SoundChoosingSection(self.editor.scene.params),
            SoundGoOnSection(),
            WholeSoundSection(),
        )
        self.runs = SoundRuns(self.deck, self)
        self.play = SoundPlayback(self)
        self.looks = SampleProbeQuery(self.tasks, handle, self)
        self.show_desk, self.tools = SoundPresenter(self), SoundGestures(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._fill_inspector()
        self._connect()
        self._open()

    # Wiring

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_asked", N_("What to hear")).add(self.asked)
        inspector.add_section("section_next_sample", N_("Next sample")).add(self.next)
        inspector.add_section("section_choosing", N_("Choosing")).add(self.choosing)
        inspector.add_section("section_go_on", N_("Going on")).add(self.go_on)
        inspector.add_section("section_whole", N_("Whole sound")).add(self.whole)

    def _connect(self) -> None:
        editor, choosing, asked = self.editor, self.choosing, self.asked
        self.picker.chosen.connect(self.host.open_model)
        editor.changed.connect(self._on_scene_changed)
        asked.changed.connect(self._on_asked)
        asked.struck.connect(self.strike)
        asked.play_requested.connect(self.play_or_stop)
        choosing.changed.connect(lambda name, value: editor.set_params(_SPECS[name].label, **{name: value}))
        choosing.edit_started.connect(editor.begin_gesture)
        choosing.edit_finished.connect(editor.end_gesture)
        choosing.speed_changed.connect(editor.set_speed)
        choosing.again_requested.connect(self.again)
        self.whole.surprise_requested.connect(self.surprise)
        self.canvas.spectrogram.clicked.connect(self.play_or_stop)
        self.deck.playback.changed.connect(self.show_desk.settle)
        self.runs.changed.connect(self.show_desk.settle)
        self.play.changed.connect(self._on_heard)
        self.play.player.level_changed.connect(asked.meter.set_level)
        self.looks.found.connect(self.show_desk.redraw)
        self.looks.failed.connect(self.fail)

    def _open(self) -> None:
        self._show_controls()
        self.opening.ready.connect(self._on_kernels_ready)
        self.opening.begin()

    def _on_kernels_ready(self) -> None:
        self.tasks.run("open", self.handle.work(model_info), done=self._on_opened, failed=self._on_open_failed)
        self.renew()

    def _on_opened(self, found: "SoundModelInfo") -> None:
        self.about = found
        self.looks.n_seen = found.n_seen
        self.canvas.tree.set_layers(found.dilation, found.n_taps)
        self.asked.set_offer(found.offer)
        self._show_controls()
        self.show_desk.redraw()

    def _on_open_failed(self, error: BaseException) -> None:
        if self.shown is None:
            self.frame.caption.set_text(translate(N_("The model could not be opened, so there is nothing to hear.")))
        self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Say what went wrong."""
        self._on_work_failed(error)

    # What is asked for

    def _on_asked(self, name: str, value: object) -> None:
        assert self.about is not None
        self.play.arm()
        self.editor.set_params(self.about.offer.title(name), **{name: value})

    def _on_scene_changed(self, before: SoundScene) -> None:
        scene = self.editor.scene
        self._show_controls()
        is_made_anew = scene.params != before.params or scene.beginning is not before.beginning
        if is_made_anew:
            self.renew()
        elif scene.speed != before.speed:
            self.runs.play(scene.speed)
        self.show_desk.redraw()
        if scene.params != before.params:
            self.params_changed.emit()

    def _show_controls(self) -> None:
        scene = self.editor.scene
        self.asked.show_scene(scene)
        self.choosing.show_scene(scene)
        self.show_desk.show_words()

    def renew(self, is_instant: bool = False) -> None:
        """Make the sound that is asked for now, as soon as that is possible."""
        if self.opening.is_preparing:
            return
        scene = self.editor.scene
        source = PacedSource(scene.params, scene.start(), self._n_frames(scene))
        speed = "instant" if is_instant else scene.speed
        self.runs.renew(source, speed, is_held=self.play.is_waiting and not is_instant)

    def _n_frames(self, scene: SoundScene) -> int:
        """How many frames a run of the scene has."""
        n_samples = length_of(scene.params.seconds)
        n_given = 0 if scene.beginning is None else min(len(scene.beginning.levels), n_samples)
        return -(-(n_samples - (n_given or scene.params.block)) // scene.params.block) + 1

    def index_of(self, n_samples: float) -> int:
        """The frame of the newest run at which so many samples are there."""
        scene = self.editor.scene
        first = scene.params.block if scene.beginning is None else len(scene.beginning.levels)
        return max(0, int((n_samples - first) // scene.params.block))

    def strike(self) -> None:
        """The same key again: its sound is heard."""
        if self.seen is not None and self.seen.is_whole and not self.runs.is_running:
            self.play.again(self.seen)

    def play_or_stop(self) -> None:
        """Hear what is there."""
        audio = self.show_desk.foreign_sound()
        if self.seen is not None:
            self.play.toggle(self.seen)
        elif audio is not None:
            self.play.sound(audio)

    def again(self) -> None:
        """Play it in another way, and keep the one that is there."""
        self.runs.keep()
        self.play.arm()
        self.editor.again()

    def surprise(self) -> None:
        """Another sound than the one that is there."""
        if self.about is not None:
            self.play.arm()
            self.editor.surprise(self.about.offer)

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        self.shown, self.seen = frame, view_model_of(frame)
        self.show_desk.redraw()
        if self.seen is not None:
            self.play.hear(self.seen)

    def shown_params(self) -> SoundParams:
        """The settings of the run that is on screen."""
        return self.runs.shown_params(self.editor.scene.params)

    def _on_heard(self) -> None:
        self.asked.set_playing(self.play.is_playing)
        self.show_desk.settle()

    @property
    def is_settled(self) -> bool:
        """Whether nothing grows, plays, is read or looked for."""
        is_opening = self.opening.is_preparing or self.tasks.is_running("open")
        is_waiting = self.runs.is_running or self.looks.is_looking or self.tools.is_reading
        is_moving = self.deck.playback.is_playing or self.play.is_playing
        return not (is_opening or is_waiting or is_moving)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self.shown is None:
            return None
        params = self.shown_params()
        state = self.state() if self.editor.scene.beginning is not None and self.runs.is_shown else {}
        return Snapshot(self.shown, self.handle.source.id, params.seed, params_to_json(params), state)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing sounds unseen."""
        self.play.disarm()
        super().hideEvent(event)

    # Parameters and state

    def params(self) -> SoundParams:
        """Return the settings of the run."""
        return self.editor.scene.params

    def set_params(self, params: SoundParams) -> None:
        """Make the whole sound of these settings, without an undo step; a run that has them stays as it is."""
        if self.runs.shows(params):
            self._adopt(replace(self.editor.scene, params=params))
        else:
            self._begin(replace(self.editor.scene, params=params, beginning=None, mark=None))

    def _begin(self, scene: SoundScene) -> None:
        self._adopt(scene)
        self.renew(is_instant=True)

    def _adopt(self, scene: SoundScene) -> None:
        self.play.disarm()
        self.editor.adopt(scene)
        self._show_controls()
        self.params_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return the scene, and whether the caption is hidden."""
        return {"scene": scene_to_json(self.editor.scene), "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()):
            raise UserError(N_("This saved state does not fit the model."))
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self._begin(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        title, tools = "Autoregressive", self.tools
        return (
            Command("autoregressive.sound_surprise", N_("Another sound"), self.surprise, ("R",), title),
            Command("autoregressive.sound_again", N_("Make it in another way"), self.again, ("N",), title),
            Command("autoregressive.sound_go_on", N_("Go on from the marked sample"), tools.go_on, ("G",), title),
            Command("autoregressive.sound_play", N_("Hear the sound"), self.play_or_stop, ("P",), title),
            Command("autoregressive.sound_open", N_("Go on with a sound of your own…"), tools.ask_file, (), title),
        )

    def open_path(self, path: Path) -> bool:
        """Go on with a dropped sound."""
        if not is_sound(path):
            return False
        self.tools.open(path)
        return True
