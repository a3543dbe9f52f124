"""Tells what kind of file it is from its first bytes; a name says only that a text is meant to be one."""

import codecs
import io
import pickletools
import re
from pathlib import Path

from studio.core.container.encoding import encoding_of
from studio.core.container.git_pointer import is_pointer
from studio.core.container.midi_file import SIGNATURE as MIDI_SIGNATURE
from studio.core.container.png_file import SIGNATURE as PNG_SIGNATURE
from studio.core.container.weights.npz_file import NPY_MAGIC
from studio.core.container.weights.safetensors_file import LENGTH_BYTES, header_length
from studio.core.container.weights.torch_file import LEGACY_MAGIC

START_BYTES = 512
_MAGIC = (
    (PNG_SIGNATURE, "png"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (NPY_MAGIC, "npy"),
    (LEGACY_MAGIC, "torch-legacy"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (MIDI_SIGNATURE, "midi"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"GGUF", "gguf"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"PAR1", "parquet"),
    (b"ply", "ply"),
    (b"glTF", "glb"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}
_OGG_PACKETS = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_OGG_PACKET_AT = 28
_BOXES = {
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"heim": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    b"avif": "avif",
    b"avis": "avif",
}
_BITMAP_HEADS = (12, 16, 40, 52, 56, 64, 108, 124)
_PICKLE_PROTOCOLS = range(1, 6)
_TEXT_PICKLE = re.compile(rb"\(*c[\w.]+\n[\w.]+\n|\(+(?:i[\w.]+\n|[dlt]p?\d*\n)")
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
# Safetensors has no magic number: a length, then JSON. Eight bytes of text make a far larger number.
_LONGEST_CLAIM = 1 << 48


def format_of(path: Path, start: bytes) -> str:
    """Return the same for a file: one that is called like a table or a text and holds letters alone is "text".

    A column may be called like the mark of another kind ("BMW", "players", "count"). A pickle stays one by any name.
    """
    is_called_text = path.suffix.lower() in _TEXT_SUFFIXES
    if is_called_text and encoding_of(start) is not None and not (is_pointer(start) or _is_text_pickle(start)):
        return "text"
    return sniff_format(start)


def sniff_format(start: bytes) -> str:
    """Return a short lower-case word for the format that the first 512 bytes show, or "unknown"."""
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return name
    if start[:2] == b"BM" and int.from_bytes(start[14:18], "little") in _BITMAP_HEADS:
        return "bmp"
    if start[:4] == b"RIFF":
        return _RIFF.get(start[8:12], "unknown")
    if start[:4] == b"OggS":  # videos are in OGG files too: the first packet tells
        return "ogg" if start[_OGG_PACKET_AT:].startswith(_OGG_PACKETS) else "unknown"
    if _is_mp3_frame(start[:3]):
        return "mp3"
    if start[4:8] == b"ftyp":
        return _BOXES.get(start[8:12], "mp4")
    if start[257:262] == b"ustar":
        return "tar"
    if len(start) > 1 and start[0] == 0x80 and start[1] in _PICKLE_PROTOCOLS:
        return "pickle"
    return _sniff_text(start)


def _is_mp3_frame(start: bytes) -> bool:
    """Whether these three bytes begin a frame of MP3, with a bit rate and a sampling rate that exist."""
    if len(start) < 3 or start[0] != 0xFF or start[1] & 0xE6 != 0xE2 or start[1] & 0x18 == 0x08:
        return False
    return start[2] >> 4 not in (0, 15) and start[2] & 0x0C != 0x0C


def _sniff_text(start: bytes) -> str:
    if start[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{" and header_length(start) < _LONGEST_CLAIM:
        return "safetensors"
    if _is_text_pickle(start):
        return "pickle"
    if is_pointer(start):
        return "git-lfs"
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if text[:1] in (b"{", b"["):
        return "json"
    if text[:14].lower() == b"<!doctype html":
        return "html"
    if b"<svg" in text or (text.startswith(b"<?xml") and b"svg" in text):
        return "svg"
    return "text" if _is_text(start) else "unknown"


def _is_text_pickle(start: bytes) -> bool:
    """Whether it begins as one and goes on as one to its end, or to the end of what is seen of it."""
    if not _TEXT_PICKLE.match(start):
        return False
    stream = io.BytesIO(start)
    try:
        for _ in pickletools.genops(stream):
            pass
    except ValueError:
        return len(start) >= START_BYTES and stream.tell() == len(start)
    return True


def _is_text(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # the last character may be cut in two
    except UnicodeDecodeError:
        return False
    return b"\0" not in start
