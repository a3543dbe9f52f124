"""What systems say about motion, by programs of their names that answer as they do."""

import sys
from pathlib import Path

import pytest

from studio.shell.session.motion_choice import wants_less_motion


@pytest.mark.skipif(sys.platform == "win32", reason="asks Windows itself")
@pytest.mark.parametrize(
    ("system", "program", "answer", "expected"),
    [
        ("linux", "gsettings", "echo false", True),
        ("linux", "gsettings", "echo true", False),
        ("linux", "gsettings", "echo No such schema >&2; exit 1", False),
        ("linux", "other", "echo false", False),
        ("darwin", "defaults", "echo 1", True),
        ("darwin", "defaults", "echo 0", False),
        ("haiku", "gsettings", "echo false", False),
    ],
)
def test_less_motion_is_wanted_where_the_system_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, program: str, answer: str, expected: bool
) -> None:
    (tmp_path / program).write_text(f"#!/bin/sh\n{answer}\n")
    (tmp_path / program).chmod(0o755)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert wants_less_motion() is expected
