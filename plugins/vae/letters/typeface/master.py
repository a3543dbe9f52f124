"""Everything of a typeface at one place: outlines in units of the font, widths, anchors, kerning.

Shapes: fields (64, 64) in cells, the baseline at row 44; units are 1,000 to the em, y upwards.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np

from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.diacritics import DIACRITICS, MarkStyle, ink_ends, mark_alone, signs, undotted
from ...shared.ink import CELL_PX
from ...shared.ink import Array as Field
from .contour import Array, contours
from .outline import Outline, fit
from .sign import BASELINE, SIGNS, Pen
from .spacing import Group, Sides, bearings, group_of, groups, kerning, rhythm, sides_of
from .structure import Node, structure

CAP_UNITS: Final = 700
_MOST_POINTS: Final = 40
_TRIED: Final = ((0.13, False), (0.13, True), (0.2, True), (0.3, True))  # how far off, in cells; one is about 22 units
_ZONE: Final = 0.45
_CAPITALS, _SMALL = "HEITXZ", "xzvwu"
DOTLESS: Final = {"ı": "i", "ȷ": "j"}
Anchor: TypeAlias = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Traced:
    """A glyph's closed lines with the structure of each, and its outlines, all in cells."""

    lines: tuple[Array, ...]
    nodes: tuple[tuple[Node, ...], ...]
    outlines: tuple[Outline, ...]


def trace(drawn: Field) -> Traced:
    """Draw the outlines of a field by as few points as do: at most 40 where curves that are a little off allow it."""
    lines = contours(drawn)
    nodes = [structure(line) for line in lines]
    for most_off, implies in _TRIED:
        fitted = [fit(line, found, most_off, implies) for line, found in zip(lines, nodes, strict=True)]
        if sum(len(outline.points) for outline, _ in fitted) <= _MOST_POINTS:
            break
    return Traced(tuple(lines), tuple(tuple(nodes) for _, nodes in fitted), tuple(one for one, _ in fitted))


@dataclass(frozen=True, eq=False)
class Master:
    """A typeface at one place.

    Attributes:
        glyphs: by character; those of CHARACTERS, the dotless ones, signs and combining marks.
        scale: units in a cell.
        cap, x: the rows at which capitals and small letters begin.
        step: how far from a straight stem its letter ends, in cells.
        sides: of each glyph, in cells; marks included.
        bearing: left and right of each but the marks, in cells.
        anchors: where marks join, above and below, in cells; of a mark itself in the middle of its cell.
        lefts, rights, kern: groups by their right and left sides, and how far they move together, in cells.
    """

    glyphs: Mapping[str, Traced]
    scale: float
    cap: float
    x: float
    step: float
    slant: float
    sides: Mapping[str, Sides]
    bearing: Mapping[str, tuple[float, float]]
    anchors: Mapping[str, tuple[Anchor, Anchor]]
    lefts: Sequence[Group] = ()
    rights: Sequence[Group] = ()
    kern: Array = field(default_factory=lambda: np.zeros((0, 0)))


def fields_of(letters: Sequence[Field] | Field) -> tuple[dict[str, Field], Pen]:
    """All that is drawn for a font from the 62 letters of a place, by character, and what drew the signs."""
    drawn = dict(zip(CHARACTERS, letters, strict=True))
    style = MarkStyle(drawn["i"])
    cap, x = (float(np.median([_top(drawn[letter]) for letter in of])) for of in (_CAPITALS, _SMALL))
    pen = Pen(style, cap, x)
    drawn |= {dotless: undotted(drawn[letter]) for dotless, letter in DOTLESS.items()}
    drawn |= {sign: draw(pen) for sign, draw in SIGNS.items()}
    drawn |= {mark: mark_alone(shape, style) for mark, shape in DIACRITICS.items()}
    return drawn, pen


def _top(drawn: Field) -> float:
    """The row at which the ink begins, between rows too."""
    rows = drawn.max(axis=1)
    first = int(np.flatnonzero(rows > 0)[0]) if (rows > 0).any() else 12
    here, before = float(rows[first]), float(rows[first - 1]) if first else -1.0
    return first + 0.5 - here / max(here - before, 1e-6)


def measured(glyphs: Mapping[str, Traced], drawn: Mapping[str, Field], pen: Pen, like: Master | None = None) -> Master:
    """Space and kern traced glyphs; with the groups of the master that this one is to fit, where there is one."""
    glyphs = _aligned(glyphs, pen)
    sides = {name: sides_of([_points_along(one) for one in glyph.outlines]) for name, glyph in glyphs.items()}
    step = rhythm(drawn["n"], pen.x)
    base = {name: one for name, one in sides.items() if name not in DIACRITICS}
    bearing = {name: bearings(one, step, _zone(name, pen)) for name, one in base.items()}
    anchors = {name: _anchors(drawn[name], name, pen) for name in drawn}
    height = CAP_UNITS / max(BASELINE - pen.cap, 8.0)
    master = Master(glyphs, height, pen.cap, pen.x, step, pen.style.slant, sides, bearing, anchors)
    kerned = {name: one for name, one in base.items() if not name.isdigit()}
    if like is None:
        lefts, rights = groups(kerned, bearing, 1), groups(kerned, bearing, 0)
    else:
        lefts = [group_of(group.names, sides, bearing, 1) for group in like.lefts]
        rights = [group_of(group.names, sides, bearing, 0) for group in like.rights]
    kern = kerning(lefts, rights, step, (pen.cap, BASELINE))
    return replace(master, lefts=lefts, rights=rights, kern=kern)


