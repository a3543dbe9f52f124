"""The settings of one picture of a field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.param import param
from studio.core.translation import N_

from ..shared.params import ViewParams, first_look
from .model.lights import MAX_LIGHTS


@dataclass(frozen=True)
class FieldParams(ViewParams):
    """What to draw of a field, and whether its network or what was baked from it draws it."""

    quality: str = param(
        "network",
        label=N_("Quality"),
        help=N_("Ask the network for every point (network), or draw the scene that was baked from it (baked)."),
        choices=("network", "baked"),
    )
    light: float = param(
        1.0,
        label=N_("Light"),
        help=N_("In which of its lights the scene is shown, counted from 1; between two of them they are mixed."),
        low=1.0,
        high=float(MAX_LIGHTS),
        step=0.05,
    )


def lights_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the lights in which the scene of a card can be shown; none where there is only one."""
    names = card.get("lights")
    are_texts = isinstance(names, list) and 1 < len(names) <= MAX_LIGHTS and all(isinstance(one, str) for one in names)
    return tuple(names) if are_texts and isinstance(names, list) else ()


def first_params(card: Mapping[str, Any]) -> FieldParams:
    """The settings with which a scene is first shown."""
    return FieldParams(**first_look(card))
