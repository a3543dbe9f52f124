"""The course of a path without time: a number from 0 to the number of segments says where on it one is."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from studio.core.path.position import WAYS, Array, Float64Array, Position, Rule, lerp
from studio.core.path.spline import Spline, distance

Curve: TypeAlias = Literal["linear", "spherical", "smooth"]
CURVES: tuple[Curve, ...] = ("linear", "spherical", "smooth")


class Route:
    """The course through positions: the whole part of a number is the position passed last.

    "linear" goes straight from one to the next, "spherical" arrays too; "spherical" goes along the rules; "smooth" is
    a Catmull–Rom spline through all. Rotations always turn, logarithmic arrays always change by equal factors.
    """

    def __init__(self, positions: Sequence[Position], rules: Mapping[str, Rule], curve: Curve, is_loop: bool) -> None:
        self._positions = positions
        self._rules = rules
        self._curve = curve
        self._is_loop = is_loop
        n = len(positions)
        self.n_segments = 0 if n < 2 else n if is_loop else n - 1

    @cached_property
    def spline(self) -> Spline:
        """The smooth curve through at least two positions."""
        return Spline(self._positions, self._rules, self._is_loop)

    def at(self, number: float) -> dict[str, Array]:
        """Return the position at a number from 0 to n_segments; whole numbers give the very arrays."""
        if number == int(number) and self._positions:
            return dict(self._positions[int(number) % len(self._positions)])
        return {name: array[0] for name, array in self.at_all(np.array([number])).items()}

    def at_all(self, numbers: Float64Array) -> dict[str, Array]:
        """Return T positions, each array (T, *shape), for numbers (T,) from 0 to n_segments."""
        if not self._positions:
            raise ValueError("a path without keyframes has no position")
        first = self._positions[0]
        if self.n_segments == 0:
            return {name: np.stack([array] * len(numbers)) for name, array in first.items()}
        arrays = {name: np.empty((len(numbers), *np.shape(array)), np.float32) for name, array in first.items()}
        segments = np.clip(np.floor(numbers).astype(int), 0, self.n_segments - 1)
        for segment in np.unique(segments):
            is_here = segments == segment
            for name, places in self._segment(int(segment), numbers[is_here] - segment).items():
                arrays[name][is_here] = places
        return arrays

    def _segment(self, segment: int, u: Float64Array) -> Mapping[str, Array]:
        if self._curve == "smooth":
            return self.spline.at(segment, u)
        start, end = self._positions[segment], self._positions[(segment + 1) % len(self._positions)]
        ways = WAYS if self._curve == "spherical" else {**WAYS, "spherical": lerp}
        return {name: ways[rule](start[name], end[name], u) for name, rule in self._rules.items()}

    def stops(self, n_per_segment: int) -> Float64Array:
        """Return the numbers that cut each segment into `n_per_segment` equal pieces, both ends included."""
        return np.linspace(0.0, self.n_segments, self.n_segments * n_per_segment + 1)

    def piece_lengths(self, n_per_segment: int) -> Float64Array:
        """Return the distance between neighbouring stops, over all arrays together."""
        squares = np.zeros(self.n_segments * n_per_segment)
        places = self.at_all(self.stops(n_per_segment)) if self.n_segments else {}
        for name, arrays in places.items():
            squares += np.square([distance(a, b, self._rules[name]) for a, b in pairwise(arrays)])
        return np.sqrt(squares)
