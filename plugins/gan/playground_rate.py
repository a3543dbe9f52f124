"""The range of a learning rate on a slider: even steps of its logarithm, read and written as the rate itself."""

import math
from dataclasses import dataclass

from studio.api.panel import ValueRange


@dataclass(frozen=True)
class RateRange(ValueRange):
    """Values are logarithms to base 10: -3 is written "0.001"."""

    def text(self, value: float) -> str:
        """The rate that a logarithm stands for."""
        return f"{rate_of(value):.2g}"

    def parsed(self, text: str) -> float | None:
        """The logarithm of the rate that a person typed, kept inside the range; None for anything else."""
        try:
            rate = float(text.strip().replace(",", "."))
        except ValueError:
            return None
        return self.clamped(math.log10(rate)) if math.isfinite(rate) and rate > 0 else None


def rate_range(low: float, high: float, default: float) -> RateRange:
    """The range of rates from low to high."""
    return RateRange(math.log10(low), math.log10(high), step=0.1, default=math.log10(default))


def rate_of(value: float) -> float:
    """The rate of a logarithm, to two figures."""
    return float(f"{10**value:.2g}")
