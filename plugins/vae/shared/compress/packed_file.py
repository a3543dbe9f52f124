"""The file of packed pictures, ending `.mlz`: which model unpacks it, the step, and the range coder's bytes.

Layout, whole numbers as varints (7 bits a byte, the lowest first, the last byte below 128):
    "MLZ", version 1; the length of the model's id, the id; the first four bytes of the SHA-256 of its weights;
    the number of the step; how many latent numbers D a place has; how many places N there are;
    the length of the names, the names: zlib of a JSON list of N texts, or nothing;
    the length of the payload, the payload; CRC-32 of all before it, big-endian.
"""

import json
import zlib
from dataclasses import dataclass
from typing import Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from .latent_code import STEPS

SUFFIX: Final = ".mlz"
MAGIC: Final = b"MLZ\x01"
HASH_BYTES: Final = 4
MAX_FILE_BYTES: Final = 8 << 20
MAX_PICTURES: Final = 10_000
MAX_LATENT: Final = 1024
MAX_SYMBOLS: Final = 500_000
MAX_NAMES_BYTES: Final = 4 << 20
MAX_NAME: Final = 200
MAX_ID: Final = 100
NOT_PACKED: Final = N_("This is not a file of packed pictures.")
DAMAGED: Final = N_("This file of packed pictures is damaged.")
ADVICE: Final = N_("Pack the pictures again.")


@dataclass(frozen=True)
class PackedFile:
    """What a file says: the model's id and the start of its hash, N places of D numbers in steps, and their names."""

    model_id: str
    model_hash: bytes
    step: int
    n_latent: int
    n: int
    names: tuple[str, ...]
    payload: bytes


def file_bytes(packed: PackedFile) -> bytes:
    """The file."""
    names = zlib.compress(json.dumps(packed.names, ensure_ascii=False).encode(), 9) if packed.names else b""
    model = packed.model_id.encode()
    parts = (
        MAGIC,
        varint(len(model)),
        model,
        packed.model_hash[:HASH_BYTES],
        *map(varint, (packed.step, packed.n_latent, packed.n, len(names))),
        names,
        varint(len(packed.payload)),
        packed.payload,
    )
    data = b"".join(parts)
    return data + zlib.crc32(data).to_bytes(4, "big")


def read_file(data: bytes) -> PackedFile:
    """What the bytes of a file say; raises UserError where they are damaged, or ask for too much."""
    if not data.startswith(MAGIC):
        raise UserError(NOT_PACKED, N_("Choose one that “Save…” or “Folder…” wrote; its name ends in .mlz."))
    if len(data) > MAX_FILE_BYTES or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise UserError(DAMAGED, ADVICE)
    try:
        found = _parsed(data[len(MAGIC) : -4])
    except (ValueError, IndexError, RecursionError, zlib.error) as error:
        raise UserError(DAMAGED, ADVICE) from error
    return found


def _parsed(data: bytes) -> PackedFile:
    cursor = _Cursor(data)
    model_id = cursor.part(MAX_ID).decode("utf-8")
    model_hash = cursor.take(HASH_BYTES)
    step, n_latent, n = cursor.number(len(STEPS) - 1), cursor.number(MAX_LATENT), cursor.number(MAX_PICTURES)
    names = _names(cursor.part(MAX_NAMES_BYTES), n)
    payload = cursor.part(MAX_FILE_BYTES)
    if not n or not n_latent or n * n_latent > MAX_SYMBOLS or not cursor.is_at_end or printable(model_id) != model_id:
        raise ValueError(model_id)
    return PackedFile(model_id, model_hash, step, n_latent, n, names, payload)


def _names(packed: bytes, n: int) -> tuple[str, ...]:
    if not packed:
        return ()
    machine = zlib.decompressobj()
    text = machine.decompress(packed, MAX_NAMES_BYTES)
    names = json.loads(text) if machine.eof else None
    if not isinstance(names, list) or len(names) != n or not all(isinstance(name, str) for name in names):
        raise ValueError(n)
    return tuple(printable(name)[:MAX_NAME] for name in names)


class _Cursor:
    """Reads parts one after the other; raises ValueError or IndexError where there is less."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._data)

    def take(self, n: int) -> bytes:
        found = self._data[self._at : self._at + n]
        if len(found) != n:
            raise ValueError(n)
        self._at += n
        return found

    def number(self, most: int) -> int:
        value, shift = 0, 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            shift += 7
            if value > most or shift > 35:
                raise ValueError(value)
            if byte < 128:
                return value

    def part(self, most: int) -> bytes:
        return self.take(self.number(most))


def varint(value: int) -> bytes:
    """A whole number in as many bytes as it needs."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
