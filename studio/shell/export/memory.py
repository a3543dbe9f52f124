"""Remembers how a person last exported something."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from studio.core.option import EXPORT
from studio.core.setting import Settings
from studio.render.export.option import ExportOptions

_KEPT: Final = ("side_px", "is_looped", "has_caption", "background", "n_pictures")


@dataclass(frozen=True)
class ExportChoice:
    """What is exported as what: the id of a format, its options, and the folder that files go to."""

    format_id: str = "png"
    options: ExportOptions = field(default_factory=ExportOptions)
    folder: str = ""

    @property
    def folder_path(self) -> Path:
        """The folder, the person's own where none was chosen."""
        return Path(self.folder) if self.folder else Path.home()


def last_choice(settings: Settings) -> ExportChoice:
    """The choice of the last time; range and speed belong to what was exported then and are not kept."""
    try:
        values: Any = json.loads(settings.get(EXPORT) or "{}")
        kept = {name: _as_default(name, values[name]) for name in _KEPT if name in values}
        return ExportChoice(str(values.get("format", "png")), ExportOptions(**kept), str(values.get("folder", "")))
    except (
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ):  # a file that somebody edited: the usual choice then
        return ExportChoice()


def keep_choice(settings: Settings, choice: ExportChoice) -> None:
    """Remember a choice for the next time."""
    values = {name: getattr(choice.options, name) for name in _KEPT}
    settings.set(EXPORT, json.dumps({"format": choice.format_id, "folder": choice.folder, **values}))


def _as_default(name: str, value: Any) -> Any:
    """`value` where it is of the kind of the default; raises TypeError otherwise."""
    default = getattr(ExportOptions(), name)
    if type(value) is not type(default) or (name == "background" and value not in ("paper", "black", "transparent")):
        raise TypeError(name)
    return value
