"""Follows the outlines of a place along a direction, and joins the masters at its ends into one variable font.

Shapes: lines (n, 2) in cells; K nodes of a contour.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from studio.core.character import CHARACTERS

from ...shared.ink import Array as Field
from .contour import Array, area, contours
from .master import Master, Traced, fields_of, measured
from .outline import fit
from .structure import Node

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

STEP: Final = 0.5
MOST: Final = 2.0
"""So far an axis goes, in units of the direction."""
_REACH: Final = 6
_TURN_WEIGHT: Final = 6.0
_FARTHEST: Final = 6.0
_LEAST_GAP: Final = 2


@dataclass(frozen=True, eq=False)
class End:
    """Where an axis ends on one side.

    Attributes:
        value: how far from the place, in units of the direction; 0 where it cannot be followed at all.
        master: the typeface there; None for 0.
        stopped_by: the character whose outline would change its parts beyond; "" where none would.
    """

    value: float
    master: Master | None
    stopped_by: str


def walk(
    draw: Callable[[float], Generator[None, None, Field]], master: Master, way: int, limit: float
) -> Generator[None, None, End]:
    """Follow all outlines step by step, `way` 1 or -1, for at most `limit` units; yields after each glyph.

    `draw` gives the 62 letters so many units away.
    """
    glyphs: Mapping[str, Traced] = {name: master.glyphs[name] for name in CHARACTERS}
    value, reached, stopped_by = 0.0, None, ""
    while value + STEP <= limit + 1e-6 and not stopped_by:
        letters = yield from draw(way * (value + STEP))
        drawn, pen = fields_of(letters)
        followed: dict[str, Traced] = {}
        for name in CHARACTERS:
            found = _followed(glyphs[name], drawn[name])
            if found is None:
                stopped_by = name
                break
            followed[name] = found
            yield
        if not stopped_by:
            glyphs, value, reached = followed, value + STEP, (drawn, pen)
    if reached is None:
        return End(0.0, None, stopped_by)
    fitted: dict[str, Traced] = {}
    for name, glyph in master.glyphs.items():  # a sign that cannot follow stays as it is
        fitted[name] = _fitted(glyphs.get(name) or _followed(glyph, reached[0][name]) or glyph)
        yield
    return End(way * value, measured(fitted, *reached, like=master), stopped_by)


def _fitted(glyph: Traced) -> Traced:
    outlines = tuple(fit(line, nodes)[0] for line, nodes in zip(glyph.lines, glyph.nodes, strict=True))
    return Traced(glyph.lines, glyph.nodes, outlines)


def _followed(glyph: Traced, drawn: Field) -> Traced | None:
    """The same contours and nodes in another field; None where its parts are others."""
    lines = contours(drawn)
    if len(lines) != len(glyph.lines):
        return None
    found: list[Array] = []
    for line in glyph.lines:
        alike = [other for other in lines if area(other) * area(line) > 0]
        if not alike:
            return None
        nearest = min(alike, key=lambda other: float(np.hypot(*(other.mean(0) - line.mean(0)))))
        lines = [other for other in lines if other is not nearest]
        found.append(nearest)
    nodes = [_moved_nodes(old, new, at) for old, new, at in zip(glyph.lines, found, glyph.nodes, strict=True)]
    if any(one is None for one in nodes):
        return None
    return Traced(tuple(found), tuple(tuple(one) for one in nodes if one is not None), ())


def _moved_nodes(old: Array, new: Array, nodes: Sequence[Node]) -> list[Node] | None:
    """Each node at the place of the new line that is nearest and leaves it as it did, all in their order."""
    at = np.array([node.at for node in nodes])
    gaps = old[at][:, None] - new[None]
    away = (gaps**2).sum(2)  # (K, n)
    cost = away.copy()
    for before, after in ((-_REACH, 0), (0, _REACH)):
        a, b = (_ways(line, before, after) for line in (old, new))
        cost += _TURN_WEIGHT * ((a[at][:, None] - b[None]) ** 2).sum(2)
    anchor = int(cost.min(1).argmin())
    start = int(cost[anchor].argmin())
    order = np.roll(np.arange(len(nodes)), -anchor)
    places = _in_order(np.roll(cost[order], -start, 1))
    if places is None:
        return None
    moved = (places + start) % len(new)
    if (away[order, moved] > _FARTHEST**2).any():
        return None
    found = dict(zip(order.tolist(), moved.tolist(), strict=True))
    return [replace(node, at=found[k]) for k, node in enumerate(nodes)]


def _ways(line: Array, before: int, after: int) -> Array:
    """The direction from one place beside each point to another one, of length 1, (n, 2)."""
    way = np.roll(line, -after, 0) - np.roll(line, -before, 0)
    return np.asarray(way / np.maximum(np.hypot(*way.T), 1e-9)[:, None])


def _in_order(cost: Array) -> np.ndarray | None:
    """The cheapest ascending places (K,) for costs (K, n), the first one at 0; None where there is no room for all."""
    n_nodes, n = cost.shape
    if n < n_nodes * _LEAST_GAP + 1:
        return None
    total = np.full((n_nodes, n), np.inf)
    total[0, 0] = cost[0, 0]
    came = np.zeros((n_nodes, n), int)
    for k in range(1, n_nodes):
        best = np.minimum.accumulate(total[k - 1])
        first = np.maximum.accumulate(np.where(total[k - 1] == best, np.arange(n), 0))
        total[k, _LEAST_GAP:] = cost[k, _LEAST_GAP:] + best[:-_LEAST_GAP]
        came[k, _LEAST_GAP:] = first[:-_LEAST_GAP]
    total[-1, n - _LEAST_GAP + 1 :] = np.inf
    places = [int(total[-1].argmin())]
    for k in range(n_nodes - 1, 0, -1):
        places.append(int(came[k, places[-1]]))
    return np.array(places[::-1])


@dataclass(frozen=True)
class FontAxis:
    """An axis of a variable font: tag, name, and its values (least, default, most)."""

    tag: str
    name: str
    values: tuple[float, float, float]


def joined_font(default: "TTFont", axes: Sequence[tuple[FontAxis, "TTFont | None", "TTFont | None"]]) -> "TTFont":
    """One variable font out of that of a place and those at the ends of its axes."""
    from fontTools.designspaceLib import AxisDescriptor, DesignSpaceDocument, InstanceDescriptor, SourceDescriptor
    from fontTools.varLib import build

    space = DesignSpaceDocument()
    family = default["name"].getDebugName(1)
    for axis, _, _ in axes:
        least, usual, most = axis.values
        space.addAxis(AxisDescriptor(tag=axis.tag, name=axis.name, minimum=least, default=usual, maximum=most))
    middle = {axis.name: axis.values[1] for axis, _, _ in axes}
    sources = [(default, middle)]
    for axis, low, high in axes:
        sources += [
            (font, {**middle, axis.name: value})
            for font, value in ((low, axis.values[0]), (high, axis.values[2]))
            if font is not None
        ]
    for number, (font, location) in enumerate(sources):
        space.addSource(SourceDescriptor(name=f"master {number}", font=font, location=location, familyName=family))
    space.addInstance(InstanceDescriptor(styleName="Regular", familyName=family, location=middle))
    joined: TTFont = build(space)[0]
    return joined
