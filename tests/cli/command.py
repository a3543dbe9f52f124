"""Runs the command line as a person does: in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.core.place import HOME_VARIABLE
from tests.registry.conftest import allow_families

ROOT = Path(__file__).parents[2]
WAIT_S = 300


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence of a failure; fails the test where there is anything else."""
        assert self.status == 1, self
        assert self.out == "", self
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self
        assert "Traceback" not in self.err, self
        return self.err.strip()


def environment(home: Path) -> dict[str, str]:
    """The environment of a command whose settings and data lie in `home`; no display is used."""
    return {**os.environ, HOME_VARIABLE: str(home), "QT_QPA_PLATFORM": "offscreen"}


def run(home: Path, *words: str, cwd: Path = ROOT, more: Mapping[str, str] | None = None) -> Outcome:
    """Run `main.py WORDS`."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        env=environment(home) | dict(more or {}),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=WAIT_S,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


MANY = """
import contextlib, io, json, sys
from studio.cli.main import main
outcomes = []
for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(words)
        except SystemExit as left:
            status = left.code
    outcomes.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(outcomes))
"""


def run_many(home: Path, commands: Sequence[Sequence[str]], cwd: Path = ROOT) -> list[Outcome]:
    """Run many commands in one process, one after the other: a process with torch takes seconds to start."""
    done = subprocess.run(
        [sys.executable, "-c", MANY],
        env=environment(home) | {"PYTHONPATH": str(ROOT)},
        cwd=cwd,
        input=json.dumps(commands),
        capture_output=True,
        encoding="utf-8",
        timeout=4 * WAIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Outcome(*outcome) for outcome in json.loads(done.stdout)]


def install_waves(home: Path) -> None:
    """Give the person at `home` a family of their own: waves, which need no torch."""
    shutil.copytree(ROOT / "tests" / "fixtures" / "families" / "good", home / "data" / "plugins" / "good")
    allow_families(home)
