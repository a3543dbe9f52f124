"""What was open, and where its controls stood: kept while the program runs, so that a crash loses little."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from studio.commands.track import KeptRun
from studio.core.atomic import atomic_write

log = logging.getLogger(__name__)

FILE_NAME = "session.json"
MAX_FILE_BYTES = 8 << 20
VERSION = 1
_RUN_ID = re.compile(r"[0-9a-f]{1,64}")  # it is the name of a file


@dataclass(frozen=True)
class TabMemory:
    """One tab: its model, the parameters and the state of its panel as plain JSON values, and its finished runs."""

    model_id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[KeptRun, ...] = ()


@dataclass(frozen=True)
class Session:
    """The open tabs from left to right.

    Attributes:
        front: place of the tab in front, -1 for Home.
        is_closed: whether the program ended as it should; False means that it crashed or still runs.
    """

    tabs: tuple[TabMemory, ...] = ()
    front: int = -1
    is_closed: bool = True


def read_session(path: Path) -> Session:
    """Read the last session; an unreadable file is an empty session and a warning in the log."""
    if not path.exists():
        return Session()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("too large")
        data = json.loads(path.read_text("utf-8"))
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']}")
        tabs = tuple(_tab(entry) for entry in data["tabs"])
        return Session(tabs, int(data["front"]), bool(data["is_closed"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        log.warning("the last session in %s is not used: %s", path, error)
        return Session()


def _tab(entry: Any) -> TabMemory:
    model_id, params, state = entry["model_id"], entry["params"], entry["state"]
    if not isinstance(model_id, str) or not isinstance(params, dict) or not isinstance(state, dict):
        raise TypeError("a tab of the wrong kind")
    return TabMemory(model_id, params, state, tuple(_run(run) for run in entry.get("runs", ())))


def _run(entry: Any) -> KeptRun:
    run = KeptRun(**{name: entry[name] for name in KeptRun.__annotations__})
    flags = run.is_named, run.is_hidden, run.is_pinned, run.is_current
    if not _RUN_ID.fullmatch(run.id) or not isinstance(run.name, str) or {type(flag) for flag in flags} != {bool}:
        raise TypeError("a run of the wrong kind")
    return run


def write_session(path: Path, session: Session) -> None:
    """Write the session as a whole.

    Raises UserError where the disk refuses, and ValueError where a panel's state is not plain JSON.
    """
    text = json.dumps({"version": VERSION, **asdict(session)}, ensure_ascii=False, allow_nan=False)
    atomic_write(path, text.encode())
