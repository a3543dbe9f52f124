"""How another Python of the same program is started: a fresh process, never a fork of this one."""

import os
import sys
from collections.abc import Generator
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import IO

from studio.core.pausing import received


def child_command(call: str, *arguments: str) -> list[str]:
    """What starts a process that runs `module:function`, which finds `arguments` in sys.argv[1:]."""
    module, _, function = call.partition(":")
    return [sys.executable, "-c", f"from {module} import {function}; {function}()", *arguments]


def child_environment() -> dict[str, str]:
    """The environment in which it finds the same packages as this process."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def end_with_parent() -> None:
    """Let this child process end as soon as its parent does, however that ends; its standard input must be a pipe.

    The parent keeps the other end open and writes nothing.
    """
    Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(0, 1):  # nothing of Python's own, whose lock would be held when the work is done before the parent
        pass
    os._exit(1)  # a compiler in the main thread would not hear of anything milder


def lines_of(stream: IO[bytes]) -> Generator[bytes | None, None, None]:
    """What a process says, line by line, and None again and again where it says nothing for a while."""
    queue: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        with suppress(ValueError):  # closed by now
            for line in stream:
                queue.put(line)
        queue.put(b"")

    Thread(target=read, daemon=True).start()
    while line := (yield from received(queue)):
        yield line
