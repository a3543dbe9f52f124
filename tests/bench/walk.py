"""Notes which files of the project a gesture runs through: python -m tests.bench.walk prints them.

A file counts once one of its functions is called, on whichever thread, between `start` and `stop`.
"""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from PySide6.QtCore import QAbstractEventDispatcher

from studio.compute.job import Job
from studio.compute.worker import Worker

ROOT: Final = Path(__file__).parents[2]
GESTURES: Final = ("slider", "erased_pixel", "forced_word", "branch")


class Walk:
    """The calls of functions on the main thread and on that of a worker."""

    def __init__(self, worker: Worker) -> None:
        """Watching begins with `start`; the worker is told by a job, since a thread can only profile itself."""
        self._calls: Counter[CodeType] = Counter()
        self._in_turn: Counter[CodeType] = Counter()
        self._most: Counter[CodeType] = Counter()
        self._is_on = False
        self._turns = QAbstractEventDispatcher.instance()
        worker.submit(Job(("bench", "walk"), lambda: sys.setprofile(self._note)))

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if self._is_on and event == "call":
            self._calls[frame.f_code] += 1

    def _note_main(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            self._calls[frame.f_code] += 1
            self._in_turn[frame.f_code] += 1

    def _begin_turn(self) -> None:
        """A turn of the event loop begins."""
        with self.unseen():
            self._most |= self._in_turn
            self._in_turn.clear()

    def start(self) -> None:
        """Forget what was, and watch."""
        for counted in (self._calls, self._in_turn, self._most):
            counted.clear()
        self._is_on = True
        self._turns.awake.connect(self._begin_turn)
        threading.setprofile(self._note)  # of threads to come
        sys.setprofile(self._note_main)

    def stop(self) -> None:
        """Watch no more."""
        sys.setprofile(None)
        threading.setprofile(None)
        self._turns.awake.disconnect(self._begin_turn)
        self._is_on = False
        self._begin_turn()

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """What this thread does meanwhile is no part of the walk."""
        sys.setprofile(None)
        try:
            yield
        finally:
            sys.setprofile(self._note_main if self._is_on else None)

    def files(self) -> list[str]:
        """The project files that were entered, relative to the root, in the order of their first call."""
        paths = dict.fromkeys(Path(code.co_filename) for code in self._calls)
        inside = [path.relative_to(ROOT) for path in paths if path.is_relative_to(ROOT)]
        return [path.as_posix() for path in inside if path.parts[0] in ("studio", "plugins")]

    def n_functions(self) -> int:
        """How many project functions were called."""
        files = {str(ROOT / name) for name in self.files()}
        return sum(code.co_filename in files for code in self._calls)

    def most_in_a_turn(self, function: Any) -> int:
        """How often a function was called in one turn of the event loop, at most."""
        return self._most[function.__code__]

    def n_calls(self, function: Any) -> int:
        """How often a function was called in all."""
        return self._calls[function.__code__]


def main() -> None:
    """Print the figures of every gesture and the files that it runs through."""
    from tests.bench.visit import visit

    for gesture in GESTURES:
        result: dict[str, Any] = dict(visit(f"walk_{gesture}"))
        files = result.pop("files")
        print(gesture, ", ".join(f"{name} {value}" for name, value in result.items() if name.startswith("n_")))
        print("".join(f"    {name}\n" for name in files))


if __name__ == "__main__":
    main()
