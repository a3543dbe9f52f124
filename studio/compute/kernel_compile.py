"""Compiles all kernels of a family in child processes, so that nothing here waits; imports no numba itself.

A family has a module, told by its full name, whose `GROUPS` say what to call once on tiny input: {what it is for:
function} for each group, which gets a process of its own. It imports kernels in these functions only.
"""

import importlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from queue import SimpleQueue
from threading import Thread
from typing import IO

from studio.compute.kernel_cache import are_kernels_ready, mark_kernels_ready
from studio.core.child import child_command, child_environment, end_with_parent
from studio.core.pausing import received, result_of

log = logging.getLogger(__name__)

GIVE_WAY_NICENESS = 10  # below the Worker's: the picture that a person already turns goes first


Groups = Sequence[Mapping[str, Callable[[], None]]]


@dataclass(frozen=True)
class CompileProgress:
    """How far it is.

    Attributes:
        n_done, n_steps: of the family's steps.
        title: what was begun last; empty where something has ended.
    """

    n_done: int
    n_steps: int
    title: str


class Progress:
    """Adds up what the children of some modules say, those that wait for a core included."""

    def __init__(self, *modules: str) -> None:
        self._told = [CompileProgress(0, len(steps), "") for module in modules for steps in _groups(module)]

    def hear(self, child: int, line: bytes | str) -> CompileProgress:
        """How far all of it is, after a line that one of them said."""
        told = self._told[child] = CompileProgress(**json.loads(line))
        n_done, n_steps = (sum(getattr(one, name) for one in self._told) for name in ("n_done", "n_steps"))
        return CompileProgress(n_done, n_steps, told.title)


def compile_commands(*modules: str) -> list[list[str]]:
    """What starts the child processes, one for each group; their lines are for `Progress`."""
    return [
        child_command("studio.compute.kernel_compile:main", module, str(number))
        for module in modules
        for number in range(len(_groups(module)))
    ]


def n_children() -> int:
    """How many of them may run at a time: one for each core."""
    return os.cpu_count() or 1


def compile_kernels(*modules: str) -> Iterator[CompileProgress]:
    """Compile what modules of families name, and yield whenever a step begins or ends.

    Each `next` waits for that. Closing the iterator ends the children.

    Raises RuntimeError with what a child said where it fails.
    """
    commands = compile_commands(*modules)
    progress = Progress(*modules)
    lines: SimpleQueue[tuple[int, str]] = SimpleQueue()
    with ExitStack() as stack:
        waiting = list(enumerate(commands))
        children = dict(_start(*waiting.pop(0), lines, stack) for _ in waiting[: n_children()])
        while children:
            number, line = result_of(received(lines))
            if line:
                yield progress.hear(number, line)
                continue
            _check_end(children.pop(number))
            if waiting:
                children.update([_start(*waiting.pop(0), lines, stack)])
    for module in modules:
        mark_kernels_ready(module)


@cache
def prepare_kernels(module: str) -> None:
    """Wait, once, until the kernels were compiled for this machine: in child processes, so that the window goes on."""
    try:
        if not are_kernels_ready(module):
            for _ in compile_kernels(module):
                pass
    except (RuntimeError, OSError) as error:  # then each is compiled when it is first called
        log.warning("the kernels could not be compiled apart: %s", error)


def _start(
    number: int, command: list[str], lines: "SimpleQueue[tuple[int, str]]", stack: ExitStack
) -> tuple[int, subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, env=child_environment(), stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    stack.enter_context(child)
    assert child.stdout is not None
    reader = Thread(target=_read, args=(number, child.stdout, lines), daemon=True)
    reader.start()
    stack.callback(reader.join)  # what it reads from is closed after that
    stack.callback(child.kill)
    return number, child


def _read(number: int, output: IO[str], lines: "SimpleQueue[tuple[int, str]]") -> None:
    """Pass lines on, and an empty one at the end."""
    for line in output:
        lines.put((number, line))
    lines.put((number, ""))


def _check_end(child: subprocess.Popen[str]) -> None:
    said = child.stderr.read() if child.stderr is not None else ""
    if child.wait():
        raise RuntimeError(said)


def main() -> None:
    """A child's whole work."""
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(GIVE_WAY_NICENESS)
    steps = _groups(sys.argv[1])[int(sys.argv[2])]
    told = CompileProgress(0, len(steps), "")
    for n_done, (title, run) in enumerate(steps.items()):
        _say(replace(told, n_done=n_done, title=title))
        run()
    _say(replace(told, n_done=len(steps)))


def _groups(module: str) -> Groups:
    groups: Groups = importlib.import_module(module).GROUPS
    return groups


def _say(told: CompileProgress) -> None:
    print(json.dumps(vars(told)), flush=True)  # noqa: T201 to the parent
