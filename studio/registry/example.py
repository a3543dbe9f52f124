"""Reads what a family's example keeps in a file: where the panel's path, playhead and the like stand."""

import json
from collections.abc import Mapping
from typing import Any, Final

from studio.api.family import Example
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.family import FoundFamily

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
