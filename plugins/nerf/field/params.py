"""The settings of one picture of a field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.param import param
from studio.core.translation import N_

from ..shared.params import ViewParams, first_look


@dataclass(frozen=True)
class FieldParams(ViewParams):
    """What to draw of a field, and whether its network or what was baked from it draws it."""

    quality: str = param(
        "network",
        label=N_("Quality"),
        help=N_("Ask the network for every point (network), or draw the scene that was baked from it (baked)."),
        choices=("network", "baked"),
    )


def first_params(card: Mapping[str, Any]) -> FieldParams:
    """The settings with which a scene is first shown."""
    return FieldParams(**first_look(card))
