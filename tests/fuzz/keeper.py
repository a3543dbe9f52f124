"""Keeps the process that reads broken files, and starts it anew where one of them ended it."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.fuzz.mutation import Mutation

ROOT = Path(__file__).parents[2]
LIMIT_S = 10.0
WAIT_S = 120.0
"""Of waiting: for what computes nothing and yet does not end."""
_START_S = 120.0
AT_ONCE = 50
"""So few that neither side ever waits for the other to empty a pipe."""


class Outcome(NamedTuple):
    """What came of a file: "read" and "refused" are good, "failed", "died" and "slow" are not."""

    kind: str
    text: str

    @property
    def is_good(self) -> bool:
        """Whether the program did what it should."""
        return self.kind in ("read", "refused")


class Task(NamedTuple):
    """What is to be read, and which file is broken before, if any."""

    reader: str
    path: Path
    broken: Path | None = None
    mutation: Mutation | None = None

    def line(self) -> bytes:
        """As the process takes it."""
        broken = "" if self.broken is None else str(self.broken)
        return json.dumps([self.reader, str(self.path), broken, self.mutation]).encode() + b"\n"


class Keeper:
    """A warm process; `home` is a folder of its own, `whole` are files of each reader that are read first."""

    def __init__(self, home: Path, whole: Iterable[tuple[str, Path]]) -> None:
        self._home = home
        self._whole = [Task(reader, path) for reader, path in whole]
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield what comes of each, many at a time; a file that ends the process is as broken then as it was."""
        if self._process is None:
            self._start()
        left = list(tasks)
        while left:
            for outcome in self._answers(left[:AT_ONCE], LIMIT_S):
                left.pop(0)
                yield outcome
            if left and self._process is None:
                self._start()

    def ask(self, reader: str, path: Path) -> Outcome:
        """Let a reader read a file."""
        return next(iter(list(self.outcomes([Task(reader, path)]))))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> None:
        """Have a process that has read the whole files, and from now on has its bounds."""
        self.close()
        self._unread = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.child"],
            cwd=ROOT,
            env={**os.environ, "MANIFOLD_STUDIO_HOME": str(self._home), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        for task in [*self._whole, Task("", self._home)]:
            outcome = next(iter(self._answers([task], _START_S)))
            assert outcome.kind == "read", (task, outcome.text)

    def _answers(self, tasks: Sequence[Task], limit_s: float) -> Iterator[Outcome]:
        """Yield the outcomes up to the first that ended the process, which is closed then."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"".join(task.line() for task in tasks))
        for _ in tasks:
            line, is_slow = self._line(limit_s)
            if not line:
                end = self._process.poll()
                self.close()
                yield Outcome("slow" if is_slow else "died", f"its end: {end}")
                return
            yield Outcome(**json.loads(line))

    def _line(self, limit_s: float) -> tuple[bytes, bool]:
        """The next line, empty where the process ended or took too long, and whether that is why.

        What counts is the time that it computed: others may need the processor meanwhile.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        watched, end = psutil.Process(self._process.pid), time.monotonic() + WAIT_S
        begin_s = sum(watched.cpu_times()[:2])
        while b"\n" not in self._unread:
            if select.select([self._process.stdout], [], [], 0.5)[0]:
                part = os.read(self._process.stdout.fileno(), 1 << 16)
                if not part:
                    return b"", False
                self._unread += part
            elif sum(watched.cpu_times()[:2]) - begin_s > limit_s or time.monotonic() > end:
                return b"", True
        line, _, self._unread = self._unread.partition(b"\n")
        return line, False
