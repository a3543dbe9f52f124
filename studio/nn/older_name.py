"""What parts of networks were called in the files of earlier versions, and are called now."""

import re
from collections.abc import Mapping
from typing import Any, Final

_NOW: Final = {"forger": "generator", "detective": "discriminator"}
_OLD: Final = re.compile(rf"(?<![a-z])({'|'.join(_NOW)})(?![a-z])")


def present_name(name: str) -> str:
    """The name that a part or a field has today: "forger.first.weight" is "generator.first.weight"."""
    return _OLD.sub(lambda match: _NOW[match[1]], name)


def present_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """A table with the names of today; optimisers and others whose keys are no parts of networks are as they were."""
    return {present_name(name): value for name, value in values.items()}
