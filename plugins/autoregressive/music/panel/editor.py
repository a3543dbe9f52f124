"""Every change that a person can make to a piece and its settings, as steps of undo; one drag is one step."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ...shared.params import MAX_ENDINGS
from ..grid import N_VOICES, Bytes, Flags, VoiceGrid
from ..notes import VoiceNote, with_note, without_note
from ..scene import MusicPiece, MusicScene, melody_piece, opened
from ..view_model import MusicViewModel


class MusicEditor(GestureEditor[MusicScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    views = ("voice", "shows_surprise", "is_following")
    """The marked step is none of them: it goes to where something is undone."""

    def set_lock(self, voice: int, is_locked: bool) -> None:
        """Let a voice stay as it is, or be made anew with the others."""
        locks = tuple(is_locked if number == voice else lock for number, lock in enumerate(self.scene.locks))
        self.apply(N_("Lock a voice"), replace(self.scene, locks=locks))

    # Notes

    def set_note(
        self, seen: MusicViewModel, voice: int, note: VoiceNote, old: VoiceNote | None = None, title: str = ""
    ) -> None:
        """Put a note into a voice, in place of an old one where it was moved; the others may follow."""

        def change(column: Bytes) -> Bytes:
            return with_note(column if old is None else without_note(column, old), note)

        spans = [(note.start, note.end), *([] if old is None else [(old.start, old.end)])]
        self._edit(title or N_("Set a note"), seen, voice, change, spans, note.start)

    def rest_note(self, seen: MusicViewModel, voice: int, note: VoiceNote) -> None:
        """Let a voice rest where it sang a note."""
        span = (note.start, note.end)
        self._edit(N_("Remove a note"), seen, voice, lambda column: without_note(column, note), [span], note.start)

    def remake_note(self, seen: MusicViewModel, voice: int, note: VoiceNote) -> None:
        """Let the model say what a voice sings instead of a note."""
        is_wanted = np.zeros(seen.is_kept.shape, np.bool_)
        is_wanted[note.start : note.end, voice] = True
        self._remake(N_("Another note"), seen, is_wanted, note.start)

    def _edit(
        self,
        title: str,
        seen: MusicViewModel,
        voice: int,
        change: Callable[[Bytes], Bytes],
        spans: list[tuple[int, int]],
        step: int,
    ) -> None:
        values = seen.grid.values.copy()
        values[:, voice] = change(values[:, voice])
        is_own = self.own_of(seen).copy()
        is_open = ~seen.is_there
        for start, end in spans:
            is_own[start:end, voice] = True
            is_open[start:end, voice] = False
            if self.scene.is_following:
                first, last = seen.bar_span(seen.bar_of(start))[0], seen.bar_span(seen.bar_of(end - 1))[1]
                is_open[first:last] |= self._is_free(is_own)[first:last]
        is_open[:, voice] &= ~is_own[:, voice] & ~seen.is_there[:, voice]
        grid = replace(seen.grid, values=values)
        scene = replace(self.scene, piece=MusicPiece(grid, is_open, is_own), example="", voice=voice, step=step)
        self.apply(title, scene)

    def own_of(self, seen: MusicViewModel) -> Flags:
        """(T, V): cells of what is on screen that the person has set."""
        piece = self.scene.piece
        if piece is None or piece.is_own.shape != seen.is_kept.shape:
            return np.zeros(seen.is_kept.shape, np.bool_)
        return piece.is_own

    def _is_free(self, is_own: Flags) -> Flags:
        """(T, V): cells of voices without a lock that the person has not set."""
        return ~is_own & ~np.array(self.scene.locks)

    # The model's turn

    def remake_bar(self, seen: MusicViewModel, number: int) -> None:
        """Let the model make a bar anew, but for locked voices and own notes."""
        first, end = seen.bar_span(number)
        is_wanted = np.zeros(seen.is_kept.shape, np.bool_)
        is_wanted[first:end] = self._is_free(self.own_of(seen))[first:end]
        self._remake(N_("Another bar"), seen, is_wanted, first)

    def remake_all(self, seen: MusicViewModel) -> None:
        """Let the model make all anew, but for locked voices and own notes."""
        self._remake(N_("Another piece"), seen, self._is_free(self.own_of(seen)), None)

    def _remake(self, title: str, seen: MusicViewModel, is_wanted: Flags, step: int | None) -> None:
        """Make cells anew by other dice; what was still to be made is made too."""
        is_own = self.own_of(seen) & ~is_wanted
        piece = MusicPiece(seen.grid, is_wanted | ~seen.is_there, is_own)
        scene = replace(self.scene, piece=piece, step=self.scene.step if step is None else step)
        self.apply(title, scene.with_params(seed=random.randrange(1, MAX_SEED - MAX_ENDINGS)))

    def take_melody(self, name: str) -> None:
        """Begin with a melody to be harmonised."""
        self.apply(N_("Another melody"), opened(self.scene, name))

    def adopt_voice(self, voice: int) -> None:
        """Have a voice in hand; what follows tells of it."""
        self.scene = replace(self.scene, voice=voice)

    def take_piece(self, title: str, grid: VoiceGrid, tempo_bpm: float | None = None) -> None:
        """Go on with music of one's own: voices that sing are kept and locked, those that do not are made."""
        sings: Flags = np.any(grid.values > 1, axis=0)
        if sings.sum() == 1 and sings[0]:
            piece = melody_piece(grid)
        else:
            is_own = np.tile(sings, (len(grid), 1))
            piece = MusicPiece(grid, ~is_own, is_own)
        locks = tuple(bool(one) for one in sings) if sings.any() else (False,) * N_VOICES
        scene = replace(self.scene, piece=piece, example="", locks=locks, step=None)
        self.apply(title, scene if tempo_bpm is None else scene.with_params(tempo_bpm=float(round(tempo_bpm))))

    def clear(self, grid: VoiceGrid) -> None:
        """An empty piece, to be written or made from nothing."""
        piece = MusicPiece(grid, np.zeros(grid.values.shape, np.bool_), np.zeros(grid.values.shape, np.bool_))
        self.apply(N_("Empty piece"), replace(self.scene, piece=piece, example="", locks=(False,) * N_VOICES, step=0))
