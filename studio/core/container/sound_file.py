"""Reads a person's sound of whichever kind: WAV by itself, FLAC and OGG where their library is installed."""

from pathlib import Path
from typing import Final

from studio.core.container.coded_sound_file import read_coded_sound
from studio.core.container.signature import START_BYTES, sniff_format
from studio.core.container.source import file_size, open_regular
from studio.core.container.wav_file import FloatArray, read_wav
from studio.core.error import UserError
from studio.core.text import N_

SUFFIXES: Final = (".wav", ".flac", ".ogg", ".oga", ".opus")
MAX_FILE_BYTES: Final = 4 << 30
"""What a WAV file can be; ten hours of FLAC are less."""
_CODED: Final = ("flac", "ogg")


def is_sound(path: Path) -> bool:
    """Whether a file is called like a sound that can be read."""
    return path.suffix.lower() in SUFFIXES


def read_sound(path: Path, max_seconds: float = 60.0) -> tuple[FloatArray, int]:
    """The beginning of a sound, (T,) float32 about -1..1, the mean of its channels, and its rate in Hz.

    What the file is, its first bytes tell; no more of it is read than is returned.

    Raises:
        UserError: it cannot be opened, is larger than 4 GB, damaged, empty, no such sound, too coarse (fewer than 1,000
            samples a second), or its library is missing.
    """
    with open_regular(path) as file:
        if file_size(file) > MAX_FILE_BYTES:
            raise UserError(
                N_("This sound file is larger than {n} GB.").format(n=MAX_FILE_BYTES >> 30),
                N_("Choose a shorter sound."),
            )
        kind = sniff_format(file.read(START_BYTES))
    if kind in _CODED:
        return read_coded_sound(path, max_seconds)
    if kind != "wav":
        raise UserError(N_("This is not a WAV, FLAC or OGG file."))
    return read_wav(path, max_seconds)
