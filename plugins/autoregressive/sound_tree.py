"""The tree through which a sample hangs on those before it: which places of which layers, and how much; no Qt.

Rows: the samples, then what goes into each gated layer, the lowest first, then the sample that is told. Shape letters:
L layers, R samples that are seen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .wave_law import FloatArray

MOST_NODES: Final = 28
"""Of a row that are lit up: the strongest ones."""
LEAST: Final = 0.02


@dataclass(frozen=True)
class Node:
    """A place of a row by its age in samples, and how much the told one hangs on it, 0 to 1."""

    row: int
    age: int
    strength: float


@dataclass(frozen=True)
class Edge:
    """What a node hears of one in the row below."""

    lower: Node
    upper: Node

    @property
    def strength(self) -> float:
        """That of its weaker end."""
        return min(self.lower.strength, self.upper.strength)


def reached_ages(dilation: tuple[int, ...], n_taps: int, row: int) -> frozenset[int]:
    """The ages that a row has in the tree of one sample; the highest row is the sample itself."""
    ages = {0}
    for step in dilation[max(row - 1, 0) :]:
        ages |= {age + step for age in ages}
    if row > 0:
        return frozenset(ages)
    return frozenset(age + tap for age in ages for tap in range(1, n_taps + 1))


def children(dilation: tuple[int, ...], n_taps: int, row: int, age: int) -> tuple[int, ...]:
    """The ages in the row below that a node reads."""
    if row == 1:
        return tuple(age + tap for tap in range(1, n_taps + 1))
    return (age, age + dilation[row - 2])


def lit_nodes(amount: FloatArray) -> list[Node]:
    """The strongest nodes of every row, (L + 1, R + 1) of amounts by age; the told sample is the last."""
    found = []
    for row, of_row in enumerate(amount):
        most = float(of_row.max())
        strongest = np.argsort(of_row, kind="stable")[::-1][:MOST_NODES].tolist() if most > 0 else []
        shares = [(age, float(of_row[age]) / most) for age in strongest]
        found += [Node(row, age, share) for age, share in sorted(shares) if share >= LEAST]
    return [*found, Node(len(amount), 0, 1.0)]


def lit_edges(nodes: list[Node], dilation: tuple[int, ...], n_taps: int) -> list[Edge]:
    """What lit nodes hear of lit nodes below."""
    by_place = {(node.row, node.age): node for node in nodes}
    edges = []
    for node in nodes:
        if node.row > 0:
            lower = [by_place.get((node.row - 1, age)) for age in children(dilation, n_taps, node.row, node.age)]
            edges += [Edge(one, node) for one in lower if one is not None]
    return edges
