"""Lists the families that are there; one that fails stays in the list with its error."""

import importlib
import importlib.resources
import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from studio.api.family import Example, Family, Kind, Tab
from studio.core.error import UserError
from studio.core.path.position import RULES
from studio.core.translation import N_, language
from studio.registry.place import Place

log = logging.getLogger(__name__)

_ID = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"[\w.]+:\w+")


@dataclass(frozen=True)
class FoundFamily:
    """A family, or what is known of one that could not be loaded.

    Attributes:
        id: the family's id; of a broken one the name of its folder or entry point.
        family: its manifest, None where it failed.
        error: one plain sentence, None where all is well.
        details: the traceback of a failed import, to be copied.
        is_waiting: whether nobody has allowed it to run yet; nothing of it was imported then.
        place: where it was found.
        folder: the folder of its files, None where it failed.
    """

    id: str
    family: Family | None
    error: str | None
    place: Place
    folder: Path | None = None
    details: str = ""
    is_waiting: bool = False

    @property
    def manifest(self) -> Family:
        """The family of a working one; asking a broken one is a mistake."""
        assert self.family is not None, self.error
        return self.family

    @property
    def origin(self) -> str:
        """Where it was found, in plain words."""
        return self.place.origin

    @property
    def package(self) -> str:
        """The import name that its relative names refer to."""
        return self.place.package

    def load(self, name: str) -> Any:
        """Import "module:Name" relative to the family's package; may raise whatever the module raises."""
        return load_from(self.package, name)

    def file(self, name: str) -> Path | None:
        """Return the path of the family's file `name` ("guide.md"), None where there is none."""
        path = self.folder / name if self.folder and name else None
        return path if path is not None and path.is_file() else None

    def page(self, name: str) -> Path | None:
        """The path of a page ("guide.md") in the language that is spoken ("guide.de.md"), or as it is where none is."""
        spoken = self.file(str(Path(name).with_suffix(f".{language()}.md"))) if name else None
        return spoken or self.file(name)

    def explained(self) -> str:
        """All that the family's guide and its reference say."""
        paths = (self.file(name) for name in (self.manifest.guide, self.manifest.reference))
        return "\n".join(path.read_text("utf-8") for path in paths if path is not None)


