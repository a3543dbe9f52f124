"""The panel of music: a roll of four voices, of which any is yours and the others are sung by the model."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import Command, EngineTasks, Host
from studio.api.scene_panel import NOTHING_TO_HEAR, ScenePanel
from studio.api.timeline.controller import TimelineController
from studio.core.param import saved_params
from studio.core.translation import N_, _

from ...foreign.midi.reader import SUFFIXES, ImportedMusic
from ...shared.panel.runs import FASTEST_FPS, PlayedRun
from ..grid import HOLD_TOKEN, value_of
from ..melodies import MELODIES, empty_grid
from ..notes import VoiceNote, note_at
from ..params import MusicParams
from ..scene import CODEC, INSTANT, MusicScene, opened
from ..view_model import MusicViewModel
from .canvas import MusicCanvas
from .editor import MusicEditor
from .presenter import MusicPlayer, MusicPresenter, MusicViews, ScoreQuery, model_info, read
from .sections import InsteadSection, MusicChoosingSection, MusicListenSection, PieceSection, VoicesSection

FILE_KEY: Final = "midi"
HINT: Final = N_(
    "Click to add a note · drag to move it · right-click to hand it back to the model · click a bar’s number"
)


def music_pace(params: MusicParams, speed: int) -> tuple[float, float]:
    """How so many sixteenths appear in a second; see Pace."""
    fps = min(max(float(speed), 1.0), FASTEST_FPS)
    return fps, speed / fps


class MusicIntake(QObject):
    """Reads a MIDI file. Signals: read(ImportedMusic). failed(error)."""

    read = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, window: QWidget) -> None:
        super().__init__(window)
        self._tasks, self._window = tasks, window

    def choose(self) -> None:
        """Let a MIDI file be chosen."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = f"{_('Music')} ({patterns})"
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a MIDI file"), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Read the music in a MIDI file."""
        self._tasks.ask(FILE_KEY, partial(read, path=path), done=self.read.emit, failed=self.failed.emit)


