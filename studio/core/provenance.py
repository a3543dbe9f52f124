"""Finds out what made an exported file, whatever its format, without decoding a pixel of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import ZipFile

from studio.core.container.json_metadata import read_json_metadata, read_metadata_beside
from studio.core.container.metadata import (
    MAX_TEXT_BYTES,
    broken_metadata,
    check_metadata,
    parse_labelled,
    parse_xml_text,
    too_much_metadata,
)
from studio.core.container.midi_file import read_midi_metadata
from studio.core.container.mp4_file import read_mp4_metadata
from studio.core.container.png_file import read_png_text
from studio.core.container.riff_file import read_wav_metadata, read_webp_metadata
from studio.core.container.signature import START_BYTES, format_of
from studio.core.container.source import open_regular, read_exactly
from studio.core.container.weights.npz_file import read_npz_metadata
from studio.core.container.zip_file import open_zip
from studio.core.error import UserError
from studio.core.recording.reader import is_recording, read_head
from studio.core.sound.file import read_sound_metadata
from studio.core.translation import N_

_START_BYTES = 5 * MAX_TEXT_BYTES + 4096
_MAX_BLOCKS = 10_000
_SIGNATURES = (b"GIF87a", b"GIF89a")
_EXTENSION, _COMMENT = 0x21, 0xFE
Reader = Callable[[BinaryIO], dict[str, Any] | None]


def read_markup_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a drawing or page that was exported here, None for any other.

    Raises UserError where the metadata is broken, too large, or names anything but a model id.
    """
    file.seek(0)
    return parse_xml_text(file.read(_START_BYTES))


def read_gif_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a GIF that was exported here, None for any other.

    Raises UserError where the file or the metadata is broken, too large, or names anything but a model id.
    """
    file.seek(0)
    if file.read(6) not in _SIGNATURES:
        raise UserError(N_("This is not a GIF picture."))
    flags = read_exactly(file, 7)[4]
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)  # the colours
    for _ in range(_MAX_BLOCKS):
        if read_exactly(file, 1)[0] != _EXTENSION:
            return None
        if read_exactly(file, 1)[0] != _COMMENT:
            _skip_blocks(file)
        elif (values := parse_labelled(_read_blocks(file))) is not None:
            return values
    raise broken_metadata()


def _read_blocks(file: BinaryIO) -> bytes:
    text = bytearray()
    while n_bytes := read_exactly(file, 1)[0]:
        text += read_exactly(file, n_bytes)
        if len(text) > MAX_TEXT_BYTES + 64:
            raise too_much_metadata()
    return bytes(text)


def _skip_blocks(file: BinaryIO) -> None:
    for _ in range(_MAX_BLOCKS):
        n_bytes = read_exactly(file, 1)[0]
        if not n_bytes:
            return
        file.seek(n_bytes, 1)
    raise broken_metadata()


def read_metadata(path: str | Path) -> dict[str, Any] | None:
    """Return "model", "seed", "params" and perhaps "state" of a file that was exported here, None for any other.

    All of it is hostile until a family has checked it; the model is sure to be an id, never a path. Raises UserError
    where the file cannot be read, is broken, or says something that no export says.
    """
    path = Path(path)
    with open_regular(path) as file:
        format_name = format_of(path, file.read(START_BYTES))
        reader = METADATA_READERS.get(format_name)
        if reader is not None:
            return reader(file)
    return read_metadata_beside(path) if format_name == "text" else None


def read_recording_metadata(archive: ZipFile) -> dict[str, Any]:
    """Return the same of a recording (.frames); raises UserError where it is broken or too new."""
    info = read_head(archive).info
    values: dict[str, Any] = {"model": info.model_id, "seed": info.seed, "params": dict(info.params)}
    if info.state:
        values["state"] = dict(info.state)
    check_metadata(values)
    return values


def _read_zip(file: BinaryIO) -> dict[str, Any] | None:
    with open_zip(file) as archive:
        return read_recording_metadata(archive) if is_recording(archive) else read_npz_metadata(archive)


METADATA_READERS: Final[Mapping[str, Reader]] = {
    "png": read_png_text,
    "gif": read_gif_metadata,
    "webp": read_webp_metadata,
    "mp4": read_mp4_metadata,
    "wav": read_wav_metadata,
    **dict.fromkeys(("flac", "ogg", "mp3"), read_sound_metadata),
    "midi": read_midi_metadata,
    "svg": read_markup_metadata,
    "html": read_markup_metadata,
    "json": read_json_metadata,
    "zip": _read_zip,
}
"""By the word of `format_of`; each reads from the start of the file."""
