"""Keeps PySide6 from holding the source of every module that is imported after it."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType


def spare_sources() -> None:
    """Let PySide6 look into sources without keeping their lines; to be called before most imports.

    At every import it asks whether the source names "PySide6", which decides how its own switchable names behave there.
    It asks with `inspect.getsource`, which cuts the source into lines and keeps them for good: 14 MB for Home, 40 MB
    and over half a second for torch. The answers here are the same. Without that question nothing happens.
    """
    import PySide6.QtCore  # noqa: F401  # its import brings the question

    feature = sys.modules.get("shibokensupport.feature")
    asked: Callable[[ModuleType], bool] | None = getattr(feature, "_mod_uses_pyside", None)
    if asked is not None and asked.__module__ != __name__:
        feature._mod_uses_pyside = _asker(asked)  # type: ignore[union-attr]


def _asker(asked: Callable[[ModuleType], bool]) -> Callable[[ModuleType], bool]:
    def names_pyside(module: ModuleType) -> bool:
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if not isinstance(origin, str) or not origin.endswith(".py"):
            return asked(module)  # built in, compiled or packed: nothing is kept of these
        try:
            return b"PySide6" in Path(origin).read_bytes()
        except OSError:
            return False

    return names_pyside