def _zone(name: str, pen: Pen) -> tuple[float, float]:
    return (pen.x if name.islower() else pen.cap), BASELINE


def _points_along(outline: Outline) -> Array:
    """Points on a contour, close together."""
    parts = []
    for start, control, end in quadratics(outline):
        n = max(3, int(4 * (np.hypot(*(control - start)) + np.hypot(*(end - control)))))
        s = np.linspace(0, 1, n)[:, None]
        parts.append((1 - s) ** 2 * start + 2 * s * (1 - s) * control + s**2 * end)
    return np.concatenate(parts)


def quadratics(outline: Outline) -> list[tuple[Array, Array, Array]]:
    """A contour as quadratic Béziers (start, control, end); straight ones have their control midway."""
    points, is_on = [], []
    for index, (point, on) in enumerate(zip(outline.points, outline.is_on, strict=True)):
        following = (index + 1) % len(outline.points)
        points.append(point)
        is_on.append(bool(on))
        if not on and not outline.is_on[following]:
            points.append((point + outline.points[following]) / 2)
            is_on.append(True)
    found, n = [], len(points)
    for index in range(n):
        if is_on[index] and is_on[(index + 1) % n]:
            found.append((points[index], (points[index] + points[(index + 1) % n]) / 2, points[(index + 1) % n]))
        elif is_on[index]:
            found.append((points[index], points[(index + 1) % n], points[(index + 2) % n]))
    return found


def _aligned(glyphs: Mapping[str, Traced], pen: Pen) -> dict[str, Traced]:
    """Level edges that lie almost at the baseline, or where small letters or capitals begin, moved there."""
    return {
        name: replace(glyph, outlines=tuple(_at_heights(one, (BASELINE, pen.cap, pen.x)) for one in glyph.outlines))
        for name, glyph in glyphs.items()
    }


def _at_heights(outline: Outline, heights: Sequence[float]) -> Outline:
    points = outline.points.copy()
    y, on = points[:, 1].copy(), outline.is_on
    edges = np.abs(y - np.roll(y, -1)) < 1e-6
    for level in np.unique(y[edges & on & np.roll(on, -1)]):
        height = min(heights, key=lambda one: abs(one - level))
        if abs(height - level) < _ZONE:
            points[np.abs(y - level) < 1e-6, 1] = height
    return Outline(points, on)


def _anchors(drawn: Field, name: str, pen: Pen) -> tuple[Anchor, Anchor]:
    """Where marks join a letter above and below: in the middle of its end; of a mark, in the middle of the cell."""
    if name in DIACRITICS or not (drawn > 0).any():
        return (CELL_PX / 2, CELL_PX / 2), (CELL_PX / 2, CELL_PX / 2)
    if name in "ij":
        drawn = undotted(drawn)
    top, bottom = ink_ends(drawn, axis=1)
    part = max(3, (bottom - top) // 4)
    above = ink_ends(drawn[top : top + part], axis=0)
    below = ink_ends(drawn[bottom - part // 2 : bottom], axis=0)
    lean = pen.style.slant * (part / 2)
    return (sum(above) / 2 + lean, _top(drawn)), (sum(below) / 2, float(bottom))


def traced_master(letters: Sequence[Field] | Field) -> Generator[None, None, Master]:
    """Trace a place from its 62 letters; yields after each glyph.

    Raises UserError where one of them is empty, as far beyond what the model has seen.
    """
    drawn, pen = fields_of(letters)
    glyphs = {}
    for name, one in drawn.items():
        glyphs[name] = trace(one)
        if not glyphs[name].outlines:
            raise UserError(
                N_("No font can be made here: “{sign}” is empty.").format(sign=name),
                N_("Go back a little, towards the typefaces on the map."),
            )
        yield
    return measured(glyphs, drawn, pen)


def is_drawn(sign: str) -> bool:
    """Whether a character is a letter with marks that are known."""
    parts = signs(sign)[0]
    return len(parts) > 1 and parts[0] in CHARACTERS and all(mark in DIACRITICS for mark in parts[1:])


ACCENTED: Final = tuple(filter(is_drawn, map(chr, (*range(0xC0, 0x180), *range(0x218, 0x21C)))))
"""Letters of Latin-1 and Latin Extended-A that are put together, and the Romanian ones."""
