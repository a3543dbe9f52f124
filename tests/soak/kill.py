"""Kills a process at random moments of its work and looks at what it leaves: python -m tests.soak.kill --times 50

Prints a Markdown table: what was done, how often it was killed, how often something was lost or broken.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.compute.checkpoint import load_checkpoint
from studio.core.setting import Settings
from studio.shell.session.session import read_session
from tests.compute.test_training_failure import KILLED as TRAINING
from tests.render.export.test_formats import KILLED as EXPORT
from tests.soak.work import WORKING, workspace_problem

ROOT: Final = Path(__file__).parents[2]
LONGEST_S: Final = 1.0
SAVING: Final = """
import sys
from pathlib import Path
from studio.core.setting import Settings
from studio.shell.session.session import Session, TabMemory, write_session
folder = Path(sys.argv[1])
settings = Settings(folder / "settings.json")
first = settings.section("soak").get("n", 0)
for n in range(first + 1, 10**9):
    settings.section("soak").set("n", n)
    settings.section("soak").set("text", f"{n} " * 2000)
    settings.save()
    write_session(folder / "session.json", Session((), -1, False))
    print("at work", flush=True)
"""
COMPILING: Final = """
import sys
import numpy as np
from tests.soak.kernels import total
print("at work", flush=True)
assert total(np.arange(100.0)) == 4950.0
print("compiled", flush=True)
"""


@dataclass(frozen=True)
class Deed:
    """What is killed.

    Attributes:
        code: run by Python with a folder, or a file in it, as its argument; it prints a line once it is at work.
        file: the argument, relative to the folder.
        first: what that file holds before.
        longest_s: until when it is killed after it began its work.
        problem: of a folder: a sentence about what is broken or lost, else empty.
    """

    code: str
    problem: Callable[[Path], str]
    arguments: tuple[str, ...] = ()
    file: str = "."
    first: bytes | None = None
    longest_s: float = LONGEST_S


def settings_problem(folder: Path) -> str:
    """Settings and session are whole, and the two values of the settings are of one save."""
    settings = Settings(folder / "settings.json")
    text, n = settings.section("soak").get("text", ""), settings.section("soak").get("n", 0)
    if settings.note or text != f"{n} " * 2000:
        return settings.note or "half of a save"
    read_session(folder / "session.json")
    return "set aside" if list(folder.glob("*.broken")) else ""


def training_problem(folder: Path) -> str:
    """There is no checkpoint yet, or one that can be gone on from."""
    path = folder / "c"
    return "" if not path.exists() or load_checkpoint(path)["step"] > 0 else "no step in the checkpoint"


def export_problem(folder: Path) -> str:
    """The old file is there."""
    return "" if (folder / "a.gif").read_bytes() == b"old" else "neither the old file nor the whole new one"


def compile_problem(folder: Path) -> str:
    """What was kept of compiled code works, or is made anew."""
    done = subprocess.run(
        _command(COMPILING, folder), cwd=ROOT, env=_environment(folder), capture_output=True, check=False
    )
    return "" if done.returncode == 0 else done.stderr.decode()[-300:]


DEEDS: Final = {
    "training": Deed(TRAINING, training_problem, file="c"),
    "export": Deed(EXPORT, export_problem, ("gif",), file="a.gif", first=b"old"),
    "settings and session": Deed(SAVING, settings_problem),
    "workspace and session": Deed(WORKING, workspace_problem, longest_s=15.0),
    "compiling": Deed(COMPILING, compile_problem),
}


def kill(deed: Deed, folder: Path, moment_s: float) -> str:
    """Kill it so long after it began its work; returns what is the matter with what is left."""
    path = folder / deed.file
    if deed.first is not None:
        path.write_bytes(deed.first)
    child = subprocess.Popen(
        _command(deed.code, *deed.arguments, path), cwd=ROOT, env=_environment(folder), stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout:
        if not child.stdout.readline():
            return "it never began its work"
        ends = time.monotonic() + moment_s
        while time.monotonic() < ends and child.poll() is None:
            os.sched_yield()
        child.send_signal(signal.SIGKILL)
        child.wait()
    return deed.problem(folder)


def _command(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "NUMBA_CACHE_DIR": str(folder / "kernels")}


def main() -> int:
    """Kill everything so often; the status is 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    chance, n_bad = random.Random(0), 0
    print("| what is killed | killed | lost or broken |\n|---|---:|---:|")
    for name, deed in DEEDS.items():
        with tempfile.TemporaryDirectory() as folder:
            problems = [kill(deed, Path(folder), chance.uniform(0, deed.longest_s)) for _ in range(options.times)]
        bad = [problem for problem in problems if problem]
        n_bad += len(bad)
        print(f"| {name} | {options.times} | {len(bad)} |", *bad[:3], flush=True)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
