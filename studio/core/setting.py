"""Keeps the settings: one JSON file with a version number, read once; what changed here is merged into it."""

import copy
import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.listener import Listeners
from studio.core.option import SETTINGS, Option, is_number
from studio.core.translation import N_

log = logging.getLogger(__name__)

T = TypeVar("T")
Migration = Callable[[dict[str, Any]], dict[str, Any]]

FILE_NAME: Final = "settings.json"
MAX_RECENT: Final = 12
MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""The function at place n turns a file of version n + 1 into one of version n + 2."""
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

    Several processes may share the file: each writes what it changed itself, and of lists of recent things what it
    put there. A file that cannot be read is left alone until then, and then kept with ".broken" at the end of its
    name. One of a newer program is never written.

    Attributes:
        note: a sentence for the person when the file could not be read or is not written, else empty.
    """

    def __init__(self, path: Path | None = None, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        """Read the file at `path`; a missing one means defaults, no path means that nothing is ever kept."""
        self.note = ""
        self._path = path
        self._migrations = migrations
        self._version = len(migrations) + 1
        self._changed: Listeners[[str]] = Listeners()
        self._dirty: set[tuple[str, str]] = set()  # (family, name); the family is "" for an option
        self._pushed: dict[str, list[str]] = {}
        data = self._read() or {}
        self._is_read_only = _version_of(data) > self._version
        if self._is_read_only:
            self.note = N_("The settings come from a newer version: they are used, but changes are not saved.")
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
            self._pushed.pop(option.key, None)
            self._note_change("", option.key)

    def reset(self, option: Option[Any]) -> None:
        """Go back to the default."""
        self.set(option, option.default)

    def push_recent(self, option: Option[list[str]], entry: str) -> None:
        """Put `entry` at the head of a list of recent things, which has at most MAX_RECENT."""
        pushed, known = self._pushed.get(option.key, []), self.get(option)
        self.set(option, _with_recent(known, [entry]))
        self._pushed[option.key] = _with_recent(pushed, [entry])

    def section(self, family_id: str) -> Section:
        """Return the part of a family; it lasts as long as these settings."""
        values = self._sections.setdefault(family_id, {})
        return Section(values, lambda name: self._note_change(family_id, name))

    def on_change(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(key)` at each change ("theme", "vae.model"); returns a function that ends this."""
        return self._changed.add(listener)

    def forget_listeners(self) -> None:
        """Tell nobody any more who listens now: they are gone, or about to go."""
        self._changed.clear()

    def save(self) -> None:
        """Merge what changed here into the file; raises UserError where the disk refuses."""
        if self._path is None or not self._dirty or self._is_read_only:
            return
        try:
            with locked(self._path):
                write_object(self._path, self._merged(self._read()))
        except OSError as error:
            log.warning("the settings were not saved: %s", error)
            raise UserError(
                N_("The settings could not be saved."),
                N_("Is the disk full, or the folder {folder} read-only?").format(folder=self._path.parent),
            ) from error
        self._dirty, self._pushed = set(), {}

    def _merged(self, data: dict[str, Any] | None) -> dict[str, Any]:
        """What the file holds, with what changed here; all that is here where it holds nothing."""
        if data is None:
            if self._path is not None:
                set_aside(self._path)
            return {"version": self._version, "values": self._values, "families": self._sections}
        values, families = dict(_mapping(data, "values")), dict(_mapping(data, "families"))
        for family, name in self._dirty:
            if family:
                known = families.get(family)
                families[family] = {**(known if isinstance(known, dict) else {}), name: self._sections[family][name]}
            elif name in self._pushed and isinstance(values.get(name, []), list):
                values[name] = _with_recent(values.get(name, []), self._pushed[name])
            else:
                values[name] = self._values[name]
        return data | {"version": self._version, "values": values, "families": families}

    def _note_change(self, family: str, name: str) -> None:
        self._dirty.add((family, name))
        self._changed.notify(f"{family}.{name}" if family else name)

    def _read(self) -> dict[str, Any] | None:
        """What the file holds, as this version has it; None where there is none, or it cannot be read."""
        if self._path is None or not self._path.exists():
            return None
        try:
            data = read_object(self._path)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("the settings in %s cannot be read: %s", self._path, error)
            self.note = N_("The settings could not be read, so the defaults are used.")
            return None
        for migration in self._migrations[_version_of(data) - 1 :]:
            data = migration(data)
        return data


def _version_of(data: Mapping[str, Any]) -> int:
    version = data.get("version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        log.warning("the settings have no version; they are read as the first")
        return 1
    return version


def _with_recent(known: Sequence[Any], newest: Sequence[str]) -> list[Any]:
    return [*newest, *(old for old in known if old not in newest)][:MAX_RECENT]


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
