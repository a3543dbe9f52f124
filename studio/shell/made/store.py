"""Remembers the files that were exported: two small files for each, what it is and how it looks."""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from studio.core.atomic import atomic_write
from studio.core.container.json_text import parse_json
from studio.core.container.metadata import MAX_TEXT_BYTES, check_metadata
from studio.core.error import UserError

log = logging.getLogger(__name__)

MAX_MADE: Final = 1000
_MAX_BYTES: Final = MAX_TEXT_BYTES + (64 << 10)
_MAX_PICTURE_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Made:
    """One exported file.

    Attributes:
        id: the name under which it is remembered; later ones sort behind earlier ones.
        made_from: its model, seed, parameters and state.
        thumbnail: a PNG, empty where there is nothing to see.
    """

    id: str
    path: Path
    made_from: Mapping[str, Any] = field(default_factory=dict)
    thumbnail: bytes = b""

    @property
    def model_id(self) -> str:
        """The model that made it."""
        return str(self.made_from["model"])

    @property
    def words(self) -> str:
        """All that a search looks through, in small letters."""
        texts = [text for text in self.made_from.get("params", {}).values() if isinstance(text, str)]
        return " ".join([self.path.name, str(self.path.parent), self.model_id, *texts]).lower()


class MadeStore:
    """The newest thousand; on the Worker only, since the disk may take a moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, path: Path, made_from: Mapping[str, Any], thumbnail: bytes) -> None:
        """Remember a file, in place of an older one with its name; raises UserError where the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        known = self.all()
        for old in known:
            if old.path == path:
                self.forget(old)
        n = 1 + max((int(one.id.partition("-")[0]) for one in known), default=0)
        name = f"{n:08d}-{secrets.token_hex(4)}"
        if thumbnail:
            atomic_write(self._folder / f"{name}.png", thumbnail)
        text = json.dumps({"path": str(path), "made_from": dict(made_from)}, allow_nan=False)
        atomic_write(self._folder / f"{name}.json", text.encode("ascii"))
        for old in known[MAX_MADE - 1 :]:
            self.forget(old)

    def all(self) -> list[Made]:
        """All that are remembered, the newest first; what cannot be read is left out."""
        paths = sorted(self._folder.glob("[0-9]*-*.json"), reverse=True)
        return [made for path in paths if (made := _read(path)) is not None]

    def forget(self, made: Made) -> None:
        """Remember a file no longer; the file itself stays."""
        for suffix in (".json", ".png"):
            (self._folder / f"{made.id}{suffix}").unlink(missing_ok=True)


def _read(path: Path) -> Made | None:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("too large")
        values = parse_json(path.read_bytes(), _MAX_BYTES)
        if not isinstance(values["made_from"], dict):
            raise TypeError("nothing that made it")
        check_metadata(values["made_from"])
        int(path.stem.partition("-")[0])
        picture = path.with_suffix(".png")
        is_shown = picture.exists() and picture.stat().st_size <= _MAX_PICTURE_BYTES
        thumbnail = picture.read_bytes() if is_shown else b""
        return Made(path.stem, Path(str(values["path"])), values["made_from"], thumbnail)
    except (OSError, ValueError, TypeError, KeyError, UserError) as error:
        log.info("an export is not remembered any more: %s", error)
        return None
