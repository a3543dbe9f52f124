"""Writes the notes of a clip as a MIDI file: a track for each voice, and one with tempo and what made it."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from studio.core.atomic import atomic_write
from studio.core.container.metadata import labelled_text
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.core.view import Notes
from studio.render.export.option import Export, ExportOptions, done

TICKS_PER_BEAT: Final = 480
USUAL_BPM: Final = 120.0
_LOUD: Final = 80


def notes_in(frame: Frame) -> Notes | None:
    """The first notes among the views of a frame."""
    return next((view for view in frame.views.values() if isinstance(view, Notes)), None)


def write_midi(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the notes of the last frame of the range; raises UserError where it has none."""
    _, stop = options.span(clip)
    notes = notes_in(clip.frame(stop - 1))
    if notes is None:
        raise UserError(N_("There are no notes to save."))
    made_from = clip.made_from()
    atomic_write(path, midi_bytes(notes, _tempo(made_from), labelled_text(made_from)))
    yield done(1, 1)
    return path


def midi_bytes(notes: Notes, tempo_bpm: float, text: str = "") -> bytes:
    """A MIDI file with a track for each voice; `text` says what made it."""
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    head = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo_bpm))])
    if text:
        head.append(mido.MetaMessage("text", text=text))
    file.tracks.append(head)
    for number in sorted({voice for *_, voice in notes.notes}):
        file.tracks.append(_track(mido, notes, number))
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def _track(mido: Any, notes: Notes, voice: int) -> Any:
    """One voice; where a note ends as the next begins, the end comes first."""
    events = []
    for start, length, pitch, own in notes.notes:
        if own == voice:
            events.append((round(start * TICKS_PER_BEAT), 1, pitch))
            events.append((round((start + length) * TICKS_PER_BEAT), 0, pitch))
    track, now = mido.MidiTrack(), 0
    for at, is_on, pitch in sorted(events):
        kind = "note_on" if is_on else "note_off"
        track.append(mido.Message(kind, channel=voice % 9, note=pitch, velocity=_LOUD, time=at - now))
        now = at
    return track


def _tempo(made_from: Mapping[str, Any]) -> float:
    params = made_from.get("params")
    tempo = params.get("tempo_bpm") if isinstance(params, Mapping) else None
    return float(tempo) if isinstance(tempo, int | float) and 10 <= tempo <= 400 else USUAL_BPM
