"""Pairs of texts that steer a model far, as its card lists them: the one that a judge sees most of first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from studio.core.error import UserError
from studio.core.text.steer_slider import checked_pair

PAIRS_KEY: Final = "steer"
START: Final = 40.0
"""Where a new slider stands, and where effects are measured."""
LEAST_EFFECT: Final = 0.1
"""A pair that does less is not offered."""
MOST_PAIRS: Final = 24


@dataclass(frozen=True)
class SteerPair:
    """Two opposites.

    Attributes:
        effect: how much likelier a judge holds the end that a slider leads to than the other one, the mean of both
            ways: 1 where it sees one end always and the other never, 0 where nothing changes.
    """

    toward: str
    away: str
    effect: float


def pair_to_json(pair: SteerPair) -> dict[str, Any]:
    """As a card holds it."""
    return {"toward": pair.toward, "away": pair.away, "effect": round(pair.effect, 3)}


def pairs_of(card: Mapping[str, Any]) -> tuple[SteerPair, ...]:
    """The pairs of a card, best first; what is no pair is left out."""
    listed = card.get(PAIRS_KEY, ())
    found = [_pair(value) for value in listed[:MOST_PAIRS]] if isinstance(listed, list) else []
    return tuple(sorted((pair for pair in found if pair is not None), key=lambda pair: -pair.effect))


def _pair(value: Any) -> SteerPair | None:
    try:
        return SteerPair(*checked_pair(str(value["toward"]), str(value["away"])), float(value["effect"]))
    except (TypeError, KeyError, ValueError, UserError):
        return None
