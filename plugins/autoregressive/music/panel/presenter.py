"""Shows and plays a moment of a run: the roll with what is marked, what else could stand there, the words."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Player
from studio.core.error import UserError
from studio.core.text.token import Candidate
from studio.core.translation import translate
from studio.core.view import Audio

from ...foreign.midi.reader import ImportedMusic, read_midi
from ..caption import TERM, describe, faults_in, instead_words, lead, likeliest, piece_words, token_name
from ..grid import HOLD_TOKEN, N_VOICES, STEPS_PER_BEAT, Flags, VoiceGrid, value_of
from ..notes import VoiceNote, note_at
from ..synthesis import RATE_HZ, step_samples, tone
from ..view_model import MusicViewModel
from .painter import RollContent

if TYPE_CHECKING:
    from ..engine import MusicEngine, MusicModelInfo, NoteScores
    from .panel import MusicPanel

SOUND_KEY = "sound"
N_BARS: Final = 6
SCORE_KEY: Final = "score"


@dataclass(frozen=True, eq=False)
class ScoredPiece:
    """How likely a piece is.

    Attributes:
        grid: which piece it was.
        free: its score where nothing is known beforehand. given: where what the person wants is known.
    """

    grid: VoiceGrid
    free: "NoteScores"
    given: "NoteScores"


def model_info(engine: "MusicEngine") -> "MusicModelInfo":
    """What a panel has to know."""
    return engine.about()


def score(engine: "MusicEngine", grid: VoiceGrid, is_wanted: Flags) -> Generator[None, None, ScoredPiece]:
    """How likely every note is, where cells (T, V) that the person wants are known beforehand, and where none are."""
    free = engine.score(grid, np.zeros_like(is_wanted))
    yield
    return ScoredPiece(grid, free, engine.score(grid, is_wanted))


def sound(engine: "MusicEngine", grid: VoiceGrid, tempo_bpm: float, first: int = 0) -> Audio:
    """A piece as it sounds from a sixteenth on, with the notes that are held there."""
    return engine.sound(grid, tempo_bpm, first)


def read(engine: "MusicEngine", path: Path) -> ImportedMusic:
    """Music out of a MIDI file."""
    return read_midi(path)


class MusicPlayer(QObject):
    """One panel's sound. Signals: moved(at): the sixteenth that is heard, None at the end."""

    moved = Signal(object)

    def __init__(self, panel: "MusicPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.player = Player(self)
        self._first: int | None = None
        self._step_s = 1.0
        self.player.level_changed.connect(self._on_level_changed)
        self.player.finished.connect(self._on_finished)
        self.player.failed.connect(self._on_failed)

    @property
    def is_playing(self) -> bool:
        """Whether the piece is heard."""
        return self._first is not None

    def toggle(self, grid: VoiceGrid, first: int, tempo_bpm: float) -> None:
        """Play a piece from a sixteenth on, or stop."""
        if self.is_playing:
            self.stop()
            return
        self.player.stop()  # a short tone that ends while the piece is computed is not the end of the piece
        self._step_s = step_samples(tempo_bpm) / RATE_HZ
        self._first = first
        work = self._panel.handle.work(partial(sound, grid=grid, tempo_bpm=tempo_bpm, first=first))
        self._panel.tasks.run(SOUND_KEY, work, done=self._on_made, failed=self._on_failed)

    def stop(self) -> None:
        """End the piece, or a short tone."""
        self._panel.tasks.cancel(SOUND_KEY)
        self.player.stop()
        self._on_finished()

    def hear(self, voice: int, pitch: int) -> None:
        """A short tone, where nothing is played."""
        if not self.is_playing:
            self.player.play(tone(pitch, voice), RATE_HZ)

    def _on_made(self, audio: Audio) -> None:
        if self._first is not None:
            self.player.play(audio.samples, audio.rate_hz)
            self.moved.emit(float(self._first))

    def _on_level_changed(self, _level_db: float) -> None:
        if self._first is not None and self.player.is_playing:
            self.moved.emit(self._first + self.player.position_s / self._step_s)

    def _on_finished(self) -> None:
        if self._first is not None:
            self._first = None
            self.moved.emit(None)

    def _on_failed(self, error: UserError) -> None:
        was_playing = self.is_playing
        self._on_finished()
        if was_playing:  # a tone that nobody hears is no reason to say so at every note
            self._panel.messages.show_error(error)


class MusicPresenter(QObject):
    """One panel's view of what is at the playhead."""

    def __init__(self, panel: "MusicPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._scored: ScoredPiece | None = None
        self._asked: MusicViewModel | None = None
        self._asked_wanted: Flags = np.zeros((0, N_VOICES), np.bool_)

    @property
    def is_looking(self) -> bool:
        """Whether how likely the piece is, is still to be found out."""
        return self._panel.tasks.is_running(SCORE_KEY)

    @property
    def chosen_bar(self) -> int | None:
        """The bar of what is marked."""
        seen, step = self._panel.seen, self._panel.editor.scene.step
        return seen.bar_of(step) if seen is not None and step is not None and step < len(seen.grid) else None

    def redraw(self) -> None:
        """Show the moment with all that is known of it."""
        panel, seen = self._panel, self._panel.seen
        if seen is None:
            return
        self._look(seen)
        scene = panel.editor.scene
        surprise = self._surprise(seen)
        faults = faults_in(seen)
        panel.canvas.show_music(
            RollContent(
                seen,
                panel.editor.own_of(seen),
                scene.locks,
                scene.voice,
                scene.step,
                self.chosen_bar,
                surprise if scene.shows_surprise else None,
                panel.playhead,
                seen.grid.key,
                faults,
            )
        )
        scored = self.scored(seen)
        bits = None if scored is None else float(scored.free.surprise.sum() * STEPS_PER_BEAT / len(seen.grid))
        usual = None if panel.about is None else panel.about.usual_bits
        panel.whole.show_words(piece_words(seen, bits, usual, len(faults)))
        self._show_instead(seen)
        self.describe()

    # How likely it is

    def _look(self, seen: MusicViewModel) -> None:
        """Have a whole piece scored once it rests, and again when other cells are wanted: what is given changes."""
        panel = self._panel
        if not seen.is_whole or panel.about is None:
            return
        wanted = self.wanted(seen)
        if seen is self._asked and np.array_equal(wanted, self._asked_wanted):
            return
        self._asked, self._asked_wanted = seen, wanted
        work = panel.handle.work(partial(score, grid=seen.grid, is_wanted=wanted))
        panel.tasks.run(SCORE_KEY, work, done=self._on_scored)

    def _on_scored(self, scored: ScoredPiece) -> None:
        self._scored = scored
        self.redraw()

    def scored(self, seen: MusicViewModel) -> ScoredPiece | None:
        """How likely what is shown is, where that is known."""
        return self._scored if self._scored is not None and self._scored.grid is seen.grid else None

    def wanted(self, seen: MusicViewModel) -> Flags:
        """(T, V): what the person has set or locked."""
        return self._panel.editor.own_of(seen) | np.array(self._panel.editor.scene.locks)

    def _surprise(self, seen: MusicViewModel) -> npt.NDArray[np.float32]:
        """(T, V) bits: of what the model made, knowing what was wanted; of what was wanted, knowing nothing."""
        scored = self.scored(seen)
        if scored is None:
            return seen.surprise
        return np.where(self.wanted(seen), scored.free.surprise, scored.given.surprise)

    # What else

    @property
    def note(self) -> VoiceNote | None:
        """The marked note."""
        seen, scene = self._panel.seen, self._panel.editor.scene
        if seen is None or scene.step is None or scene.step >= len(seen.grid):
            return None
        note = note_at(seen.grid.values[:, scene.voice], scene.step)
        return note if note is not None and seen.is_there[note.start, scene.voice] else None

    def _show_instead(self, seen: MusicViewModel) -> None:
        panel, note = self._panel, self.note
        scored, voice = self.scored(seen), panel.editor.scene.voice
        rows = []
        if note is not None and scored is not None:
            is_wanted = self.wanted(seen)[note.start, voice]
            chances = (scored.free if is_wanted else scored.given).chances[note.start, voice]
            stands = note.pitch
            for token in likeliest(chances, N_BARS):
                name = token_name(token, seen.grid.key)
                chance = float(chances[token])
                rows.append(Candidate(token, name, chance, chance, _stands(token, stands)))
        panel.instead.show_rows(instead_words(seen, voice, note), rows, note is not None)

    def describe(self) -> None:
        """Say what is to be seen and heard."""
        panel, seen = self._panel, self._panel.seen
        if seen is None:
            return
        scene, note = panel.editor.scene, self.note
        last = len(seen.grid) - 1
        at = min(int(panel.playhead), last) if panel.playhead is not None else None
        if at is None:
            at = scene.step if seen.is_whole and scene.step is not None else min(max(seen.place - 1, 0), last)
        at = min(at, last)
        scored = self.scored(seen)
        chance = None
        if note is not None and scored is not None:
            chance = float(2 ** -self._surprise(seen)[note.start, scene.voice])
        panel.frame.caption.set_lead(lead(seen, at))
        shown = note if panel.playhead is None else None
        is_wanted = note is not None and bool(self.wanted(seen)[note.start, scene.voice])
        text = describe(seen, at, scene.voice, shown, chance, is_wanted)
        panel.frame.caption.set_text(text, translate(TERM))


def _stands(token: int, pitch: int) -> bool:
    return token != HOLD_TOKEN and value_of(token) == pitch
