"""What PySide6 wants to know of every import is answered the same without keeping sources."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITH_QT = "from PySide6.QtCore import QObject\n\ndef name():\n    return QObject().objectName()\n"
SNAKES = "from PySide6.QtCore import QObject\nfrom __feature__ import snake_case\nNAME = QObject().object_name()\n"
SCRIPT = """
import linecache, sys
sys.path.insert(0, {folder!r})
{first}
import PySide6.QtCore, with_qt, with_snakes, without, no_source
from shibokensupport import feature
assert with_snakes.NAME == with_qt.name() == ""
names = "with_qt", "with_snakes", "without", "no_source", "math"
import math
print([feature.pyside_feature_dict.get(name) for name in names])
print(sorted(name for name in linecache.cache if {folder!r} in name))
"""
SPARING = "from studio.widgets.import_cost import spare_sources; spare_sources(); spare_sources()"


def _asked(folder: Path, first: str) -> list[str]:
    (folder / "with_qt.py").write_text(WITH_QT)
    (folder / "with_snakes.py").write_text(SNAKES)
    (folder / "without.py").write_text("text = 1\n")
    (folder / "no_source").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(folder=os.fspath(folder), first=first)],
        env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_answers_are_those_of_pyside_and_no_source_is_kept(tmp_path: Path) -> None:
    answers, kept = _asked(tmp_path, "")
    assert _asked(tmp_path, SPARING) == [answers, "[]"]
    assert "with_qt.py" in kept  # or the question is not asked any more, and this module has nothing to do


@pytest.mark.long("starts processes of its own")
def test_window_keeps_no_source() -> None:
    code = f"{SPARING}; import studio.app, linecache; print(sum('studio' in name for name in linecache.cache))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
