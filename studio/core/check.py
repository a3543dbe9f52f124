"""Figures that a model is held to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A held-out figure and the floor, or ceiling, that it had to reach; None where it is only stated."""

    name: str
    value: float
    floor: float | None = None
    is_higher_better: bool = True

    @property
    def is_reached(self) -> bool:
        """Whether the figure is on the right side of its floor."""
        if self.floor is None:
            return True
        return self.value >= self.floor if self.is_higher_better else self.value <= self.floor
