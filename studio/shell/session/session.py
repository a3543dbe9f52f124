"""What was open, and where its controls stood: kept while the program runs, so that a crash loses little."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from studio.commands.track import MAX_NAME_LENGTH, KeptRun
from studio.core.atomic import atomic_write
from studio.core.container.workspace_file import RUN_ID

log = logging.getLogger(__name__)

FILE_NAME = "session.json"
MAX_FILE_BYTES = 8 << 20
VERSION = 1


@dataclass(frozen=True)
class Bookmark:
    """A place in a model that a person gave a name: the parameters and the state of its panel as plain values."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TabMemory:
    """One tab: its model, the parameters and the state of its panel as plain JSON values, and its finished runs.

    Attributes:
        title: what the model is called.
        bookmarks: the places that a person gave a name.
        is_listed: whether it is one of the models here; the id of one from a file elsewhere may be that of another.
    """

    model_id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[KeptRun, ...] = ()
    title: str = ""
    is_listed: bool = True
    bookmarks: tuple[Bookmark, ...] = ()


@runtime_checkable
class KeptPage(Protocol):
    """A page of the window that comes back."""

    def memory(self) -> TabMemory:
        """What has to be kept to come back here."""


@dataclass(frozen=True)
class Session:
    """The open tabs from left to right.

    Attributes:
        front: place of the tab in front, -1 for Home.
        is_closed: whether the program ended as it should; False means that it crashed or still runs.
        workspace: the file that they were saved to or opened from, else empty.
        is_changed: whether something is not in that file yet.
    """

    tabs: tuple[TabMemory, ...] = ()
    front: int = -1
    is_closed: bool = True
    workspace: str = ""
    is_changed: bool = False


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
        tabs = tuple(tab_from_json(entry) for entry in data["tabs"])
        workspace, is_changed = str(data.get("workspace", "")), bool(data.get("is_changed", False))
        return Session(tabs, int(data["front"]), bool(data["is_closed"]), workspace, is_changed)
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        log.warning("the last session in %s is not used: %s", path, error)
        return Session()


def tab_from_json(entry: Any) -> TabMemory:
    """Return what parsed JSON says of a tab; raises KeyError or TypeError where it is none."""
    model_id, params, state = entry["model_id"], entry["params"], entry["state"]
    if not isinstance(model_id, str) or not isinstance(params, dict) or not isinstance(state, dict):
        raise TypeError("a tab of the wrong kind")
    runs, bookmarks = tuple(map(_run, entry.get("runs", ()))), tuple(map(_bookmark, entry.get("bookmarks", ())))
    title, is_listed = str(entry.get("title", "")), bool(entry.get("is_listed", True))
    return TabMemory(model_id, params, state, runs, title, is_listed, bookmarks)


def _bookmark(entry: Any) -> Bookmark:
    params, state = entry["params"], entry["state"]
    if not isinstance(params, dict) or not isinstance(state, dict):
        raise TypeError("a bookmark of the wrong kind")
    return Bookmark(str(entry["name"])[:MAX_NAME_LENGTH], params, state)


def _run(entry: Any) -> KeptRun:
    run = KeptRun(**{name: entry[name] for name in KeptRun.__annotations__})
    flags = run.is_named, run.is_hidden, run.is_pinned, run.is_current
    if not RUN_ID.fullmatch(run.id) or not isinstance(run.name, str) or {type(flag) for flag in flags} != {bool}:
        raise TypeError("a run of the wrong kind")
    return run


def write_session(path: Path, session: Session) -> None:
    """Write the session as a whole.

    Raises UserError where the disk refuses, and ValueError where a panel's state is not plain JSON.
    """
    text = json.dumps({"version": VERSION, **asdict(session)}, ensure_ascii=False, allow_nan=False)
    atomic_write(path, text.encode())
