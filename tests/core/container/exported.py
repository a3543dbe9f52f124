"""Builds files that say something about what made them, whole or hostile, without any encoder."""

import io
import struct

import numpy as np

FOREIGN = (
    '{"model": "../../etc/passwd", "seed": 1}',
    '{"model": "/home/someone/evil.pt"}',
    '{"model": "vae/digits", "seed": "__import__(1)"}',
    '{"model": "vae/digits", "seed": true}',
    '{"model": "vae/digits", "params": [1]}',
    '{"model": "vae/digits", "state": "x"}',
    '{"model": "vae/digits", "seed": NaN}',
    '["vae/digits"]',
    "[" * 30_000,
    "{",
    "",
)


def chunk(kind: bytes, body: bytes, claim: int | None = None) -> bytes:
    return kind + struct.pack("<I", len(body) if claim is None else claim) + body + bytes(len(body) % 2)


def riff(kind: bytes, *chunks: bytes) -> bytes:
    body = kind + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(kind: bytes, body: bytes, claim: int | None = None) -> bytes:
    return struct.pack(">I", len(body) + 8 if claim is None else claim) + kind + body


def mp4_with(comment: bytes) -> bytes:
    data = box(b"data", struct.pack(">II", 1, 0) + comment)
    return box(b"ftyp", b"isom") + box(
        b"moov", box(b"udta", box(b"meta", bytes(4) + box(b"ilst", box(b"\xa9cmt", data))))
    )


def gif_with(comment: bytes) -> bytes:
    parts = [comment[i : i + 255] for i in range(0, len(comment), 255)]
    blocks = b"".join(bytes([len(part)]) + part for part in parts)
    return b"GIF89a" + struct.pack("<2H3B", 1, 1, 0, 0, 0) + b"\x21\xfe" + blocks + b"\0,"


def wav_with(comment: bytes) -> bytes:
    return riff(b"WAVE", chunk(b"fmt ", bytes(16)), chunk(b"LIST", b"INFO" + chunk(b"ICMT", comment)))


def xml_with(text: bytes) -> bytes:
    return b'<made_from xmlns="urn:manifold-studio">' + text + b"</made_from>"


def with_text(kind: str, text: str) -> bytes:
    """A file of that kind that says `text` about itself."""
    label = b"manifold_studio " + text.encode()
    match kind:
        case "gif":
            return gif_with(label)
        case "mp4":
            return mp4_with(label)
        case "wav":
            return wav_with(label)
        case "webp":
            return riff(b"WEBP", chunk(b"XMP ", xml_with(text.encode())))
        case "svg":
            return b"<svg><metadata>" + xml_with(text.encode()) + b"</metadata></svg>"
        case "html":
            return b"<!DOCTYPE html><html><div hidden>" + xml_with(text.encode()) + b"</div></html>"
        case "json":
            return b'{"manifold_studio":' + text.encode() + b"}"
        case _:
            buffer = io.BytesIO()
            np.savez(buffer, metadata=np.array(text or " "))
            return buffer.getvalue()
