"""The settings of one picture of a field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.param import param, param_specs
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
    time: float = param(
        0.0,
        label=N_("Time"),
        help=N_("The moment that is shown of a scene that moves: 0 is its beginning, 1 its end."),
        low=0.0,
        high=1.0,
        step=0.01,
    )


def lights_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the lights in which the scene of a card can be shown; none where there is only one."""
    names = card.get("lights")
    are_texts = isinstance(names, list) and 1 < len(names) <= MAX_LIGHTS and all(isinstance(one, str) for one in names)
    return tuple(names) if are_texts and isinstance(names, list) else ()


def is_moving(card: Mapping[str, Any]) -> bool:
    """Whether the scene of a card is another one at another time."""
    config = card.get("config")
    return isinstance(config, Mapping) and bool(config.get("n_moving_levels"))


def first_params(card: Mapping[str, Any]) -> FieldParams:
    """The settings with which a scene is first shown."""
    return FieldParams(**first_look(card))


def within(name: str, value: float) -> float:
    """The value of a parameter that is nearest to another one and may be."""
    spec = param_specs(FieldParams)[name]
    assert spec.low is not None
    assert spec.high is not None
    return min(max(value, float(spec.low)), float(spec.high))
