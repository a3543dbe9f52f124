"""Tells checkpoints that learnt in normalised device coordinates, whose scene is another one in ours.

Photos that all look forward (LLFF) are learnt with rays bent into a box from 0 to 1, the horizon at its end; nothing in
the weights says so, but what lies in the checkpoint or beside it may.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from studio.core.container.source import open_regular
from studio.core.error import UserError
from studio.core.translation import N_

_BESIDE: Final = ("args.txt", "config.txt", "config.yml", "config.yaml")
_MAX_BYTES: Final = 64 << 10
_SETTING: Final = re.compile(r"^\s*(\w+)\s*[=:]\s*['\"]?([\w.+-]+)", re.MULTILINE)
_FORWARD: Final = "llff"
_KINDS: Final = ("dataset_type", "type")  # yenchenlin's and krrish94's
_MOST_DEPTH: Final = 3
Setting: TypeAlias = tuple[str, str]


def refuse_ndc(path: Path, root: Mapping[Any, Any]) -> None:
    """Raise UserError where a checkpoint, or a settings file beside it, tells of a scene that looks forward."""
    if any(map(_looks_forward, (*_tables(root, 0), *_settings_beside(path)))):
        raise UserError(
            N_("This NeRF was learnt from photos that all look forward (LLFF), which is not read here."),
            N_("Its space is bent so that the horizon lies in a box (NDC). Scenes seen from all around can be read."),
        )


def _tables(found: Any, depth: int) -> Iterator[list[Setting]]:
    """The plain settings in a checkpoint, also those that lie deeper."""
    if not isinstance(found, Mapping) or depth > _MOST_DEPTH:
        return
    yield [(str(name), str(value)) for name, value in found.items() if isinstance(value, str | bool)]
    for value in found.values():
        yield from _tables(value, depth + 1)


def _settings_beside(path: Path) -> Iterator[list[Setting]]:
    for name in _BESIDE:
        beside = path.parent / name
        if beside.is_file():
            with open_regular(beside) as file:
                yield _SETTING.findall(file.read(_MAX_BYTES).decode("utf-8", "replace"))


def _looks_forward(settings: list[Setting]) -> bool:
    """Whether they say so; `no_ndc` is false for all scenes unless they name their kind, so it counts alone only."""
    said = {(name, value.casefold()) for name, value in settings}
    kinds = {value for name, value in said if name in _KINDS}
    return _FORWARD in kinds or (not kinds and bool(said & {("ndc", "true"), ("no_ndc", "false")}))
