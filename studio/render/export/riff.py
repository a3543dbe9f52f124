"""The chunks that WAV and WebP files are made of."""

import struct


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk: four letters, its length, what it holds, and a byte more where that is odd."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
