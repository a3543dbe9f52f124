"""Writes the sound of a clip as 16-bit PCM."""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from studio.core.atomic import atomic_file
from studio.core.clip import Clip
from studio.core.container.metadata import labelled_text
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text import N_
from studio.core.view import Audio
from studio.render.export.option import ExportOptions
from studio.render.export.progress import Export, done
from studio.render.export.riff import riff_chunk

_PIECE_SAMPLES: Final = 1 << 19
_FULL_SCALE: Final = 32767.0
_MAX_BYTES: Final = (1 << 32) - 4096


def write_wav(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the sound of the last frame of the range; raises UserError where it has none."""
    sound = sound_of(clip, options)
    if sound is None:
        raise UserError(N_("There is no sound to be saved."))
    n_steps = max(1, -(-len(sound.samples) // _PIECE_SAMPLES))
    with atomic_file(path) as draft, draft.open("wb") as file:
        for number, _ in enumerate(write_sound(file, sound, clip.made_from())):
            yield done(min(number + 1, n_steps), n_steps)
    return path


def audio_in(frame: Frame) -> Audio | None:
    """The first sound among the views of a frame."""
    return next((view for view in frame.views.values() if isinstance(view, Audio)), None)


def sound_of(clip: Clip, options: ExportOptions) -> Audio | None:
    """The sound of a clip, None where it has none: each frame holds the whole sound so far, so the last one counts."""
    start, stop = options.span(clip)
    if audio_in(clip.frame(start)) is None:
        return None
    return audio_in(clip.frame(stop - 1))


def write_sound(file: BinaryIO, sound: Audio, metadata: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Write a WAV file piece by piece, yielding after each; samples beyond [-1, 1] are cut off.

    Raises UserError where the sound is longer than a WAV file can hold.
    """
    n_data = 2 * len(sound.samples)
    note = b"" if metadata is None else _note(metadata)
    if n_data + len(note) > _MAX_BYTES:
        raise UserError(N_("The sound is too long for a WAV file."), N_("Choose a shorter range."))
    form = struct.pack("<2H2I2H", 1, 1, sound.rate_hz, 2 * sound.rate_hz, 2, 16)
    head = b"WAVE" + riff_chunk(b"fmt ", form) + note + b"data" + struct.pack("<I", n_data)
    file.write(b"RIFF" + struct.pack("<I", len(head) + n_data) + head)
    for start in range(0, len(sound.samples), _PIECE_SAMPLES):
        piece = np.nan_to_num(sound.samples[start : start + _PIECE_SAMPLES])
        file.write(np.rint(piece.clip(-1, 1) * _FULL_SCALE).astype("<i2").tobytes())
        yield


def _note(metadata: Mapping[str, Any]) -> bytes:
    return riff_chunk(b"LIST", b"INFO" + riff_chunk(b"ICMT", labelled_text(metadata).encode() + b"\0"))
