"""From which surprise on a token is called expected or a surprise, and how strongly that is shown; no Qt."""

from typing import Final

EXPECTED_BITS: Final = 1.0
"""Below, a token was expected: it had half of the probability or more."""
SURPRISING_BITS: Final = 3.0
"""Above, it was a surprise: less than an eighth."""
MOST_BITS: Final = 10.0
_THICKEST_PX: Final = 6.0


def strength(bits: float) -> float:
    """How surprising, 0 below 3 bits to 1 at 10 and more."""
    return min(max((bits - SURPRISING_BITS) / (MOST_BITS - SURPRISING_BITS), 0.0), 1.0)


def thickness_px(bits: float | None) -> float:
    """The line under a token where surprise is a line: none for what was expected, 6 pixels from 10 bits on."""
    if bits is None or bits < EXPECTED_BITS:
        return 0.0
    return 1.0 + (_THICKEST_PX - 1.0) * min((bits - EXPECTED_BITS) / (MOST_BITS - EXPECTED_BITS), 1.0)
