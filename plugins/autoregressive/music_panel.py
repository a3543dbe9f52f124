"""The panel of music: a roll of four voices, of which any is yours and the others are sung by the model."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.text import N_, translate
from studio.core.view import Image

from .music_call import about
from .music_canvas import MusicCanvas
from .music_editor import MusicEditor
from .music_midi import SUFFIXES
from .music_params import MusicParams
from .music_play import MusicPlay
from .music_runs import MusicRuns
from .music_scene import Scene, opened, scene_from_json, scene_to_json
from .music_sections import ChoosingSection, InsteadSection, ListenSection, PieceSection, VoicesSection, is_instant
from .music_seen import Seen, seen_in
from .music_show import MusicShow
from .music_tools import MusicTools

if TYPE_CHECKING:
    from .music_engine import About

HINT: Final = N_("Click sets a note · drag moves it · right button gives it back to the model · click a bar’s number")


class MusicPanel(Panel):
    """One model of four voices."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.about: About | None = None
        self.shown: Frame | None = None
        self.seen: Seen | None = None
        self.playhead: float | None = None
        card = handle.source.card
        scene = opened(Scene(saved_params(MusicParams, card.get("defaults", {}))))
        self.editor = MusicEditor(scene, host.undo, self)
        self.canvas = MusicCanvas()
        self.frame = PanelFrame(self.canvas, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.voices, self.instead = VoicesSection(), InsteadSection()
        self.listen, self.choosing = ListenSection(scene.params), ChoosingSection(scene.params)
        self.whole = PieceSection()
        self.runs = MusicRuns(self.deck, self)
        self.play = MusicPlay(self)
        self.show_desk, self.tools = MusicShow(self), MusicTools(self)
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
        inspector.add_section("section_voices", N_("Voices")).add(self.voices)
        inspector.add_section("section_listen", N_("Listen")).add(self.listen)
        inspector.add_section("section_instead", N_("What else could stand here")).add(self.instead)
        inspector.add_section("section_choosing", N_("Choosing")).add(self.choosing)
        inspector.add_section("section_piece", N_("Whole piece")).add(self.whole)

    def _connect(self) -> None:
        editor, choosing, listen, tools = self.editor, self.choosing, self.listen, self.tools
        self.picker.chosen.connect(self.host.open_model)
        editor.changed.connect(self._on_scene_changed)
        for section in (choosing, listen):
            section.changed.connect(lambda name, value: editor.set_params(N_("Settings"), **{name: value}))
            section.edit_started.connect(editor.begin_gesture)
            section.edit_finished.connect(editor.end_gesture)
        choosing.speed_changed.connect(lambda speed: editor.set_field(N_("Speed"), "speed", speed))
        choosing.melody_chosen.connect(tools.take_melody)
        choosing.bar_requested.connect(tools.remake_bar)
        choosing.all_requested.connect(tools.remake_all)
        listen.play_requested.connect(self.play_or_stop)
        listen.tint_toggled.connect(lambda is_on: editor.set_view(shows_surprise=is_on))
        self.whole.open_requested.connect(tools.ask_file)
        self.whole.clear_requested.connect(tools.clear)
        self.play.moved.connect(self._on_playhead_moved)
        self.runs.changed.connect(self.show_desk.redraw)

    def _open(self) -> None:
        self.frame.caption.set_text(translate(N_("The model is being opened.")))
        self._show_controls()
        self.tasks.run("open", self.handle.work(about), done=self._on_opened, failed=self._on_open_failed)
        self.renew()

    def _on_opened(self, found: "About") -> None:
        self.about = found
        self.show_desk.redraw()

    def _on_open_failed(self, error: BaseException) -> None:
        if self.shown is None:
            self.frame.caption.set_text(translate(N_("The model could not be opened, so there is nothing to hear.")))
        self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Say what went wrong."""
        self._on_work_failed(error)

    # What is asked for

    def _on_scene_changed(self, before: Scene) -> None:
        scene = self.editor.scene
        self._show_controls()
        if scene.piece is not before.piece or _made_from(scene) != _made_from(before):
            self.renew()
        elif scene.params.tempo_bpm != before.params.tempo_bpm:
            self.renew(is_instant=True)
        elif scene.speed != before.speed:
            self.runs.set_speed(scene.params, scene.speed)
        self.show_desk.redraw()
        if scene.params != before.params:
            self.params_changed.emit()

    def _show_controls(self) -> None:
        scene = self.editor.scene
        self.voices.show_scene(scene)
        self.choosing.show_scene(scene, self.show_desk.chosen_bar)
        self.listen.tempo.set_value(scene.params.tempo_bpm)
        self.listen.tint.setChecked(scene.shows_surprise)

    def renew(self, is_instant: bool = False) -> None:
        """Make what is asked for now."""
        scene = self.editor.scene
        self.runs.renew(scene.source(), scene.speed, is_instant or is_instant_speed(scene))

    def play_or_stop(self) -> None:
        """Let the piece be heard from the marked place on, or be silent."""
        seen, scene = self.seen, self.editor.scene
        if seen is None:
            return
        step = scene.step if scene.step is not None and scene.step < len(seen.grid) else 0
        self.play.toggle(seen.grid, step, scene.params.tempo_bpm)
        self.listen.set_playing(self.play.is_playing)

    def _on_playhead_moved(self, at: float | None) -> None:
        self.playhead = at
        self.canvas.set_playhead(at)
        self.listen.set_playing(at is not None)
        self.show_desk.describe()

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        self.shown, self.seen = frame, seen_in(frame)
        if self.seen is None:
            self._show_foreign(frame)
            return
        self.frame.show_instead(None)
        self._show_controls()
        self.show_desk.redraw()

    def _show_foreign(self, frame: Frame) -> None:
        """What a training or another model has made."""
        words = N_("What the network sings by now to a melody that it never learnt.")
        if isinstance(frame.main_view, Image):
            self.canvas.show_picture(frame.main_view.pixels)
            self.frame.caption.set_text(translate(words))

    @property
    def is_settled(self) -> bool:
        """Whether nothing grows, plays or is looked for."""
        is_waiting = self.runs.is_running or self.show_desk.is_looking or self.tasks.is_running("open")
        return not (is_waiting or self.deck.playback.is_playing or self.play.is_playing)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self.shown is None:
            return None
        scene = self.editor.scene
        state = self.state() if scene.piece is not None else {}
        return Snapshot(self.shown, self.handle.source.id, scene.params.seed, params_to_json(scene.params), state)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing sounds unseen."""
        self.play.stop()
        super().hideEvent(event)

    # Parameters and state

    def params(self) -> MusicParams:
        """Return the settings of the run."""
        return self.editor.scene.params

    def set_params(self, params: MusicParams) -> None:
        """Make the whole piece of these settings, without an undo step; a run that has them stays as it is."""
        if self.runs.shows(params):
            self._adopt(replace(self.editor.scene, params=params))
        else:
            self._begin(replace(self.editor.scene, params=params, piece=None, example="", step=None))

    def _begin(self, scene: Scene) -> None:
        self._adopt(scene)
        self.renew(is_instant=True)

    def _adopt(self, scene: Scene) -> None:
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
        tools, menu = self.tools, "Autoregressive"
        return (
            Command("autoregressive.music_play", N_("Play or stop the music"), self.play_or_stop, ("P",), menu),
            Command("autoregressive.music_bar", N_("Make the chosen bar anew"), tools.remake_bar, ("B",), menu),
            Command("autoregressive.music_all", N_("Make all anew but what stays"), tools.remake_all, ("N",), menu),
            Command("autoregressive.music_melody", N_("Begin with the next melody"), tools.next_melody, ("R",), menu),
            Command("autoregressive.music_clear", N_("Begin with an empty piece"), tools.clear, (), menu),
            Command("autoregressive.music_open", N_("Go on with a MIDI file…"), tools.ask_file, (), menu),
        )

    def open_path(self, path: Path) -> bool:
        """Go on with a dropped MIDI file."""
        if path.suffix.lower() not in SUFFIXES:
            return False
        self.tools.open(path)
        return True


def is_instant_speed(scene: Scene) -> bool:
    """Whether a piece is shown as soon as it is made."""
    return is_instant(scene.speed)


def _made_from(scene: Scene) -> tuple[Any, ...]:
    """The settings on which notes depend."""
    params = scene.params
    return params.seed, params.temperature, params.kind, params.n_bars, params.no_parallels
