"""Gives an OGG file the same serial number each time: libsndfile takes one from the clock.

Format: RFC 3533. The checksum is linear: another number changes it by the checksum of the difference alone.
"""

from functools import cache
from pathlib import Path
from typing import Final

SERIAL: Final = 1
_SERIAL_AT: Final = 14
_CHECKSUM_AT: Final = 22
_HEAD_BYTES: Final = 27
_POLYNOMIAL: Final = 0x04C11DB7


def number_pages(path: Path) -> None:
    """Renumber all pages of a file that was just written here."""
    data = bytearray(path.read_bytes())
    at = 0
    while at < len(data):
        n_segments = data[at + _HEAD_BYTES - 1]
        end = at + _HEAD_BYTES + n_segments + sum(data[at + _HEAD_BYTES : at + _HEAD_BYTES + n_segments])
        old = int.from_bytes(data[at + _SERIAL_AT : at + _SERIAL_AT + 4], "little")
        change = _checksum((old ^ SERIAL).to_bytes(4, "little") + bytes(end - at - _SERIAL_AT - 4))
        checksum = int.from_bytes(data[at + _CHECKSUM_AT : at + _CHECKSUM_AT + 4], "little") ^ change
        data[at + _SERIAL_AT : at + _SERIAL_AT + 4] = SERIAL.to_bytes(4, "little")
        data[at + _CHECKSUM_AT : at + _CHECKSUM_AT + 4] = checksum.to_bytes(4, "little")
        at = end
    path.write_bytes(data)


def _checksum(data: bytes) -> int:
    table, checksum = _table(), 0
    for byte in data:
        checksum = (checksum << 8) & 0xFFFFFFFF ^ table[checksum >> 24 ^ byte]
    return checksum


@cache
def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        row = byte << 24
        for _ in range(8):
            row = (row << 1) & 0xFFFFFFFF ^ (_POLYNOMIAL if row >> 31 else 0)
        rows.append(row)
    return tuple(rows)
