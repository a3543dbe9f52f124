"""The places where a family may be: beside the program, in the user's folder, in an installed package."""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

from studio.core.place import shipped_dir
from studio.core.translation import N_

ENTRY_POINT_GROUP: Final = "manifold_studio.families"
MANIFEST: Final = "family"
BUILT_IN: Final = N_("built in")


@dataclass(frozen=True)
class Place:
    """A package that should hold a family.

    Attributes:
        name: of its folder or entry point; the family's own id is known once it is imported.
        package: import name, to which the family's relative names refer.
        manifest: import name of the module with the attribute `attribute`, the family.
        origin: where it comes from, in plain words.
    """

    name: str
    package: str
    manifest: str
    origin: str
    attribute: str = "FAMILY"


def all_places(user_folder: Path) -> list[Place]:
    """Return every place: built in, then the user's, then installed packages, each sorted by name."""
    importlib.invalidate_caches()  # a folder that was added a moment ago
    return [*builtin_places(), *folder_places(user_folder, str(user_folder)), *installed_places()]


def builtin_places() -> list[Place]:
    """Return the families that come with the program, from its source tree or its wheel."""
    return folder_places(shipped_dir(), BUILT_IN)


def folder_places(folder: Path, origin: str) -> list[Place]:
    """Return a place for each sub-folder of `folder` that has a family.py."""
    if not folder.is_dir():
        return []
    names = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}.py"))
    parent = _import_name(folder)
    return [Place(name, f"{parent}.{name}", f"{parent}.{name}.{MANIFEST}", origin) for name in names]


def installed_places() -> list[Place]:
    """Return the families that installed packages name as "package.family:FAMILY"."""
    points = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    return [
        Place(point.name, point.module.rpartition(".")[0], point.module, point.value, point.attr or "FAMILY")
        for point in sorted(points, key=lambda point: point.name)
    ]


def _import_name(folder: Path) -> str:
    """Return a name under which the packages in `folder` can be imported.

    This is the folder's own name where Python finds it by that name, so that no module is loaded twice.
    Otherwise an empty parent package with a name of its own is made, and relative imports work wherever the
    folder lies.
    """
    if folder.name.isidentifier() and _is_found_at(folder):
        return folder.name
    name = f"manifold_studio_families_{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]}"
    if name not in sys.modules:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = importlib.util.module_from_spec(spec)
    return name


def _is_found_at(folder: Path) -> bool:
    spec = importlib.util.find_spec(folder.name)
    found = [] if spec is None else list(spec.submodule_search_locations or [])
    return [Path(path).resolve() for path in found] == [folder.resolve()]
