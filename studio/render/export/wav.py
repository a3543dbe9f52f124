"""Writes the sound of a clip as 16-bit PCM, in the chunks that WebP files are made of too."""

import struct


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk: four letters, its length, what it holds, and a byte more where that is odd."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
