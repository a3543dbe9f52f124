"""A range coder in whole numbers, the same to the bit on every machine (Martin 1979), with tables that adapt.

A symbol takes as many bits as it is unlikely by its table; both sides change the table alike after each.
"""

from collections.abc import Sequence
from typing import Final

MAX_TOTAL: Final = 1 << 16
_WIDTH: Final = 32
_FULL: Final = 1 << _WIDTH
_LEAST: Final = 1 << (_WIDTH - 8)


class FrequencyTable:
    """How often each of a few symbols is expected, whole numbers of at least 1; what came grows likelier."""

    def __init__(self, frequencies: Sequence[int], gain: int) -> None:
        self._frequencies, self._gain = list(frequencies), gain
        self.total = sum(frequencies)

    def interval(self, symbol: int) -> tuple[int, int]:
        """Where the part of a symbol starts, and how large it is."""
        return sum(self._frequencies[:symbol]), self._frequencies[symbol]

    def symbol_at(self, value: int) -> int:
        """Whose part holds a value below the total."""
        for symbol, frequency in enumerate(self._frequencies):
            if value < frequency:
                return symbol
            value -= frequency
        raise AssertionError("beyond the total")

    def note(self, symbol: int) -> None:
        """A symbol came."""
        self._frequencies[symbol] += self._gain
        self.total += self._gain
        if self.total > MAX_TOTAL:
            self._frequencies = [(frequency + 1) // 2 for frequency in self._frequencies]
            self.total = sum(self._frequencies)


class RangeEncoder:
    """Writes symbols."""

    def __init__(self) -> None:
        self._low, self._range = 0, _FULL - 1
        self._bytes = bytearray()

    def write(self, symbol: int, table: FrequencyTable) -> None:
        """Write a symbol, and let the table learn of it."""
        start, size = table.interval(symbol)
        part = self._range // table.total
        self._low += part * start
        self._range = part * size
        self._carry()
        while self._range < _LEAST:
            self._bytes.append(self._low >> (_WIDTH - 8))
            self._low = (self._low << 8) % _FULL
            self._range <<= 8
        table.note(symbol)

    def _carry(self) -> None:
        if self._low < _FULL:
            return
        self._low -= _FULL
        place = len(self._bytes) - 1
        while self._bytes[place] == 255:
            self._bytes[place] = 0
            place -= 1
        self._bytes[place] += 1

    def finish(self) -> bytes:
        """All that was written, as short as it can be: bytes of zero at the end are left out."""
        for n_free in range(_WIDTH - 8, -1, -8):
            least = -(-self._low >> n_free) << n_free
            if least < self._low + self._range:
                break
        self._low = least
        self._carry()
        return bytes(self._bytes + self._low.to_bytes(4, "big")).rstrip(b"\0")


class RangeDecoder:
    """Reads symbols; beyond the end there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._range = data, 4, _FULL - 1
        self._code = int.from_bytes(data[:4].ljust(4, b"\0"), "big")

    def read(self, table: FrequencyTable) -> int:
        """Read a symbol, and let the table learn of it."""
        part = self._range // table.total
        symbol = table.symbol_at(min(self._code // part, table.total - 1))
        start, size = table.interval(symbol)
        self._code -= part * start
        self._range = part * size
        while self._range < _LEAST:
            following = self._data[self._at] if self._at < len(self._data) else 0
            self._code = ((self._code << 8) | following) % _FULL
            self._range <<= 8
            self._at += 1
        table.note(symbol)
        return symbol