def load_from(package: str, name: str) -> Any:
    """Import "module:Name" relative to a package; may raise whatever the module raises."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(f"{package}.{module}"), attribute)


def find_families(
    places: Iterable[Place], is_allowed: Callable[[Place], bool] = lambda place: True
) -> list[FoundFamily]:
    """Import the manifests; working families come first, by their order, then broken and waiting ones by name.

    Of two families with one id the first found is kept; the other is listed with an error.

    Args:
        is_allowed: whether the code in a place may run.
    """
    found: dict[str, FoundFamily] = {}
    broken: list[FoundFamily] = []
    for place in places:
        family = _found(place) if is_allowed(place) else _waiting(place)
        if family.error is None and family.id in found:
            family = _failed(place, _taken(found[family.id]), family_id=family.id)
        if family.error is None:
            found[family.id] = family
        else:
            broken.append(family)
    working = sorted(found.values(), key=lambda one: (one.manifest.order, one.id))
    return working + sorted(broken, key=lambda one: one.id)


def _taken(first: FoundFamily) -> str:
    return N_("There is already a family called “{id}” ({origin}).").format(id=first.id, origin=first.origin)


def _found(place: Place) -> FoundFamily:
    try:
        module = importlib.import_module(place.manifest)
        family = getattr(module, place.attribute)
    except BaseException as error:  # whatever a stranger's file does, the others go on
        log.warning("the family in %s failed", place.manifest, exc_info=True)
        said = failure_text(error, place.package)
        return _failed(place, N_("It could not be loaded: {error}").format(error=said), traceback.format_exc())
    problem = _problem(place, family)
    if problem:
        log.warning("the family in %s is not used: %s", place.manifest, problem)
        return _failed(place, problem)
    manifest_file = importlib.resources.files(place.package) / f"{place.manifest.rpartition('.')[2]}.py"
    folder = Path(str(manifest_file)).parent
    return FoundFamily(family.id, family, None, place, folder)


def _waiting(place: Place) -> FoundFamily:
    return FoundFamily(place.name, None, N_("It is waiting for your permission."), place, is_waiting=True)


def _failed(place: Place, error: str, details: str = "", family_id: str = "") -> FoundFamily:
    return FoundFamily(family_id or place.name, None, error, place, details=details)


def failure_text(error: BaseException, package: str) -> str:
    """What failed, and where in the files of a package: "waves/family.py, line 3: NameError: …"."""
    said = traceback.format_exception_only(error)[-1].strip()[:300]
    at = [(step.tb_frame, step.tb_lineno) for step in _steps(error.__traceback__)]
    inside = [(frame.f_code.co_filename, line) for frame, line in at if _is_in(frame.f_globals, package)]
    if isinstance(error, SyntaxError) and error.filename:
        inside.append((error.filename, error.lineno or 0))
    if not inside:
        return said
    path, line = Path(inside[-1][0]), inside[-1][1]
    parts = path.parts
    name = package.rpartition(".")[2]
    start = len(parts) - 1 - parts[::-1].index(name) if name in parts else -1
    where = N_("{file}, line {line}").format(file="/".join(parts[start:]), line=line)
    return f"{where}: {said}"


def _steps(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_in(module: Mapping[str, Any], package: str) -> bool:
    return f"{module.get('__name__')}.".startswith(f"{package}.")


def forget_modules(package: str) -> None:
    """Drop all modules of a package, so that their files are read anew; what was made of them stays as it is."""
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{package}.")]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _problem(place: Place, family: Any) -> str:
    """Return what is wrong with a manifest, as a sentence, or nothing."""
    if not place.package:
        return N_("Its entry point must name a module inside a package, such as “my_package.family:FAMILY”.")
    if not isinstance(family, Family):
        return N_("Its {name} is not a Family.").format(name=place.attribute)
    wrong = [field.name for field in fields(family) if not _has_kind(getattr(family, field.name), field.name)]
    if wrong:
        return N_("Its “{name}” is of the wrong type.").format(name=wrong[0])
    if not _ID.fullmatch(family.id):
        return N_("Its id must be one lower-case word.")
    unknown = [
        name
        for name in (family.default_kind, *(kind.beside for kind in family.kinds.values()))
        if name and name not in family.kinds
    ]
    if unknown:
        return N_("Its kinds do not include “{name}”.").format(name=unknown[0])
    of_kinds = (name for kind in family.kinds.values() for name in (kind.engine, kind.panel, kind.params))
    names = (*of_kinds, *filter(None, [family.recipes]), *family.importers)
    bad = [name for name in names if not _NAME.fullmatch(name)]
    return N_("“{name}” does not have the form module:Name.").format(name=bad[0]) if bad else ""


def _has_kind(value: Any, name: str) -> bool:
    if name == "order":
        return isinstance(value, int)
    if name == "shows_trainings":
        return isinstance(value, bool)
    if name == "examples":
        return isinstance(value, tuple) and all(map(_is_example, value))
    if name in ("importers", "broken"):
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if name in ("takes", "models"):
        return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)
    if name == "kinds":
        return isinstance(value, Mapping) and bool(value) and all(map(_is_kind, value.values()))
    return isinstance(value, str)


def _is_example(example: Any) -> bool:
    if not isinstance(example, Example):
        return False
    texts = (example.title, example.sentence, example.picture, example.model, example.memory, example.words)
    return all(isinstance(one, str) for one in texts) and isinstance(example.params, Mapping)


def _is_kind(kind: Any) -> bool:
    """Whether the values of a kind are of the sort that they are used as."""
    if not isinstance(kind, Kind) or not all(isinstance(tab, Tab) for tab in kind.tabs):
        return False
    texts = (kind.engine, kind.panel, kind.params, kind.beside, kind.kernels, *kind.known_as, *kind.positions)
    is_told = all(isinstance(text, str) for text in texts) and kind.first_number in (0, 1)
    return is_told and all(rule in RULES for rule in kind.positions.values())


MAX_MEMORY_BYTES: Final = 1 << 20


def example_memory(example: Example, found: FoundFamily) -> Mapping[str, Any]:
    """Return what the panel shall recall, empty for an example without a file; raises UserError for a bad one."""
    if not example.memory:
        return {}
    path = found.file(example.memory)
    try:
        if path is None or path.stat().st_size > MAX_MEMORY_BYTES:
            raise ValueError("missing or too large")
        memory = json.loads(path.read_text("utf-8"))
        if not isinstance(memory, dict):
            raise TypeError("no table")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        title = N_("The example “{title}” cannot be read.").format(title=example.title)
        raise UserError(title, N_("Open its model instead.")) from error
    return memory
