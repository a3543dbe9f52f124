"""What was open, and where its controls stood: kept while the program runs, so that a crash loses little."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from studio.core.atomic import atomic_write

log = logging.getLogger(__name__)

FILE_NAME = "session.json"
MAX_FILE_BYTES = 8 << 20
VERSION = 1


@dataclass(frozen=True)
class TabMemory:
    """One tab: its model, the parameters and the state of its panel as plain JSON values."""

    model_id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


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
    return TabMemory(model_id, params, state)


def write_session(path: Path, session: Session) -> None:
    """Write the session as a whole.

    Raises UserError where the disk refuses, and ValueError where a panel's state is not plain JSON.
    """
    text = json.dumps({"version": VERSION, **asdict(session)}, ensure_ascii=False, allow_nan=False)
    atomic_write(path, text.encode())
