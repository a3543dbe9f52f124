"""Reads and writes a JSON file that several processes may change at the same time."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from studio.core.atomic import atomic_write
from studio.core.error import UserError

MAX_FILE_BYTES: Final = 8 * 2**20
LOCK_WAIT_S: Final = 3.0


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process changes the file, and keep them out meanwhile; raises OSError where that fails."""
    from filelock import FileLock, Timeout  # twenty modules, which the start of the window does without

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_name(path.name + ".lock"), timeout=LOCK_WAIT_S):
            yield
    except Timeout as error:
        raise OSError(f"another process holds {path.name}") from error


def read_object(path: Path) -> dict[str, Any]:
    """The object in the file; raises OSError or ValueError where there is none, or it holds what JSON cannot."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"larger than {MAX_FILE_BYTES:,} bytes")
    data = json.loads(path.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite)
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    return data


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(f"{text} is no number")
    return float(text)


def write_object(path: Path, data: dict[str, Any]) -> None:
    """Write the file as a whole; raises OSError where the disk refuses."""
    try:
        atomic_write(path, json.dumps(data, indent=1).encode())
    except UserError as error:
        raise OSError(str(error)) from error


def set_aside(path: Path) -> None:
    """Keep what cannot be read, with ".broken" at the end of its name."""
    if path.exists():
        path.replace(path.with_name(path.name + ".broken"))
