"""How far the baking of a scene has come, as the panel is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BakeNews:
    """Attributes:
    fraction: of all of it, 0..1.
    stage: cells along the longest side of the finest that can be drawn; 0 before there is any.
    n_bytes: what that takes of the memory.
    """

    fraction: float
    stage: int
    n_bytes: int
