"""Reads and writes a person's sounds of any kind that libsndfile knows."""

import io
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.container.metadata import MAX_TEXT_BYTES, parse_labelled, too_much_metadata
from studio.core.container.riff_file import unclosed_length_at
from studio.core.container.signature import START_BYTES, sniff_format
from studio.core.container.source import file_size, open_regular
from studio.core.error import UserError
from studio.core.translation import N_

FloatArray = NDArray[np.float32]

SUFFIXES: Final = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3")
MAX_FILE_BYTES: Final = 4 << 30
"""What a WAV file can be; ten hours of FLAC are less."""
MAX_BYTES: Final = 256 << 20
MAX_CHANNELS: Final = 32
MIN_RATE_HZ: Final = 1_000
MAX_RATE_HZ: Final = 768_000
_AT_ONCE: Final = 1 << 15
_KINDS: Final = {"wav": ("WAV", "WAVEX"), "flac": ("FLAC",), "ogg": ("OGG",), "mp3": ("MP3",)}


def is_sound(path: Path) -> bool:
    """Whether a file is called like a sound that can be read."""
    return path.suffix.lower() in SUFFIXES


def read_sound(path: Path, max_seconds: float = 60.0) -> tuple[FloatArray, int]:
    """The beginning of a sound, (T,) float32 about -1..1, the mean of its channels, and its rate in Hz.

    What the file is, its first bytes tell; no more of it is read than is returned.

    Raises:
        UserError: it cannot be opened, is larger than 4 GB, damaged, empty, no such sound, too coarse (fewer than 1,000
            samples a second), or holds no numbers that are finite.
    """
    import soundfile  # loads a library: on first use

    with open_regular(path) as file:
        kind = _kind_of(file)
        try:
            with soundfile.SoundFile(_Source(file, _unclosed_at(file, kind))) as sound:
                sound.seekable = _never
                return _beginning(sound, kind, max_seconds), sound.samplerate
        except (soundfile.SoundFileError, ValueError, TypeError) as error:  # the last two: numbers that cannot be
            raise _damaged() from error


def read_sound_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a FLAC, OGG or MP3 file that was exported here, None for any other.

    Raises UserError where the file or the metadata is broken, too large, or names anything but a model id.
    """
    import soundfile

    file.seek(0)
    try:
        with soundfile.SoundFile(_Source(file)) as sound:
            comment = sound.comment.encode()
    except (soundfile.SoundFileError, ValueError, TypeError) as error:
        raise _damaged() from error
    if len(comment) > MAX_TEXT_BYTES + 64:
        raise too_much_metadata()
    return parse_labelled(comment)


def _kind_of(file: BinaryIO) -> str:
    if file_size(file) > MAX_FILE_BYTES:
        raise UserError(
            N_("This sound file is larger than {n} GB.").format(n=MAX_FILE_BYTES >> 30), N_("Choose a shorter sound.")
        )
    kind = sniff_format(file.read(START_BYTES))
    file.seek(0)
    if kind not in _KINDS:
        raise UserError(N_("This is not a WAV, FLAC, OGG or MP3 file."))
    return kind


def _unclosed_at(file: BinaryIO, kind: str) -> int | None:
    place = unclosed_length_at(file) if kind == "wav" else None
    file.seek(0)
    return place


def _never() -> bool:
    """It would seek after each piece, which takes long, and fails where a FLAC file does not say how long it is."""
    return False


def _beginning(sound: Any, kind: str, max_seconds: float) -> FloatArray:
    n_channels, rate_hz = sound.channels, sound.samplerate
    if sound.format not in _KINDS[kind] or not 1 <= n_channels <= MAX_CHANNELS or rate_hz > MAX_RATE_HZ:
        raise UserError(
            N_("This file contains sound in a form that cannot be read here."), N_("Save it as 16-bit PCM.")
        )
    if rate_hz < MIN_RATE_HZ:
        raise UserError(
            N_("This sound has only {n:,} samples a second, too few to hear.").format(n=rate_hz),
            N_("Save it with {n:,} or more.").format(n=8_000),
        )
    n_left = min(int(max_seconds * rate_hz), MAX_BYTES // (4 * n_channels))
    pieces: list[FloatArray] = []
    is_number = False
    while n_left > 0:  # piece by piece: what a file claims to hold is never asked for at once
        values = sound.read(min(n_left, _AT_ONCE), "float32", always_2d=True)
        if not len(values):
            break
        is_number = is_number or bool(np.isfinite(values).any())
        pieces.append(_mixed(values))
        n_left -= len(values)
    if not pieces:
        raise UserError(N_("This sound file contains no sound."), N_("Choose another one, or save it again."))
    if not is_number:
        raise UserError(N_("This sound file is damaged: its values are not numbers."), N_("Save the sound again."))
    return np.concatenate(pieces)


def _mixed(values: FloatArray) -> FloatArray:
    """The mean (T,) of channels (T, C), each within -8..8; what is not finite in a channel counts as silence there."""
    result: FloatArray = np.where(np.isfinite(values), values, 0).clip(-8, 8).mean(1, dtype=np.float32)
    return result


def _damaged() -> UserError:
    return UserError(N_("This sound file is damaged."), N_("Copy or download it again, or save it as WAV."))


class _Source(io.RawIOBase):
    """A file for libsndfile, whose calls from C must not raise: a place before its beginning is its beginning."""

    def __init__(self, file: BinaryIO, unclosed_at: int | None = None) -> None:
        self._file = file
        self._unclosed_at = unclosed_at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell()}.get(whence)
        if base is None:
            base = self._file.seek(0, io.SEEK_END)
        return self._file.seek(min(max(base + offset, 0), (1 << 62)))

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            at = self._file.tell()
            data = bytearray(self._file.read(len(buffer)))
        except OSError:  # a disk that went away: the sound ends here
            at, data = 0, bytearray()
        if self._unclosed_at is not None:  # a length that is too large means the end of the file, 0 means no sound
            first, last = (min(max(place - at, 0), len(data)) for place in (self._unclosed_at, self._unclosed_at + 4))
            data[first:last] = b"\xff" * (last - first)
        buffer[: len(data)] = data
        return len(data)
