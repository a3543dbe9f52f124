"""Writes the sound of a clip through libsndfile: WAV and FLAC of 16 bits, OGG Vorbis, MP3."""

import errno
import struct
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.container.metadata import labelled_text
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.core.view import Audio
from studio.render.export.ogg import number_pages
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.wav import riff_chunk

_PIECE_SAMPLES: Final = 1 << 19
_FULL_SCALE: Final = 32767.0
_MAX_BYTES: Final = (1 << 32) - 4096
_WAVE_PX: Final = (480, 320)
_SUBTYPES: Final = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}


def _write(kind: str, clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the sound of the last frame of the range; raises UserError where it has none."""
    sound = sound_of(clip, options)
    if sound is None:
        raise UserError(N_("There is no sound to save."))
    n_steps = max(1, -(-len(sound.samples) // _PIECE_SAMPLES))
    with atomic_file(path) as draft:
        for number, _ in enumerate(write_sound(draft, sound, clip.made_from(), kind)):
            yield done(min(number + 1, n_steps), n_steps)
    return path


write_wav, write_flac, write_ogg, write_mp3 = (partial(_write, kind) for kind in _SUBTYPES)


def audio_in(frame: Frame) -> Audio | None:
    """The first sound among the views of a frame."""
    return next((view for view in frame.views.values() if isinstance(view, Audio)), None)


def sound_of(clip: Clip, options: ExportOptions) -> Audio | None:
    """The sound of a clip, None where it has none: each frame holds the whole sound so far, so the last one counts."""
    start, stop = options.span(clip)
    if audio_in(clip.frame(start)) is None:
        return None
    return audio_in(clip.frame(stop - 1))


def write_sound(
    path: Path, sound: Audio, metadata: Mapping[str, Any] | None = None, kind: str = "WAV"
) -> Iterator[None]:
    """Write a file piece by piece, yielding after each; samples beyond [-1, 1] are cut off.

    The same sound gives the same bytes. Raises UserError where a file of this kind cannot hold it.
    """
    import soundfile  # loads a library: on first use

    note = "" if metadata is None else labelled_text(metadata)
    if 2 * len(sound.samples) + len(note) > _MAX_BYTES:
        raise UserError(N_("The sound is too long for a file."), N_("Choose a shorter range."))
    try:
        file = soundfile.SoundFile(path, "w", sound.rate_hz, 1, _SUBTYPES[kind], format=kind)
    except soundfile.SoundFileError as error:
        text = N_("This kind of file cannot store {n:,} samples a second.").format(n=sound.rate_hz)
        raise UserError(text, N_("Save the sound as WAV or FLAC.")) from error
    with file:
        if note and kind != "WAV":
            file.comment = note
        for start in range(0, len(sound.samples), _PIECE_SAMPLES):
            piece = np.nan_to_num(sound.samples[start : start + _PIECE_SAMPLES])
            _put(file, np.rint(piece.clip(-1, 1) * _FULL_SCALE).astype(np.int16))
            yield
    if note and kind == "WAV":
        _append_note(path, note)
    if kind == "OGG":
        number_pages(path)


def wave_picture(sound: Audio) -> NDArray[np.uint8]:
    """The outline of a sound: grey uint8 (320, 480), black on white."""
    n_samples = len(sound.samples)
    edges = np.linspace(0, n_samples, _WAVE_PX[0] + 1).astype(int)
    columns = [np.nan_to_num(sound.samples[a : max(b, a + 1)]) for a, b in pairwise(edges)]
    lows = np.array([column.min(initial=0) for column in columns]).clip(-1, 1)
    highs = np.array([column.max(initial=0) for column in columns]).clip(-1, 1)
    y = np.linspace(1, -1, _WAVE_PX[1])[:, None]
    is_inside = (y <= highs + 0.01) & (y >= lows - 0.01)
    return np.where(is_inside, 16, 255).astype(np.uint8)


def _put(file: Any, samples: NDArray[np.int16]) -> None:
    """Raises OSError, as of any file, where the disk is full."""
    try:
        file.write(samples)
    except RuntimeError as error:
        raise OSError(errno.ENOSPC, str(error)) from error


def _append_note(path: Path, note: str) -> None:
    """Say what made a WAV file: libsndfile leaves a comment out where it has more than about 100,000 letters."""
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(riff_chunk(b"LIST", b"INFO" + riff_chunk(b"ICMT", note.encode() + b"\0")))
        n_bytes = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", n_bytes))
