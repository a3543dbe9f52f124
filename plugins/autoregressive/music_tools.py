"""What a hand does on the roll and in the inspector: notes, bars, voices, melodies, files."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from studio.core.text import N_, translate

from .music_call import read
from .music_edit import Note, note_at
from .music_examples import MELODIES, empty_grid
from .music_grid import HOLD_TOKEN, value_of
from .music_midi import SUFFIXES, Imported

if TYPE_CHECKING:
    from .music_panel import MusicPanel

KEY: Final = "midi"


class MusicTools(QObject):
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

    def set_note(self, voice: int, note: Note, old: Note | None) -> None:
        """Put a note into a voice, or move one."""
        if self._steer() and self._panel.seen is not None:
            title = N_("Set a note") if old is None else N_("Move a note")
            self._panel.editor.set_note(self._panel.seen, voice, note, old, title)

    def _on_returned(self, voice: int, note: Note) -> None:
        panel = self._panel
        if not self._steer() or panel.seen is None:
            return
        panel.editor.adopt_voice(voice)
        if panel.editor.scene.locks[voice]:
            panel.editor.rest_note(panel.seen, voice, note)
        else:
            panel.editor.remake_note(panel.seen, voice, note)

    def _on_removed(self, voice: int, note: Note) -> None:
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
                longer = Note(before.start, before.length + note.length, before.pitch)
                panel.editor.set_note(panel.seen, voice, longer, before, N_("Hold a note"))
        elif value:
            panel.editor.set_note(panel.seen, voice, Note(note.start, note.length, value), note, N_("Another note"))
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
        panel.tasks.run(KEY, panel.handle.work(partial(read, path=path)), done=self._on_read, failed=self._on_failed)

    def _on_read(self, found: Imported) -> None:
        panel = self._panel
        panel.messages.dismiss("error")
        panel.messages.dismiss(KEY)
        self._steer()
        panel.editor.take_piece(N_("Music from a file"), found.grid, found.tempo_bpm)
        if found.sentence:
            panel.messages.show_note(found.sentence, key=KEY)

    def _on_failed(self, error: BaseException) -> None:
        self._panel.fail(error)
