"""The numbers that a slider can take: limits, step, default, trained part, and how they are written."""

import math
from dataclasses import dataclass
from typing import Final

from studio.core.translation import grouped

MINUS: Final = "\N{MINUS SIGN}"
_GRAINS_PER_STEP: Final = 100  # how much finer a hand moves than a key


@dataclass(frozen=True)
class ValueRange:
    """A range [low, high] with the step of an arrow key; whole ranges hold integers only.

    `trained` is the part [from, to] that the model has seen, when it is smaller than the range.
    """

    low: float
    high: float
    step: float = 0.1
    default: float = 0.0
    unit: str = ""
    is_whole: bool = False
    trained: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high and self.step > 0):
            raise ValueError(f"no range: {self.low} to {self.high} in steps of {self.step}")

    @property
    def grain(self) -> float:
        """The smallest difference that a drag makes."""
        return self.step if self.is_whole else self.step / _GRAINS_PER_STEP

    @property
    def origin(self) -> float:
        """Where the filled part begins: zero where the range has it, else the low end."""
        return 0.0 if self.low < 0 < self.high else self.low

    def clamped(self, value: float) -> float:
        """The value of the range nearest to `value`."""
        return min(max(value, self.low), self.high)

    def share(self, value: float) -> float:
        """Where `value` lies between the ends, 0 to 1."""
        return (self.clamped(value) - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """The value that `share` of the way from the low end lies at, in steps of a hand."""
        value = self.clamped(self.low + share * (self.high - self.low))
        return self.clamped(round((value - self.low) / self.grain) * self.grain + self.low)

    def is_trained(self, value: float) -> bool:
        """Whether the model has seen such values."""
        return self.trained is None or self.trained[0] <= value <= self.trained[1]

    def text(self, value: float) -> str:
        """`value` as people read it: a true minus sign, a plus where both signs occur, the unit."""
        n_decimals = 0 if self.is_whole else max(0, -math.floor(math.log10(self.step) + 1e-9))
        number = grouped(abs(value), f",.{n_decimals}f") if self.is_whole else f"{abs(value):.{n_decimals}f}"
        is_zero = not number.strip("0.,")
        sign = "" if is_zero else MINUS if value < 0 else "+" if self.low < 0 else ""
        gap = "" if self.unit == "°" else " "
        return f"{sign}{number}{gap}{self.unit}".rstrip()

    def parsed(self, text: str) -> float | None:
        """The number that a person typed, kept inside the range; None for anything else."""
        plain = "".join(text.strip().removesuffix(self.unit).replace(MINUS, "-").split())
        plain = plain.replace(",", "") if self.is_whole else plain.replace(",", ".")
        try:
            value = float(plain)
        except ValueError:
            return None
        if not math.isfinite(value):
            return None
        return self.clamped(round(value) if self.is_whole else value)