class MusicGestures(QObject):
    """What a hand does to a piece."""

    def __init__(
        self,
        canvas: MusicCanvas,
        editor: MusicEditor,
        presenter: MusicPresenter,
        play: MusicPlayer,
        timeline: TimelineController,
    ) -> None:
        super().__init__(presenter)
        self._editor, self._presenter, self._play, self._timeline = editor, presenter, play, timeline
        canvas.note_set.connect(self.set_note)
        canvas.note_chosen.connect(self.mark)
        canvas.note_returned.connect(self.return_note)
        canvas.note_removed.connect(self.remove_note)
        canvas.bar_chosen.connect(self.choose_bar)
        canvas.voice_chosen.connect(self.take_voice)
        canvas.heard.connect(play.hear)

    def _steer(self) -> MusicViewModel | None:
        """The piece to work on, where there is one; a run that plays stops, and so does the sound."""
        seen = self._presenter.seen
        if seen is not None:
            self._timeline.pause_run()
            if self._play.is_playing:
                self._play.stop()
        return seen

    # Notes

    def mark(self, voice: int, step: int) -> None:
        """Look at a note."""
        self._editor.set_view(voice=voice, step=step)

    def take_voice(self, voice: int) -> None:
        """Have a voice in hand."""
        self._editor.set_view(voice=voice)

    def choose_bar(self, number: int) -> None:
        """Mark a bar at its beginning."""
        seen = self._presenter.seen
        if seen is not None:
            self._editor.set_view(step=seen.bar_span(number)[0])

    def set_note(self, voice: int, note: VoiceNote, old: VoiceNote | None) -> None:
        """Put a note into a voice, or move one."""
        if (seen := self._steer()) is not None:
            title = N_("Set a note") if old is None else N_("Move a note")
            self._editor.set_note(seen, voice, note, old, title)

    def return_note(self, voice: int, note: VoiceNote) -> None:
        """Give a note back to the model; in a locked voice it goes."""
        if (seen := self._steer()) is None:
            return
        self._editor.adopt_voice(voice)
        if self._editor.scene.locks[voice]:
            self._editor.rest_note(seen, voice, note)
        else:
            self._editor.remake_note(seen, voice, note)

    def remove_note(self, voice: int, note: VoiceNote) -> None:
        """Let a voice rest instead."""
        if (seen := self._steer()) is not None:
            self._editor.rest_note(seen, voice, note)

    def remake_note(self) -> None:
        """Let the model choose another note in the marked place."""
        note = self._presenter.note
        if note is not None and (seen := self._steer()) is not None:
            self._editor.remake_note(seen, self._editor.scene.voice, note)

    def force(self, token: int) -> None:
        """Let the voice sing another note in the marked place, and the others follow."""
        note = self._presenter.note
        if note is None or (seen := self._steer()) is None:
            return
        editor, voice, value = self._editor, self._editor.scene.voice, value_of(token)
        if token == HOLD_TOKEN:
            before = note_at(seen.grid.values[:, voice], note.start - 1) if note.start else None
            if before is not None:
                longer = VoiceNote(before.start, before.length + note.length, before.pitch)
                editor.set_note(seen, voice, longer, before, N_("Hold a note"))
        elif value:
            editor.set_note(seen, voice, VoiceNote(note.start, note.length, value), note, N_("Another note"))
        else:
            editor.rest_note(seen, voice, note)

    # More at once

    def remake_bar(self) -> None:
        """Make the chosen bar anew."""
        bar = self._presenter.chosen_bar
        if bar is not None and (seen := self._steer()) is not None:
            self._editor.remake_bar(seen, bar)

    def remake_all(self) -> None:
        """Make all anew but what stays."""
        if (seen := self._steer()) is not None:
            self._editor.remake_all(seen)

    def next_melody(self) -> None:
        """Begin with the next tune."""
        names, example = list(MELODIES), self._editor.scene.example
        number = names.index(example) + 1 if example in names else 0
        self.take_melody(names[number % len(names)])

    def take_melody(self, name: str) -> None:
        """Begin with a tune."""
        self._steer()
        self._editor.take_melody(name)

    def clear(self) -> None:
        """Begin with an empty piece."""
        self._steer()
        self._editor.clear(empty_grid(8))

    def take_own(self, found: ImportedMusic) -> None:
        """Go on with a person's own music."""
        self._steer()
        self._editor.take_piece(N_("Music from a file"), found.grid, found.tempo_bpm)

    def play_or_stop(self) -> None:
        """Let the piece be heard from the marked place on, or be silent."""
        seen, scene = self._presenter.seen, self._editor.scene
        if seen is None:
            return
        step = scene.step if scene.step is not None and scene.step < len(seen.grid) else 0
        self._play.toggle(seen.grid, step, scene.params.tempo_bpm)


