"""Looks into a folder, one level deep, for files that tell what it is."""

import itertools
import os
from pathlib import Path
from typing import Any, NamedTuple

from studio.core.container.json_text import MAX_BYTES, parse_json
from studio.core.container.source import open_regular, printable
from studio.core.error import UserError
from studio.core.translation import N_

MAX_ENTRIES = 2000
_PLACED = {"sparse", "cameras.bin", "cameras.txt", "poses_bounds.npy"}
"""What COLMAP and LLFF leave beside photos."""
_PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


class FolderKind(NamedTuple):
    """What a folder was found to be, and why the host itself cannot open it."""

    architecture: str | None
    why_not: str


def read_folder(path: Path) -> FolderKind:
    """Return what the folder holds; raises UserError where it or its description cannot be read."""
    names = _list_names(path)
    if "model_index.json" in names:
        return _unclaimed(_text(_read_object(path / "model_index.json").get("_class_name"), "diffusers"))
    if "config.json" in names:
        return _unclaimed(_hugging_face_name(_read_object(path / "config.json")))
    if _PLACED.intersection(names) or any(name.startswith("transforms") and name.endswith(".json") for name in names):
        return FolderKind(
            N_("photos with camera positions"),
            N_("This is a folder of photos with their cameras. Drop it on the window to learn the scene."),
        )
    if any(name.endswith(".safetensors") for name in names):
        return FolderKind(None, N_("This is a folder with weights in it. Open one of its .safetensors files."))
    if any(Path(name).suffix.lower() in _PICTURE_SUFFIXES for name in names):
        return FolderKind(None, N_("This is a folder of pictures. Open a model and drop one of them there."))
    if not names:
        return FolderKind(None, N_("The folder is empty."))
    return FolderKind(None, N_("There is nothing in this folder that Manifold Studio knows."))


def _list_names(path: Path) -> set[str]:
    try:
        with os.scandir(path) as entries:
            return {entry.name for entry in itertools.islice(entries, MAX_ENTRIES)}
    except OSError as error:
        raise UserError(N_("The contents of the folder cannot be listed.")) from error


def _read_object(path: Path) -> dict[str, Any]:
    with open_regular(path) as file:
        values = parse_json(file.read(MAX_BYTES + 1), takes_infinity=True)
    return values if isinstance(values, dict) else {}


def _hugging_face_name(config: dict[str, Any]) -> str:
    match config.get("architectures"):
        case [str(name), *_]:
            return printable(name)
    return _text(config.get("model_type"), "Hugging Face")


def _text(value: object, otherwise: str) -> str:
    return printable(value) if isinstance(value, str) else otherwise


def _unclaimed(architecture: str) -> FolderKind:
    return FolderKind(
        architecture, N_("No installed family can open this kind of folder ({name}).").format(name=architecture)
    )
