"""A text read again with another memory: what each token costs, and how much it looks at each segment. No torch."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

SAME_BITS: Final = 0.01


@dataclass(frozen=True, eq=False)
class Reread:
    """Attributes:
        surprise: (T,) bits of each token, -1 for the first one.
        looked: (T, K) the share of its attention that each token has for each segment, its own one first, then back.
        next_ids, next_raw: (T, 50) what may come after each token, likeliest first, and how likely.
    """

    surprise: npt.NDArray[np.float32]
    looked: npt.NDArray[np.float32]
    next_ids: npt.NDArray[np.int32]
    next_raw: npt.NDArray[np.float32]


@dataclass(frozen=True)
class MemoryBits:
    """How many bits a token of a text costs on average with each length of memory, and what that was asked for."""

    key: Any
    lengths: tuple[int, ...]
    bits: tuple[float, ...]


def looked_at(attention: npt.NDArray[Any], first: int, n_segment: int, n_back: int) -> npt.NDArray[np.float32]:
    """Shares (K,) of the segments in attention (L, N, S) of tokens from `first` on: that of the last one first."""
    shares = attention.mean((0, 1), dtype=np.float32)
    segments = (first + np.arange(len(shares))) // n_segment
    return np.bincount(segments[-1] - segments, shares, n_back).astype(np.float32)


def differs(bits: float, found: float) -> bool:
    """Whether a token costs something else than its run knew: numbers that are told agree to a hundredth."""
    return abs(float(bits) - float(found)) >= SAME_BITS