class MusicPanel(ScenePanel[MusicScene, MusicEditor]):
    """One model of four voices."""

    codec, hint, failed_text, ask = CODEC, HINT, NOTHING_TO_HEAR, model_info
    own_part = "piece"
    runs: PlayedRun

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        scene = opened(MusicScene(saved_params(MusicParams, handle.source.card.get("defaults", {}))))
        canvas = MusicCanvas()
        super().__init__(handle, host, partial(MusicEditor, scene), canvas)
        self.canvas = canvas
        self.voices, self.instead, self.whole = VoicesSection(), InsteadSection(), PieceSection()
        self.listen, self.choosing = MusicListenSection(scene.params), MusicChoosingSection(scene.params)
        self.show_sections(
            ("section_voices", N_("Voices"), self.voices),
            ("section_listen", N_("Listen"), self.listen),
            ("section_choosing", N_("How it chooses"), self.choosing),  # above what a click makes longer
            ("section_instead", N_("What else could be sung here"), self.instead),
            ("section_piece", N_("Whole piece"), self.whole),
        )
        self.runs = PlayedRun(self.timeline, self, INSTANT, music_pace)
        self.play = MusicPlayer(self.tasks, self)
        scores = ScoreQuery(self.tasks, self)
        views = MusicViews(canvas, self.frame.caption, self.instead, self.choosing, self.listen, self.whole)
        self.presenter = MusicPresenter(views, self.editor, self.runs, scores)
        self.gestures = MusicGestures(canvas, self.editor, self.presenter, self.play, self.timeline)
        self.intake = MusicIntake(self.tasks, self)
        self.hand_over(self.voices, self.choosing, self.listen, self.presenter, self.runs, self.play, scores)
        self.accept(lambda path: path.suffix.lower() in SUFFIXES, self.intake.open)
        self.take_own(self.intake, self._on_file_read)
        self._connect_sections()
        self.own_commands = self._make_commands()
        self.open()

    def _connect_sections(self) -> None:
        editor, choosing, listen, gestures = self.editor, self.choosing, self.listen, self.gestures
        self.bind(choosing, listen, title=N_("Settings"))
        choosing.speed_changed.connect(lambda speed: editor.set_field(N_("Speed"), "speed", speed))
        choosing.melody_chosen.connect(gestures.take_melody)
        choosing.bar_requested.connect(gestures.remake_bar)
        choosing.all_requested.connect(gestures.remake_all)
        listen.play_requested.connect(self.play_or_stop)
        listen.tint_toggled.connect(lambda is_on: editor.set_view(shows_surprise=is_on))
        self.voices.voice_chosen.connect(gestures.take_voice)
        self.voices.locked.connect(editor.set_lock)
        self.voices.follow_toggled.connect(lambda is_on: editor.set_view(is_following=is_on))
        self.instead.forced.connect(gestures.force)
        self.instead.remake_requested.connect(gestures.remake_note)
        self.whole.open_requested.connect(self.intake.choose)
        self.whole.clear_requested.connect(gestures.clear)
        self.play.moved.connect(self.presenter.show_playhead)
        self.play.failed.connect(self._on_work_failed)
        self.unseen.connect(self.play.stop)

    def _make_commands(self) -> tuple[Command, ...]:
        does, menu = self.gestures, "Autoregressive"
        return (
            Command("autoregressive.music_play", N_("Play or stop the music"), self.play_or_stop, ("P",), menu),
            Command("autoregressive.music_bar", N_("Rewrite the selected bar"), does.remake_bar, ("B",), menu),
            Command(
                "autoregressive.music_all", N_("Rewrite everything that is not kept"), does.remake_all, ("N",), menu
            ),
            Command("autoregressive.music_melody", N_("Start with the next melody"), does.next_melody, ("R",), menu),
            Command("autoregressive.music_clear", N_("Start with an empty piece"), does.clear, (), menu),
            Command("autoregressive.music_open", N_("Continue a MIDI file…"), self.intake.choose, (), menu),
        )

    def play_or_stop(self) -> None:
        """Let the piece be heard, or be silent; the button says which at once."""
        self.gestures.play_or_stop()
        self.listen.set_playing(self.play.is_playing)

    def follow(self, before: MusicScene) -> None:
        """Make another piece, or the same at another tempo or speed."""
        scene = self.editor.scene
        if scene.piece is not before.piece or scene.made_from != before.made_from:
            self.renew()
        elif scene.params.tempo_bpm != before.params.tempo_bpm:
            self.renew(is_instant=True)
        elif scene.speed != before.speed:
            self.runs.set_speed(scene.params, scene.speed)
        self.presenter.redraw()

    def _on_file_read(self, found: ImportedMusic) -> None:
        self.messages.dismiss(FILE_KEY)
        self.gestures.take_own(found)
        if found.sentence:
            self.messages.show_note(found.sentence, key=FILE_KEY)
