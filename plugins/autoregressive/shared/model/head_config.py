"""How a network of this family says what a value may be."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol


@dataclass(frozen=True)
class HeadConfig:
    """How the distribution of a value is told.

    Attributes:
        kind: "softmax", one number for each level (van den Oord 2016a), or "logistic", a mixture of logistic
            distributions that is cut into the levels (Salimans 2017, PixelCNN++).
        n_mixtures: how many logistic distributions; 0 for a softmax.
    """

    kind: Literal["softmax", "logistic"] = "softmax"
    n_mixtures: int = 0

    @property
    def is_possible(self) -> bool:
        """Whether the two agree."""
        return (self.kind == "logistic") == (self.n_mixtures > 0)

    def n_outputs(self, n_levels: int) -> int:
        """Numbers that a head gives for a value: a weight, a mean and a scale of each logistic, or the levels."""
        return 3 * self.n_mixtures if self.kind == "logistic" else n_levels


SOFTMAX: Final = HeadConfig()


class Headed(Protocol):
    """A configuration of a network that has a head.

    Attributes:
        n_levels: values that there are.
    """

    @property
    def head(self) -> HeadConfig: ...

    @property
    def n_levels(self) -> int: ...
