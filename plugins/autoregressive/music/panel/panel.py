"""The panel of music: a roll of four voices, of which any is yours and the others are sung by the model."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_, translate
from studio.core.view import Image

from ...foreign.midi.reader import SUFFIXES, ImportedMusic
from ...pixels.panel.runs import FASTEST_FPS, PixelRuns
from ..grid import HOLD_TOKEN, value_of
from ..melodies import MELODIES, empty_grid
from ..notes import VoiceNote, note_at
from ..params import MusicParams
from ..scene import MusicScene, opened, scene_from_json, scene_to_json
from ..view_model import MusicViewModel, view_model_of
from .canvas import MusicCanvas
from .editor import MusicEditor
from .presenter import MusicPlayer, MusicPresenter, model_info, read
from .sections import InsteadSection, MusicChoosingSection, MusicListenSection, PieceSection, VoicesSection, is_instant

if TYPE_CHECKING:
    from ..engine import MusicModelInfo

FILE_KEY: Final = "midi"
HINT: Final = N_("Click sets a note · drag moves it · right button gives it back to the model · click a bar’s number")


class MusicRuns(PixelRuns):
    """The same as runs of pictures, but for what is counted: sixteenths a second."""

    def set_speed(self, params: MusicParams, speed: int) -> None:
        """Let so many sixteenths a second appear from now on."""
        fps = min(max(float(speed), 1.0), FASTEST_FPS)
        self._deck.playback.set_fps(fps)
        self._deck.playback.set_speed(speed / fps)


class MusicGestures(QObject):
    """One panel's tools."""

    def __init__(self, panel: "MusicPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        canvas, editor = panel.canvas, panel.editor
        canvas.note_set.connect(self.set_note)
        canvas.note_chosen.connect(self._mark)
        canvas.note_returned.connect(self._on_returned)
        canvas.note_removed.connect(self._on_removed)
        canvas.bar_chosen.connect(self.choose_bar)
        canvas.voice_chosen.connect(lambda voice: editor.set_view(voice=voice))
        canvas.heard.connect(panel.play.hear)
        panel.voices.voice_chosen.connect(lambda voice: editor.set_view(voice=voice))
        panel.voices.locked.connect(editor.set_lock)
        panel.voices.follow_toggled.connect(lambda is_on: editor.set_view(is_following=is_on))
        panel.instead.forced.connect(self.force)
        panel.instead.remake_requested.connect(self.remake_note)

    # Notes

    def _steer(self) -> bool:
        """Whether there is a piece to work on; a run that plays stops, and so does the sound."""
        panel = self._panel
        if panel.seen is None:
            return False
        panel.deck.pause_run()
        if panel.play.is_playing:
            panel.play.stop()
        return True

    def _mark(self, voice: int, step: int) -> None:
        self._panel.editor.set_view(voice=voice, step=step)

    def choose_bar(self, number: int) -> None:
        """Mark a bar at its beginning."""
        seen = self._panel.seen
        if seen is not None:
            self._panel.editor.set_view(step=seen.bar_span(number)[0])

    def set_note(self, voice: int, note: VoiceNote, old: VoiceNote | None) -> None:
        """Put a note into a voice, or move one."""
        if self._steer() and self._panel.seen is not None:
            title = N_("Set a note") if old is None else N_("Move a note")
            self._panel.editor.set_note(self._panel.seen, voice, note, old, title)

    def _on_returned(self, voice: int, note: VoiceNote) -> None:
        panel = self._panel
        if not self._steer() or panel.seen is None:
            return
        panel.editor.adopt_voice(voice)
        if panel.editor.scene.locks[voice]:
            panel.editor.rest_note(panel.seen, voice, note)
        else:
            panel.editor.remake_note(panel.seen, voice, note)

    def _on_removed(self, voice: int, note: VoiceNote) -> None:
        if self._steer() and self._panel.seen is not None:
            self._panel.editor.rest_note(self._panel.seen, voice, note)

    def remake_note(self) -> None:
        """Let the model choose another note in the marked place."""
        note = self._panel.show_desk.note
        if note is not None and self._steer() and self._panel.seen is not None:
            self._panel.editor.remake_note(self._panel.seen, self._panel.editor.scene.voice, note)

    def force(self, token: int) -> None:
        """Let the voice sing another note in the marked place, and the others follow."""
        panel, note = self._panel, self._panel.show_desk.note
        if note is None or not self._steer() or panel.seen is None:
            return
        voice, value = panel.editor.scene.voice, value_of(token)
        if token == HOLD_TOKEN:
            before = note_at(panel.seen.grid.values[:, voice], note.start - 1) if note.start else None
            if before is not None:
                longer = VoiceNote(before.start, before.length + note.length, before.pitch)
                panel.editor.set_note(panel.seen, voice, longer, before, N_("Hold a note"))
        elif value:
            panel.editor.set_note(
                panel.seen, voice, VoiceNote(note.start, note.length, value), note, N_("Another note")
            )
        else:
            panel.editor.rest_note(panel.seen, voice, note)

    # More at once

    def remake_bar(self) -> None:
        """Make the chosen bar anew."""
        panel, bar = self._panel, self._panel.show_desk.chosen_bar
        if bar is not None and self._steer() and panel.seen is not None:
            panel.editor.remake_bar(panel.seen, bar)

    def remake_all(self) -> None:
        """Make all anew but what stays."""
        if self._steer() and self._panel.seen is not None:
            self._panel.editor.remake_all(self._panel.seen)

    def next_melody(self) -> None:
        """Begin with the next tune."""
        names, example = list(MELODIES), self._panel.editor.scene.example
        number = names.index(example) + 1 if example in names else 0
        self.take_melody(names[number % len(names)])

    def take_melody(self, name: str) -> None:
        """Begin with a tune."""
        self._steer()
        self._panel.editor.take_melody(name)

    def clear(self) -> None:
        """Begin with an empty piece."""
        self._steer()
        self._panel.editor.clear(empty_grid(8))

    # Files

    def ask_file(self) -> None:
        """Let a MIDI file be chosen."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = f"{translate(N_('Music'))} ({patterns})"
        chosen, _ = QFileDialog.getOpenFileName(self._panel, translate(N_("Open a MIDI file")), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Go on with the music in a MIDI file."""
        panel = self._panel
        panel.tasks.run(
            FILE_KEY, panel.handle.work(partial(read, path=path)), done=self._on_read, failed=self._on_failed
        )

    def _on_read(self, found: ImportedMusic) -> None:
        panel = self._panel
        panel.messages.dismiss("error")
        panel.messages.dismiss(FILE_KEY)
        self._steer()
        panel.editor.take_piece(N_("Music from a file"), found.grid, found.tempo_bpm)
        if found.sentence:
            panel.messages.show_note(found.sentence, key=FILE_KEY)

    def _on_failed(self, error: BaseException) -> None:
        self._panel.fail(error)


class MusicPanel(Panel):
    """One model of four voices."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.about: MusicModelInfo | None = None
        self.shown: Frame | None = None
        self.seen: MusicViewModel | None = None
        self.playhead: float | None = None
        card = handle.source.card
        scene = opened(MusicScene(saved_params(MusicParams, card.get("defaults", {}))))
        self.editor = MusicEditor(scene, host.undo, self)
        self.canvas = MusicCanvas()
        self.frame = PanelFrame(self.canvas, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.voices, self.instead = VoicesSection(), InsteadSection()
        self.listen, self.choosing = MusicListenSection(scene.params), MusicChoosingSection(scene.params)
        self.whole = PieceSection()
        self.runs = MusicRuns(self.deck, self)
        self.play = MusicPlayer(self)
        self.show_desk, self.tools = MusicPresenter(self), MusicGestures(self)
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
        self.tasks.run("open", self.handle.work(model_info), done=self._on_opened, failed=self._on_open_failed)
        self.renew()

    def _on_opened(self, found: "MusicModelInfo") -> None:
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

    def _on_scene_changed(self, before: MusicScene) -> None:
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
        self.shown, self.seen = frame, view_model_of(frame)
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

    def _begin(self, scene: MusicScene) -> None:
        self._adopt(scene)
        self.renew(is_instant=True)

    def _adopt(self, scene: MusicScene) -> None:
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


def is_instant_speed(scene: MusicScene) -> bool:
    """Whether a piece is shown as soon as it is made."""
    return is_instant(scene.speed)


def _made_from(scene: MusicScene) -> tuple[Any, ...]:
    """The settings on which notes depend."""
    params = scene.params
    return params.seed, params.temperature, params.kind, params.n_bars, params.no_parallels
