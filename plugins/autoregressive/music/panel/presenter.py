"""Shows and plays a moment of a run: the roll with what is marked, what else could stand there, the words."""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Caption, EngineTasks, Player
from studio.core.frame import Frame
from studio.core.text.token import Candidate
from studio.core.translation import N_, translate
from studio.core.view import Audio, Image

from ...foreign.midi.reader import ImportedMusic, read_midi
from ...shared.panel.runs import PlayedRun
from ..caption import TERM, describe, faults_in, instead_words, lead, likeliest, piece_words, token_name
from ..grid import HOLD_TOKEN, N_VOICES, STEPS_PER_BEAT, Flags, VoiceGrid, value_of
from ..notes import VoiceNote, note_at
from ..scene import MusicScene
from ..synthesis import RATE_HZ, step_samples, tone
from ..view_model import MusicViewModel, view_model_of
from .canvas import MusicCanvas
from .editor import MusicEditor
from .painter import RollContent
from .sections import InsteadSection, MusicChoosingSection, MusicListenSection, PieceSection

if TYPE_CHECKING:
    from ..engine import MusicEngine, MusicModelInfo, NoteScores

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
    """Plays a piece. Signals: moved(at): the sixteenth that is heard, None at the end. failed(error)."""

    moved = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
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

    @property
    def is_busy(self) -> bool:
        """Whether the piece is heard."""
        return self.is_playing

    def toggle(self, grid: VoiceGrid, first: int, tempo_bpm: float) -> None:
        """Play a piece from a sixteenth on, or stop."""
        if self.is_playing:
            self.stop()
            return
        self.player.stop()  # a short tone that ends while the piece is computed is not the end of the piece
        self._step_s = step_samples(tempo_bpm) / RATE_HZ
        self._first = first
        call = partial(sound, grid=grid, tempo_bpm=tempo_bpm, first=first)
        self._tasks.ask(SOUND_KEY, call, done=self._on_made, failed=self._on_failed)

    def stop(self) -> None:
        """End the piece, or a short tone."""
        self._tasks.cancel(SOUND_KEY)
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

    def _on_failed(self, error: BaseException) -> None:
        was_playing = self.is_playing
        self._on_finished()
        if was_playing:  # a tone that nobody hears is no reason to say so at every note
            self.failed.emit(error)


class ScoreQuery(QObject):
    """How likely a piece is, once it rests. Signals: found()."""

    found = Signal()

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._scored: ScoredPiece | None = None
        self._asked: MusicViewModel | None = None
        self._asked_wanted: Flags = np.zeros((0, N_VOICES), np.bool_)

    @property
    def is_busy(self) -> bool:
        """Whether it is still to be found out."""
        return self._tasks.is_running(SCORE_KEY)

    def want(self, seen: MusicViewModel, wanted: Flags) -> None:
        """Have a whole piece scored, and again when other cells (T, V) are wanted: what is given changes."""
        if seen is self._asked and np.array_equal(wanted, self._asked_wanted):
            return
        self._asked, self._asked_wanted = seen, wanted
        self._tasks.ask(SCORE_KEY, partial(score, grid=seen.grid, is_wanted=wanted), done=self._on_scored)

    def _on_scored(self, scored: ScoredPiece) -> None:
        self._scored = scored
        self.found.emit()

    def of(self, seen: MusicViewModel) -> ScoredPiece | None:
        """How likely what is shown is, where that is known."""
        return self._scored if self._scored is not None and self._scored.grid is seen.grid else None


@dataclass(frozen=True, eq=False)
class MusicViews:
    """Where a moment of a run is shown: on the roll and in its caption, and in sections of the inspector."""

    canvas: MusicCanvas
    caption: Caption
    instead: InsteadSection
    choosing: MusicChoosingSection
    listen: MusicListenSection
    whole: PieceSection


