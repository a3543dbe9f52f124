"""Shows a moment of a run: the roll with what is marked, what else could stand there, the words."""

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from studio.core.text import translate
from studio.core.text_candidate import Candidate

from .music_call import Scored, score
from .music_caption import TERM, describe, faults_in, instead_words, lead, likeliest, piece_words, token_name
from .music_edit import Note, note_at
from .music_grid import HOLD_TOKEN, N_VOICES, STEPS_PER_BEAT, Flags, value_of
from .music_paint import Shown
from .music_seen import Seen

if TYPE_CHECKING:
    from .music_panel import MusicPanel

N_BARS: Final = 6
KEY: Final = "score"


class MusicShow(QObject):
    """One panel's view of what is at the playhead."""

    def __init__(self, panel: "MusicPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._scored: Scored | None = None
        self._asked: Seen | None = None
        self._asked_wanted: Flags = np.zeros((0, N_VOICES), np.bool_)

    @property
    def is_looking(self) -> bool:
        """Whether how likely the piece is, is still to be found out."""
        return self._panel.tasks.is_running(KEY)

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
            Shown(
                seen, panel.editor.own_of(seen), scene.locks, scene.voice, scene.step, self.chosen_bar,
                surprise if scene.shows_surprise else None, panel.playhead, seen.grid.key, faults,
            )
        )  # fmt: skip
        scored = self.scored(seen)
        bits = None if scored is None else float(scored.free.surprise.sum() * STEPS_PER_BEAT / len(seen.grid))
        usual = None if panel.about is None else panel.about.usual_bits
        panel.whole.show_words(piece_words(seen, bits, usual, len(faults)))
        self._show_instead(seen)
        self.describe()

    # How likely it is

    def _look(self, seen: Seen) -> None:
        """Have a whole piece scored once it rests, and again when other cells are wanted: what is given changes."""
        panel = self._panel
        if not seen.is_whole or panel.about is None:
            return
        wanted = self.wanted(seen)
        if seen is self._asked and np.array_equal(wanted, self._asked_wanted):
            return
        self._asked, self._asked_wanted = seen, wanted
        work = panel.handle.work(partial(score, grid=seen.grid, is_wanted=wanted))
        panel.tasks.run(KEY, work, done=self._on_scored)

    def _on_scored(self, scored: Scored) -> None:
        self._scored = scored
        self.redraw()

    def scored(self, seen: Seen) -> Scored | None:
        """How likely what is shown is, where that is known."""
        return self._scored if self._scored is not None and self._scored.grid is seen.grid else None

    def wanted(self, seen: Seen) -> Flags:
        """(T, V): what the person has set or locked."""
        return self._panel.editor.own_of(seen) | np.array(self._panel.editor.scene.locks)

    def _surprise(self, seen: Seen) -> npt.NDArray[np.float32]:
        """(T, V) bits: of what the model made, knowing what was wanted; of what was wanted, knowing nothing."""
        scored = self.scored(seen)
        if scored is None:
            return seen.surprise
        return np.where(self.wanted(seen), scored.free.surprise, scored.given.surprise)

    # What else

    @property
    def note(self) -> Note | None:
        """The marked note."""
        seen, scene = self._panel.seen, self._panel.editor.scene
        if seen is None or scene.step is None or scene.step >= len(seen.grid):
            return None
        note = note_at(seen.grid.values[:, scene.voice], scene.step)
        return note if note is not None and seen.is_there[note.start, scene.voice] else None

    def _show_instead(self, seen: Seen) -> None:
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

