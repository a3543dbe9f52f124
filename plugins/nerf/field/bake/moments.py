"""What was baked of a scene: one volume, or one for each of many moments where it moves."""

from typing import Final

from .bricks import BrickVolume

N_MOMENTS: Final = 48
"""Evenly spaced from time 0 to 1; where it moves, the nearest one is drawn."""


def moments(n: int = N_MOMENTS) -> list[float]:
    """The times to bake, 0..1: far apart at first, then those in between."""
    order, gap = [0, n - 1], n
    while gap > 1:
        gap = -(-gap // 2)
        order += [number for number in range(gap, n, gap) if number not in order]
    return [number / (n - 1) for number in order]


class BakedMoments:
    """Volumes by their times."""

    def __init__(self) -> None:
        self._volumes: dict[float, BrickVolume] = {}

    def put(self, time: float, volume: BrickVolume) -> None:
        """Keep the volume of a time, in place of a coarser one."""
        self._volumes[time] = volume

    def nearest(self, time: float) -> BrickVolume | None:
        """The one nearest to a time; None before the first."""
        if not self._volumes:
            return None
        return self._volumes[min(self._volumes, key=lambda baked: abs(baked - time))]

    @property
    def n_bytes(self) -> int:
        """What they take of the memory."""
        return sum(volume.n_bytes for volume in self._volumes.values())
