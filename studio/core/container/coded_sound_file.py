"""Reads sounds from FLAC and OGG (Vorbis, Opus) files through libsndfile, which the extra “sounds” brings."""

import io
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from studio.core.container.source import open_regular
from studio.core.container.wav_file import MAX_BYTES, MAX_CHANNELS, MAX_RATE_HZ, FloatArray, mixed, refuse_coarse
from studio.core.error import UserError
from studio.core.text import N_

_AT_ONCE: Final = 1 << 15
_KINDS: Final = ("FLAC", "OGG")


def read_coded_sound(path: Path, max_seconds: float = 60.0) -> tuple[FloatArray, int]:
    """The beginning of a sound, (T,) float32 about -1..1, the mean of its channels, and its rate in Hz.

    Raises:
        UserError: it cannot be opened, is damaged, no FLAC or OGG file, has fewer than 1,000 samples a second, or
            soundfile is not installed.
    """
    library = _library()
    with open_regular(path) as file:
        try:
            with library.SoundFile(_Source(file)) as sound:
                sound.seekable = _never
                return _mixed(sound, max_seconds), sound.samplerate
        except (library.SoundFileError, ValueError, TypeError) as error:  # the last two: numbers that cannot be
            raise _damaged() from error


def _library() -> Any:
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: it is there, but not the library that it stands on
        raise UserError(
            N_("FLAC and OGG sounds need the package soundfile."),
            N_("Install the extra “sounds” of this program, or save the sound as WAV."),
        ) from error
    return soundfile


def _never() -> bool:
    """It would seek after each piece, which takes long, and fails where a FLAC file does not say how long it is."""
    return False


def _mixed(sound: Any, max_seconds: float) -> FloatArray:
    n_channels, rate_hz = sound.channels, sound.samplerate
    if sound.format not in _KINDS or not 1 <= n_channels <= MAX_CHANNELS or rate_hz > MAX_RATE_HZ:
        raise UserError(N_("This file holds sound in a form that is not read here."), N_("Save it as 16-bit PCM."))
    refuse_coarse(rate_hz)
    n_left = min(int(max_seconds * rate_hz), MAX_BYTES // (4 * n_channels))
    pieces: list[FloatArray] = []
    while n_left > 0:  # piece by piece: what a file claims to hold is never asked for at once
        values = sound.read(min(n_left, _AT_ONCE), "float32", always_2d=True)
        if not len(values):
            break
        pieces.append(mixed(values))
        n_left -= len(values)
    if not pieces:
        raise _damaged()
    return np.concatenate(pieces)


def _damaged() -> UserError:
    return UserError(N_("This sound file is damaged."), N_("Copy or download it again, or save it as WAV."))


class _Source(io.RawIOBase):
    """A file for libsndfile, whose calls from C must not raise: a place before its beginning is its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell()}.get(whence)
        if base is None:
            base = self._file.seek(0, io.SEEK_END)
        return self._file.seek(min(max(base + offset, 0), (1 << 62)))

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except OSError:  # a disk that went away: the sound ends here
            data = b""
        buffer[: len(data)] = data
        return len(data)
