"""What is presented: prepared states with their words and controls, and how; kept in a file."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.api.family import Showing
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.registry.family import FoundFamily
from studio.shell.session.session import TabMemory

log = logging.getLogger(__name__)

FILE_NAME: Final = "present.json"
MAX_FILE_BYTES: Final = 8 << 20
MAX_SHOWS: Final = 40
MAX_CONTROLS: Final = 5
VERSION: Final = 1
IDLE_S: Final = (10, 3600)


@dataclass(frozen=True)
class Show:
    """One prepared state of one model, with its words and controls."""

    memory: TabMemory
    showing: Showing


@dataclass(frozen=True)
class Preparation:
    """How a person wants to present.

    Attributes:
        idle_s: after so many seconds without a touch everything returns to its start, within `IDLE_S`.
        exit_key: the key that leaves, as Qt writes it; empty where only a long press does.
        showings: the words and controls that the person chose for models, by their ids.
        playlist: the prepared states; none where those are shown that came along.
    """

    idle_s: int = 60
    exit_key: str = "Esc"
    showings: Mapping[str, Showing] = field(default_factory=dict)
    playlist: tuple[Show, ...] = ()

    def showing_of(self, found: FoundFamily, source: ModelSource, title: str) -> Showing:
        """The words and controls of a model: the person's, those of its kind, or title and family."""
        known = self.showings.get(source.id) or found.manifest.kind_of(source.card).showing_of(source.id)
        return known or Showing(title, found.manifest.summary)

    def shows(self, catalog: Catalog) -> tuple[Show, ...]:
        """The playlist: the person's, or the first model of every family in the order of Home."""
        return self.playlist or tuple(self._shipped(catalog))

    def _shipped(self, catalog: Catalog) -> Iterator[Show]:
        for found in catalog.families:
            if found.family is None:
                continue
            try:
                model = catalog.find_model(found.manifest.default_model)
            except UserError as error:
                log.info("a family is left out of the playlist: %s", error)
                continue
            yield Show(TabMemory(model.id), self.showing_of(found, model.source, model.title))


def read_preparation(path: Path) -> Preparation:
    """Read how to present; a file that cannot be used counts as none, with a warning in the log."""
    if not path.exists():
        return Preparation()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("too large")
        return _preparation(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        log.warning("what was prepared to be presented in %s is not used: %s", path, error)
        return Preparation()


def write_preparation(path: Path, preparation: Preparation) -> None:
    """Write it as a whole; raises UserError where the disk refuses."""
    text = json.dumps({"version": VERSION, **asdict(preparation)}, ensure_ascii=False, allow_nan=False)
    atomic_write(path, text.encode())


def _preparation(data: Mapping[str, Any]) -> Preparation:
    if data["version"] != VERSION:
        raise ValueError(f"version {data['version']}")
    idle_s, exit_key = data["idle_s"], data["exit_key"]
    if type(idle_s) is not int or not IDLE_S[0] <= idle_s <= IDLE_S[1] or type(exit_key) is not str:
        raise ValueError("a time or a key of the wrong kind")
    showings = {str(name): _showing(entry) for name, entry in data["showings"].items()}
    return Preparation(idle_s, exit_key, showings, tuple(_show(entry) for entry in data["playlist"][:MAX_SHOWS]))


def _show(entry: Mapping[str, Any]) -> Show:
    memory = entry["memory"]
    model_id, params, state = memory["model_id"], memory["params"], memory["state"]
    if type(model_id) is not str or type(params) is not dict or type(state) is not dict:
        raise TypeError("a prepared state of the wrong kind")
    return Show(TabMemory(model_id, params, state), _showing(entry["showing"]))


def _showing(entry: Mapping[str, Any]) -> Showing:
    words = (entry["title"], entry["text"], entry["moves"], *entry["controls"])
    if {type(word) for word in words} != {str}:
        raise TypeError("words of the wrong kind")
    return Showing(entry["title"], entry["text"], tuple(entry["controls"][:MAX_CONTROLS]), entry["moves"])