class MusicPresenter(QObject):
    """Attributes:
    about: what the open model is, None before it is open.
    seen: what is on screen of a run, None where another model or a training made it.
    playhead: the sixteenth that is heard, None where nothing is.
    """

    def __init__(self, views: MusicViews, editor: MusicEditor, runs: PlayedRun, scores: ScoreQuery) -> None:
        super().__init__(runs)
        self._views, self._editor, self._scores = views, editor, scores
        self.about: MusicModelInfo | None = None
        self.seen: MusicViewModel | None = None
        self.playhead: float | None = None
        scores.found.connect(self.redraw)
        runs.changed.connect(self.redraw)

    @property
    def chosen_bar(self) -> int | None:
        """The bar of what is marked."""
        seen, step = self.seen, self._editor.scene.step
        return seen.bar_of(step) if seen is not None and step is not None and step < len(seen.grid) else None

    def opened(self, found: "MusicModelInfo") -> None:
        """The model is open."""
        self.about = found
        self.redraw()

    def show_scene(self, scene: MusicScene) -> None:
        """Offer to make the chosen bar anew."""
        self._views.choosing.show_bar(self.chosen_bar)

    def show_frame(self, frame: Frame, scene: MusicScene) -> None:
        """Show a frame of a run, or what a training or another model has made."""
        self.seen = view_model_of(frame)
        if self.seen is not None:
            self.show_scene(scene)
            self.redraw()
        elif isinstance(frame.main_view, Image):
            words = N_("What the network sings so far to a melody it was never trained on.")
            self._views.canvas.show_picture(frame.main_view.pixels)
            self._views.caption.set_text(translate(words))

    def redraw(self) -> None:
        """Show the moment with all that is known of it."""
        seen, scene, own = self.seen, self._editor.scene, self._editor.own_of
        if seen is None:
            return
        if seen.is_whole and self.about is not None:
            self._scores.want(seen, self.wanted(seen))
        faults, surprise = faults_in(seen), self._surprise(seen) if scene.shows_surprise else None
        marked = scene.locks, scene.voice, scene.step, self.chosen_bar
        self._views.canvas.show_music(
            RollContent(seen, own(seen), *marked, surprise, self.playhead, seen.grid.key, faults)
        )
        scored = self.scored(seen)
        bits = None if scored is None else float(scored.free.surprise.sum() * STEPS_PER_BEAT / len(seen.grid))
        usual = None if self.about is None else self.about.usual_bits
        self._views.whole.show_words(piece_words(seen, bits, usual, len(faults)))
        self._show_instead(seen)
        self._describe(seen)

    def show_playhead(self, at: float | None) -> None:
        """Show what is heard."""
        self.playhead = at
        self._views.canvas.set_playhead(at)
        self._views.listen.set_playing(at is not None)
        if self.seen is not None:
            self._describe(self.seen)

    # How likely it is

    def scored(self, seen: MusicViewModel) -> ScoredPiece | None:
        """How likely what is shown is, where that is known."""
        return self._scores.of(seen)

    def wanted(self, seen: MusicViewModel) -> Flags:
        """(T, V): what the person has set or locked."""
        return self._editor.own_of(seen) | np.array(self._editor.scene.locks)

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
        seen, scene = self.seen, self._editor.scene
        if seen is None or scene.step is None or scene.step >= len(seen.grid):
            return None
        note = note_at(seen.grid.values[:, scene.voice], scene.step)
        return note if note is not None and seen.is_there[note.start, scene.voice] else None

    def _show_instead(self, seen: MusicViewModel) -> None:
        note, scored, voice = self.note, self.scored(seen), self._editor.scene.voice
        rows = []
        if note is not None and scored is not None:
            is_wanted = self.wanted(seen)[note.start, voice]
            chances = (scored.free if is_wanted else scored.given).chances[note.start, voice]
            for token in likeliest(chances, N_BARS):
                name, chance = token_name(token, seen.grid.key), float(chances[token])
                rows.append(Candidate(token, name, chance, chance, _stands(token, note.pitch)))
        self._views.instead.show_rows(instead_words(seen, voice, note), rows, note is not None)

    def _describe(self, seen: MusicViewModel) -> None:
        """Say what is to be seen and heard."""
        scene, note, scored = self._editor.scene, self.note, self.scored(seen)
        if self.playhead is not None:
            at = int(self.playhead)
        else:
            at = scene.step if seen.is_whole and scene.step is not None else max(seen.place - 1, 0)
        at = min(at, len(seen.grid) - 1)
        chance = None
        if note is not None and scored is not None:
            chance = float(2 ** -self._surprise(seen)[note.start, scene.voice])
        shown = note if self.playhead is None else None
        is_wanted = note is not None and bool(self.wanted(seen)[note.start, scene.voice])
        self._views.caption.set_lead(lead(seen, at))
        text = describe(seen, at, scene.voice, shown, chance, is_wanted)
        self._views.caption.set_text(text, translate(TERM))


def _stands(token: int, pitch: int) -> bool:
    return token != HOLD_TOKEN and value_of(token) == pitch
