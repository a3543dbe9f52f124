"""Sends a person to the real program: each visit is a fresh process with settings of its own."""

import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from studio.compute.kernel_cache import FOLDER_VARIABLE, kernel_dir
from studio.core.place import DATA_VARIABLE, HOME_VARIABLE
from tests.bench.display import screen
from tests.bench.statistic import median_of
from tests.bench.suite import Figure, UnmeasuredError, once

ROOT = Path(__file__).parents[2]
LIMIT_S = 600


@once
def visit(scenario: str, number: int = 0) -> dict[str, Any]:
    """Run a scenario of tests/bench/scenario.py; returns what it measured, and `start_s`, how long the window took.

    Raises UnmeasuredError where it could not be run.
    """
    environment, _ = screen()
    with tempfile.TemporaryDirectory() as home:
        environment = {**environment, HOME_VARIABLE: home, FOLDER_VARIABLE: os.fspath(kernel_dir())}
        environment.pop(DATA_VARIABLE, None)
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):  # nobody's program compiles its sources at each start
            environment["PYTHONPYCACHEPREFIX"] = _bytecode().name
        environment["PYTHONFAULTHANDLER"] = "1"  # a crash says where it came from
        command = [sys.executable, "-m", "tests.bench.child", scenario]
        started = time.monotonic()
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        said = done.stderr.splitlines() or ["no output"]
        crash = [line for line in said if line.startswith(("Fatal", "  File"))][:12]
        raise UnmeasuredError(f"the program ended with status {done.returncode}: {' '.join(crash) or said[-1]}")
    result: dict[str, Any] = json.loads(lines[-1])
    if "reason" in result:
        raise UnmeasuredError(str(result["reason"]))
    return {**result, "start_s": result["painted_at"] - started}


@functools.cache
def _bytecode() -> tempfile.TemporaryDirectory[str]:
    """Where the program of all visits keeps what is compiled of its sources."""
    return tempfile.TemporaryDirectory()


def median(scenario: str, key: str, n_visits: int, note: str) -> Figure:
    """The median of a figure over several visits; a first one that is not counted fills the file cache."""
    if n_visits > 1:
        visit(scenario, 0)
    found = [visit(scenario, number)[key] for number in range(1, n_visits + 1)]
    return median_of(found, note=f"median of {n_visits}, {note}")


def where() -> str:
    """What the window was shown on."""
    return screen()[1]
