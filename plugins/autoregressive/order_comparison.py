"""What the same words cost in several orders. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from studio.core.text import N_

WAYS: Final[Mapping[str, str]] = {
    "right": N_("left to right"),
    "left": N_("right to left"),
    "present": N_("this order"),
    "mean": N_("any order (mean)"),
}
"""From the left, from the right, as it is, and the mean probability over orders."""
MAX_ALL: Final = 6
"""Blanks up to which every order is tried: 720 of them."""
N_RANDOM: Final = 24


@dataclass(frozen=True)
class OrderBits:
    """Bits that some words cost together, by `WAYS`; the mean is over `n_orders` orders, all there are or some."""

    bits: Mapping[str, float]
    n_orders: int
    is_all: bool


@dataclass(frozen=True)
class Compared:
    """What was compared, and the bits of the words that stood there, where they are known, and of those filled in."""

    key: Any
    true: OrderBits | None
    filled: OrderBits | None


def same_blanks(ids: Sequence[int], order: Sequence[int], told: Sequence[int]) -> bool:
    """Whether what was told is what stood there."""
    return [ids[place] for place in order] == list(told)
