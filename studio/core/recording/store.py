"""Bytes that only grow: in memory at first, later mostly in a file that nobody sees."""

import errno
import tempfile
import threading
import weakref
from bisect import bisect_right
from collections.abc import Callable
from mmap import mmap
from typing import IO, TypeAlias

from studio.core.error import UserError
from studio.core.place import cache_dir
from studio.core.translation import N_

MEMORY_BYTES = 128_000_000
_BLOCK_BYTES = 1 << 20
_AHEAD_BYTES = 1 << 20
# Once it has begun to spill, this part of the allowance is enough: the newest frames are read most.
_SPILLED_SHARE = 4
Read: TypeAlias = Callable[[int, int], bytearray]


class FrameStore:
    """Keeps what it is given and hands it out by address; one thread appends, others read at any time.

    What was appended lies in blocks. Past `memory_bytes` the oldest ones go to a temporary file, each at the position
    that equals its address; nothing is dropped. The file has no name where the system allows that, so that it goes
    with the program. It is read into memory rather than mapped: mapped pages would count as the program's own.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = self._allowed_bytes = memory_bytes
        self._starts: list[int] = []
        self._blocks: list[memoryview | None] = []
        self._n_free = 0  # at the end of the newest block
        self._n_spilled_blocks = 0
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()
        self.n_bytes = 0
        self.n_spilled_bytes = 0

    def append(self, data: bytes | memoryview) -> int:
        """Keep bytes and return their address; raises UserError where there is no room left on the disk."""
        n_bytes = len(data)
        if n_bytes > self._n_free:
            self._make_room(n_bytes)
            # Not a bytearray, which is filled at once and moved as it grows: pages of this count once they are used.
            self._n_free = max(n_bytes, _BLOCK_BYTES)
            self._starts.append(self.n_bytes)
            self._blocks.append(memoryview(mmap(-1, self._n_free)))
        address = self.n_bytes
        if n_bytes:
            block = self._blocks[-1]
            assert block is not None  # the newest block stays in memory
            offset = address - self._starts[-1]
            block[offset : offset + n_bytes] = data
        self._n_free -= n_bytes
        self.n_bytes += n_bytes
        return address

    def read(self, address: int, n_bytes: int) -> bytearray:
        """Return a copy of what was appended at `address`."""
        if n_bytes == 0:
            return bytearray()
        number = bisect_right(self._starts, address) - 1
        block = self._blocks[number]
        if block is None:
            return self._read_file(address, n_bytes)
        offset = address - self._starts[number]
        return bytearray(block[offset : offset + n_bytes])

    def read_ahead(self, start: int, end: int) -> Read:
        """Return `read` for what lies between two addresses: out of the file it is fetched in one go.

        Many small reads from a file take longer than one; what is far more than they need is left where it is.
        """
        if end > self.n_spilled_bytes or end - start > _AHEAD_BYTES:
            return self.read
        data = self._read_file(start, end - start)

        def read(address: int, n_bytes: int) -> bytearray:
            is_here = start <= address and address + n_bytes <= end
            return data[address - start : address - start + n_bytes] if is_here else self.read(address, n_bytes)

        return read

    def close(self) -> None:
        """Forget everything and remove the file."""
        with self._lock:
            self._blocks, self._starts = [], []
            self._n_spilled_blocks = self._n_free = self.n_bytes = self.n_spilled_bytes = 0
            if self._file is not None:
                self._file.close()
                self._file = None

    def _make_room(self, n_more_bytes: int) -> None:
        """Move old blocks out before a new one, but few at a time, so that no single append takes long."""
        for _ in range(2 + n_more_bytes // _BLOCK_BYTES):
            is_empty = self._n_spilled_blocks == len(self._blocks)
            if is_empty or self.n_bytes - self.n_spilled_bytes + n_more_bytes <= self._allowed_bytes:
                return
            self._spill_block()

    def _spill_block(self) -> None:
        number = self._n_spilled_blocks
        block = self._blocks[number]
        assert block is not None
        end = self._starts[number + 1] if number + 1 < len(self._starts) else self.n_bytes
        start = self._starts[number]
        try:
            self._write_file(start, block[: end - start])
        except OSError as error:
            raise _disk_trouble(error) from error
        self._allowed_bytes = self._memory_bytes // _SPILLED_SHARE
        self._blocks[number] = None
        self._n_spilled_blocks += 1
        self.n_spilled_bytes = end

    def _write_file(self, position: int, rest: memoryview) -> None:
        with self._lock:
            if self._file is None:
                folder = cache_dir()
                self._file = tempfile.TemporaryFile(prefix="frames-", dir=folder, buffering=0)  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            self._file.seek(position)
            while rest:
                rest = rest[self._file.write(rest) :]

    def _read_file(self, address: int, n_bytes: int) -> bytearray:
        data = bytearray(n_bytes)
        rest = memoryview(data)
        with self._lock:
            if self._file is None:
                raise ValueError("the recording is closed")
            self._file.seek(address)
            while rest:
                n_read: int = self._file.readinto(rest)  # type: ignore[attr-defined]  # unbuffered files have it
                if not n_read:
                    raise OSError(errno.EIO, "the file of a recording is cut short")
                rest = rest[n_read:]
        return data


def _disk_trouble(error: OSError) -> UserError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            N_("The disk is full, so the recording cannot continue."),
            N_("What has been made so far is kept. Free some space and start again."),
        )
    return UserError(N_("The recording cannot continue: its file in the cache folder cannot be written."))
