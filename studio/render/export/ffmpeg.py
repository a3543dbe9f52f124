"""Feeds frames to an ffmpeg process without ever waiting on it for long."""

import contextlib
import errno
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

NICENESS: Final = 10
_WAIT_S: Final = 0.05  # the Worker never waits longer in one step
_N_WAITING: Final = 2  # frames between us and the pipe
_WINDOWS_FLAGS: Final = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(
    subprocess, "CREATE_NO_WINDOW", 0
)
_FULL_DISK: Final = "No space left on device"
_LOG_BYTES: Final = 4096

ByteArray = NDArray[np.uint8]


class Encoder:
    """A running ffmpeg that reads raw frames from its standard input."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        """Start `ffmpeg ARGUMENTS` at low priority; what it complains about goes to the file `log`."""
        self._log = log
        with log.open("wb") as complaints:
            self._process = _start([executable(), *arguments], complaints)
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
        self._frames: queue.Queue[ByteArray | None] = queue.Queue(_N_WAITING)
        self._writer = threading.Thread(target=self._write_all, name="video pipe", daemon=True)
        self._writer.start()

    def put(self, frame: ByteArray | None) -> Iterator[None]:
        """Hand over a frame, contiguous, or None for the end; yields every 50 ms while the encoder is busy.

        Raises UserError, or OSError where the disk is full, when the encoder has given up.
        """
        while True:
            if self._process.poll() is not None:
                if frame is None:
                    return
                raise self._failure()
            try:
                self._frames.put(frame, timeout=_WAIT_S)
            except queue.Full:
                yield
            else:
                return

    def wait(self) -> Iterator[None]:
        """Wait for the file to be complete, yielding every 50 ms; raises like `put`."""
        while True:
            try:
                status = self._process.wait(_WAIT_S)
            except subprocess.TimeoutExpired:
                yield
                continue
            if status:
                raise self._failure()
            return

    def close(self) -> None:
        """Kill the process where it still runs, and wait until nothing of it is left."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        while self._writer.is_alive():
            with contextlib.suppress(queue.Full):
                self._frames.put(None, timeout=_WAIT_S)
            self._writer.join(_WAIT_S)
        with contextlib.suppress(OSError):
            self._pipe.close()

    @property
    def _pipe(self) -> Any:
        return self._process.stdin

    def _write_all(self) -> None:
        with contextlib.suppress(OSError):  # a pipe that broke: the process has ended, and `put` says why
            while (frame := self._frames.get()) is not None:
                self._pipe.write(frame.data)
            self._pipe.close()

    def _failure(self) -> Exception:
        self._process.wait()
        said = self._log.read_bytes()[-_LOG_BYTES:].decode(errors="replace").strip()
        if _FULL_DISK in said:
            return OSError(errno.ENOSPC, _FULL_DISK)
        return UserError(N_("The video could not be made."), printable(said.rpartition("\n")[2]))


@contextmanager
def encoder(arguments: Sequence[str], folder: Path) -> Iterator[Encoder]:
    """Run an encoder that is gone, whatever happens, when the block ends."""
    running = Encoder(arguments, folder / "log.txt")
    try:
        yield running
    finally:
        running.close()


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for what is handed to ffmpeg as a file; gone at the end."""
    with TemporaryDirectory(prefix="manifold-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def executable() -> str:
    """The ffmpeg that was installed with the program; raises UserError where it is missing."""
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        return str(get_ffmpeg_exe())
    except RuntimeError as error:
        raise _missing() from error


def _start(command: Sequence[str], complaints: BinaryIO) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            creationflags=_WINDOWS_FLAGS,
        )
    except OSError as error:
        raise _missing() from error


def _missing() -> UserError:
    return UserError(
        N_("The program that makes videos (ffmpeg) is missing."), N_("Install imageio-ffmpeg again, or export a GIF.")
    )
