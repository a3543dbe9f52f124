"""Compiles all kernels of a family in a child process, so that nothing here waits; imports no numba itself.

A family has a module, told by its full name, whose `STEPS` says what to call once on tiny input, by what it is for:
{title: function}. It imports kernels in these functions only.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from studio.compute.kernel_cache import mark_kernels_ready
from studio.core.child import child_command, child_environment

GIVE_WAY_NICENESS = 10  # below the Lane's: the picture that a person already turns goes first


@dataclass(frozen=True)
class CompileProgress:
    """How far it is.

    Attributes:
        n_done, n_steps: of the family's steps.
        title: what is being compiled now; empty at the end.
    """

    n_done: int
    n_steps: int
    title: str


def compile_command(module: str) -> list[str]:
    """What starts the child process; each line that it prints is for `read_progress`."""
    return child_command("studio.compute.kernel_compile:main", module)


def read_progress(line: bytes | str) -> CompileProgress:
    """What a line of the child says."""
    return CompileProgress(**json.loads(line))


def compile_kernels(module: str) -> Iterator[CompileProgress]:
    """Compile what the family's module names, and yield before each of its steps and at the end.

    Each `next` waits for a step. Closing the iterator ends the child.

    Raises RuntimeError with what the child said where it fails.
    """
    with subprocess.Popen(
        compile_command(module), env=child_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        try:
            yield from map(read_progress, child.stdout)
            said = child.stderr.read()
            if child.wait():
                raise RuntimeError(f"the kernels of {module} could not be compiled: {said}")
        finally:
            child.kill()


def main() -> None:
    """The child's whole work."""
    if hasattr(os, "nice"):
        os.nice(GIVE_WAY_NICENESS)
    name = sys.argv[1]
    steps: Mapping[str, Callable[[], None]] = importlib.import_module(name).STEPS
    for n_done, (title, run) in enumerate(steps.items()):
        _say(n_done, len(steps), title)
        run()
    mark_kernels_ready(name)
    _say(len(steps), len(steps), "")


def _say(n_done: int, n_steps: int, title: str) -> None:
    print(json.dumps({"n_done": n_done, "n_steps": n_steps, "title": title}), flush=True)  # noqa: T201 to the parent
