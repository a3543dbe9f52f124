"""Finds what Manifold Studio wrote into a JSON file: a text with its chances, or what stands beside a plain text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from studio.core.container.json_text import parse_json
from studio.core.container.metadata import KEYWORD, broken_metadata, check_metadata
from studio.core.container.source import is_file, open_regular
from studio.core.error import UserError

MAX_EXPORT_BYTES: Final = 16 << 20
MAX_EXPORT_VALUES: Final = 2_000_000


def read_json_metadata(file: BinaryIO) -> dict[str, Any] | None:
    """Return the checked metadata of a JSON file that was exported here, None for any other.

    Raises UserError where the metadata is broken or names anything but a model id.
    """
    file.seek(0)
    if f'"{KEYWORD}"'.encode() not in file.read(64):
        return None
    file.seek(0)
    values = parse_json(file.read(MAX_EXPORT_BYTES + 1), MAX_EXPORT_BYTES, MAX_EXPORT_VALUES)
    found = values.get(KEYWORD) if isinstance(values, Mapping) else None
    if not isinstance(found, dict):
        raise broken_metadata()
    check_metadata(found)
    return found


def beside(path: Path) -> Path:
    """The file that says what made a plain text, which has no room for it: "poem.txt.json" for "poem.txt"."""
    return path.with_name(f"{path.name}.json")


def read_metadata_beside(path: Path) -> dict[str, Any] | None:
    """What stands beside a plain text, None where that is nothing of ours."""
    place = beside(path)
    if not is_file(place):
        return None
    try:
        with open_regular(place) as file:
            return read_json_metadata(file)
    except UserError:  # a broken file beside it does not make the text one of ours
        return None
