"""Keeps the settings: one JSON file with a version number, read once and written as a whole."""

import copy
import json
import logging
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from studio.core.error import UserError
from studio.core.listener import Listeners
from studio.core.option import SETTINGS, Option, is_number
from studio.core.translation import N_

log = logging.getLogger(__name__)

T = TypeVar("T")
Migration = Callable[[dict[str, Any]], dict[str, Any]]

FILE_NAME: Final = "settings.json"
MAX_FILE_BYTES: Final = 8 * 2**20
MAX_RECENT: Final = 12
MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""The function at place n turns a file of version n + 1 into one of version n + 2."""


class Section:
    """The part of the settings that belongs to one family: any JSON values, by name."""

    def __init__(self, values: dict[str, Any], changed: Callable[[str], None]) -> None:
        self._values = values
        self._changed = changed

    def get(self, name: str, default: T) -> T:
        """Return a copy of the value, or `default` where there is none of the same type."""
        value = self._values.get(name, default)
        if isinstance(default, float) and is_number(value):
            value = float(value)
        if not isinstance(value, type(default)):
            log.warning("%s in the settings cannot be %.60r; the default is used", name, value)
            return default
        return copy.deepcopy(value)

    def set(self, name: str, value: Any) -> None:
        """Remember a value; raises TypeError or ValueError where JSON cannot hold it."""
        plain = json.loads(json.dumps(value, allow_nan=False))
        if name not in self._values or self._values[name] != plain:
            self._values[name] = plain
            self._changed(name)


class Settings:
    """The values of all options. Main thread only; `save` writes the file, nothing else does.

    A file that cannot be read is left alone until then, and then kept with ".broken" at the end of its name.

    Attributes:
        note: a sentence for the person when the file could not be read, else empty.
    """

    def __init__(self, path: Path | None = None, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        """Read the file at `path`; a missing one means defaults, no path means that nothing is ever kept."""
        self.note = ""
        self._is_file_broken = False
        self._path = path
        self._version = len(migrations) + 1
        self._changed: Listeners[[str]] = Listeners()
        self._is_dirty = False
        data = self._migrated(self._read(), migrations)
        self._rest = {name: data[name] for name in data if name not in ("version", "values", "families")}
        self._sections = {name: part for name, part in _mapping(data, "families").items() if isinstance(part, dict)}
        self._values = _checked(_mapping(data, "values"))

    def get(self, option: Option[T]) -> T:
        """Return the value of an option; lists and tables are copies."""
        value: T = copy.deepcopy(self._values.get(option.key, option.default))
        return value

    def set(self, option: Option[T], value: T) -> None:
        """Change an option; raises ValueError where the value does not fit. An equal value is no change."""
        checked = copy.deepcopy(option.checked(value))
        if self.get(option) != checked:
            self._values[option.key] = checked
            self._note_change(option.key)

    def reset(self, option: Option[Any]) -> None:
        """Go back to the default."""
        self.set(option, option.default)

    def push_recent(self, option: Option[list[str]], entry: str) -> None:
        """Put `entry` at the head of a list of recent things, which has at most MAX_RECENT."""
        self.set(option, [entry, *(old for old in self.get(option) if old != entry)][:MAX_RECENT])

    def section(self, family_id: str) -> Section:
        """Return the part of a family; it lasts as long as these settings."""
        values = self._sections.setdefault(family_id, {})
        return Section(values, lambda name: self._note_change(f"{family_id}.{name}"))

    def on_change(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(key)` at each change ("theme", "vae.model"); returns a function that ends this."""
        return self._changed.add(listener)

    def save(self) -> None:
        """Write the file as a whole, if something changed; raises UserError where the disk refuses."""
        if self._path is None or not self._is_dirty:
            return
        data = self._rest | {"version": self._version, "values": self._values, "families": self._sections}
        try:
            if self._is_file_broken:
                self._path.replace(self._path.with_name(self._path.name + ".broken"))
                self._is_file_broken = False
            _write_whole(self._path, json.dumps(data, indent=1))
        except OSError as error:
            log.warning("the settings were not saved: %s", error)
            raise UserError(
                N_("The settings could not be saved."),
                N_("Is the disk full, or the folder {folder} read-only?").format(folder=self._path.parent),
            ) from error
        self._is_dirty = False

    def _note_change(self, key: str) -> None:
        self._is_dirty = True
        self._changed.notify(key)

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.exists():
            return {"version": self._version}
        try:
            return _read_object(self._path)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("the settings in %s cannot be read: %s", self._path, error)
            self._is_file_broken = True
            self.note = N_("The settings could not be read, so the usual ones are used.")
            return {"version": self._version}

    def _migrated(self, data: dict[str, Any], migrations: Sequence[Migration]) -> dict[str, Any]:
        version = data.get("version")
        if not isinstance(version, int) or version < 1:
            log.warning("the settings have no version; they are read as the first")
            version = 1
        for migration in migrations[version - 1 :]:
            data = migration(data)
        self._version = max(self._version, version)  # a newer program may read its own file again
        return data


def _mapping(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name, {})
    if not isinstance(part, dict):
        log.warning("the part %s of the settings is not used: it is no table", name)
        return {}
    return part


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that do not fit; unknown ones are kept for other versions."""
    options = {option.key: option for option in SETTINGS}
    kept = {}
    for key, value in values.items():
        try:
            kept[key] = options[key].checked(value) if key in options else value
        except ValueError as error:
            log.warning("a setting is not used: %s", error)
    return kept


def _read_object(path: Path) -> dict[str, Any]:
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


def _write_whole(path: Path, text: str) -> None:
    """Write beside the file and swap, so that a crash leaves the old file or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
