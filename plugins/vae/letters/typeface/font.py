"""Writes masters as a TrueType font: glyphs, composed accents, names, heights, kerning and anchors."""

import io
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from fontTools.agl import UV2AGL
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import (
    ARGS_ARE_XY_VALUES,
    ROUND_XY_TO_GRID,
    USE_MY_METRICS,
    Glyph,
    GlyphComponent,
)

from ...shared.diacritics import DIACRITICS, signs
from ...shared.ink import CELL_PX
from .master import ACCENTED, DOTLESS, Master
from .outline import Outline
from .sign import BASELINE, COMPOSED

UNITS: Final = 1000
_MOST_NAME: Final = 27
_COMMA_BELOW, _CEDILLA = "\N{COMBINING COMMA BELOW}", "\N{COMBINING CEDILLA}"
_LATVIAN: Final = "GKLNRgklnr"
_LINE: Final = {"underlinePosition": -100, "underlineThickness": 50}


def family_name(typed: str) -> str:
    """A name that fonts may have: one line of printable characters, not too long; “Untitled” for none."""
    shown = "".join(char if char.isprintable() else " " for char in typed)
    return re.sub(r"\s+", " ", shown).strip()[:_MOST_NAME].strip() or "Untitled"


def postscript_name(family: str) -> str:
    """The same in the letters that PostScript names are made of."""
    plain = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", plain) or "Untitled"


def glyph_name(sign: str) -> str:
    """The name of a character in the list that Adobe keeps, or its number."""
    return str(UV2AGL.get(ord(sign), f"uni{ord(sign):04X}"))


def built(master: Master, family: str, description: str) -> TTFont:
    """The font of one master."""
    drawn = _Drawn(master)
    names = [".notdef", "space", *drawn.glyphs]
    fonts = FontBuilder(UNITS, isTTF=True)
    fonts.setupGlyphOrder(names)
    fonts.setupCharacterMap({32: "space", 0xA0: "space", **{ord(sign): glyph_name(sign) for sign in drawn.signs}})
    space = round(drawn.space)
    fonts.setupGlyf({".notdef": _empty_box(), "space": TTGlyphPen(None).glyph(), **drawn.glyphs})
    widths = {".notdef": 500, "space": space, **drawn.widths}
    table = fonts.font["glyf"]
    fonts.setupHorizontalMetrics({name: (widths[name], getattr(table[name], "xMin", 0)) for name in names})
    top = max(getattr(table[name], "yMax", 0) for name in names)
    bottom = min(getattr(table[name], "yMin", 0) for name in names)
    fonts.setupHorizontalHeader(ascent=top, descent=bottom, lineGap=0)
    cap, x = (round((BASELINE - row) * master.scale) for row in (master.cap, master.x))
    fonts.setupOS2(
        version=4,
        sTypoAscender=top,
        sTypoDescender=bottom,
        sTypoLineGap=0,
        usWinAscent=top,
        usWinDescent=-bottom,
        sxHeight=x,
        sCapHeight=cap,
        achVendID="NONE",
        fsType=0,
        fsSelection=0b1100_0000,  # regular, and these heights are meant for lines
    )
    fonts.setupPost(italicAngle=0, **_LINE)
    _name(fonts, family, description)
    fonts.font["gasp"] = gasp = newTable("gasp")
    gasp.version, gasp.gaspRange = 1, {0xFFFF: 0b1010}  # smoothed at every size, not hinted
    addOpenTypeFeaturesFromString(fonts.font, drawn.features())
    fonts.font["OS/2"].recalcUnicodeRanges(fonts.font)
    fonts.font["OS/2"].recalcCodePageRanges(fonts.font)
    fonts.font["OS/2"].recalcAvgCharWidth(fonts.font)
    return fonts.font


def font_bytes(font: TTFont) -> bytes:
    """A font as a file."""
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def _name(fonts: FontBuilder, family: str, description: str) -> None:
    name = f"{postscript_name(family)}-Regular"
    fonts.setupNameTable(
        {
            "familyName": family,
            "styleName": "Regular",
            "uniqueFontIdentifier": f"1.000;NONE;{name}",
            "fullName": family,  # a Regular is called like its family
            "version": "Version 1.000",
            "psName": name,
            **({"description": description} if description else {}),
        },
        mac=False,
    )


def _empty_box() -> Glyph:
    pen = TTGlyphPen(None)
    for (left, bottom, right, top), is_outer in (((60, 0, 440, 700), True), ((110, 50, 390, 650), False)):
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        for number, corner in enumerate(corners if is_outer else corners[::-1]):
            (pen.lineTo if number else pen.moveTo)(corner)
        pen.closePath()
    return pen.glyph()


class _Drawn:
    """The glyphs of a master in units, with their widths and where marks join them."""

    def __init__(self, master: Master) -> None:
        self.master = master
        self.glyphs: dict[str, Glyph] = {}
        self.widths: dict[str, int] = {}
        self.signs: list[str] = []
        self.origins: dict[str, float] = {}
        self.space = 1.15 * (sum(self._edges("i")) + 2 * master.step) / 2 * master.scale + 90
        for sign in master.glyphs:
            self._add_simple(sign)
        for sign in COMPOSED:
            self._add_composed(sign)
        self._add_turned_commas()
        for sign in ACCENTED:
            self._add_accented(sign)

    def _edges(self, sign: str) -> tuple[float, float]:
        left, right = self.master.sides[sign].box
        return 0.0, right - left

    def _add(self, sign: str, glyph: Glyph, width: float) -> None:
        name = glyph_name(sign)
        self.glyphs[name], self.widths[name] = glyph, max(0, round(width))
        self.signs.append(sign)

    def _add_simple(self, sign: str) -> None:
        scale, (left, right) = self.master.scale, self.master.sides[sign].box
        if sign in DIACRITICS:
            self.origins[sign], width = 32.0, 0.0
        else:
            before, after = self.master.bearing[sign]
            self.origins[sign], width = left - before, (right - left + before + after) * scale
        self._add(sign, self._glyph(sign, self.master.glyphs[sign].outlines), width)

    def _glyph(self, sign: str, outlines: Sequence[Outline]) -> Glyph:
        pen = TTGlyphPen(None)
        for outline in outlines:
            points = self.units(sign, outline.points)
            _draw(pen, points, outline.is_on)
        return pen.glyph(dropImpliedOnCurves=False)

    def units(self, sign: str, points: np.ndarray) -> np.ndarray:
        """Points in cells as whole units of the font, marks around the point that joins a letter."""
        row = CELL_PX / 2 if sign in DIACRITICS else BASELINE
        x = (points[..., 0] - self.origins[sign]) * self.master.scale
        return np.stack([x, (row - points[..., 1]) * self.master.scale], -1).round().astype(int)

    def _add_composed(self, sign: str) -> None:
        parts = COMPOSED[sign]
        heights = [self._height(part, place) for part, _, place in parts]
        width = self.widths[glyph_name(parts[0][0])]
        places = [(part, round(share * width), height) for (part, share, _), height in zip(parts, heights, strict=True)]
        self._add(sign, _composite(places), width + max(dx for _, dx, _ in places))

    def _height(self, sign: str, place: int) -> int:
        """How far a sign moves up to stand at the baseline (0), small letters (1), capitals (2), in the middle (3)."""
        if not place:
            return 0
        glyph = self.glyphs[glyph_name(sign)]
        top = {1: self.master.x, 2: self.master.cap, 3: (self.master.cap + BASELINE) / 2}[place]
        height = (BASELINE - top) * self.master.scale
        ys = [y for _, y in glyph.coordinates]
        return round(height - (max(ys) if place < 3 else (max(ys) + min(ys)) / 2))

    def _add_turned_commas(self) -> None:
        """The quotation marks that open: commas turned by half a turn, as glyphs of their own."""
        name, scale, comma = glyph_name(","), self.master.scale, self.master.glyphs[","].outlines
        turned = [CELL_PX * np.array([1, 1]) - one.points for one in comma]
        _, right = self.master.sides[","].box
        self.origins["‘"] = CELL_PX - right - self.master.bearing[","][0]
        points = [self.units("‘", one) for one in turned]
        shift = round((BASELINE - self.master.cap) * scale) - max(int(one[:, 1].max()) for one in points)
        pen = TTGlyphPen(None)
        for one, outline in zip(points, comma, strict=True):
            _draw(pen, one + np.array([0, shift]), outline.is_on)
        width = self.widths[name]
        self._add("‘", pen.glyph(dropImpliedOnCurves=False), width)
        self._add("“", _composite([("‘", 0, 0), ("‘", round(0.8 * width), 0)]), 1.8 * width)

    def _add_accented(self, sign: str) -> None:
        letter, *marks = list(signs(sign)[0])
        if letter in _LATVIAN:
            marks = [_COMMA_BELOW if mark == _CEDILLA else mark for mark in marks]
        base = {plain: dotless for dotless, plain in DOTLESS.items()}.get(letter, letter)
        if all(DIACRITICS[mark].is_below for mark in marks):
            base = letter
        places = [(base, 0, 0)]
        for mark in marks:
            (x, y) = self.anchor(base, DIACRITICS[mark].is_below)
            places.append((mark, x, y))
        self._add(sign, _composite(places), self.widths[glyph_name(base)])

    def anchor(self, sign: str, is_below: bool) -> tuple[int, int]:
        """Where marks join a glyph, in units."""
        x, y = self.units(sign, np.array(self.master.anchors[sign][int(is_below)])).tolist()
        return x, y

    def features(self) -> str:
        """Kerning by groups, and where marks join letters, in the language of feature files."""
        lines = ["languagesystem DFLT dflt;", "languagesystem latn dflt;"]
        for mark, shape in DIACRITICS.items():
            side = "below" if shape.is_below else "above"
            lines.append(f"markClass {glyph_name(mark)} <anchor 0 0> @{side};")
        lines += self._kerning()
        lines.append("feature mark {")
        for sign in self.master.glyphs:
            if sign.isalnum():
                (ax, ay), (bx, by) = self.anchor(sign, False), self.anchor(sign, True)
                name = glyph_name(sign)
                lines.append(f"pos base {name} <anchor {ax} {ay}> mark @above <anchor {bx} {by}> mark @below;")
        lines.append("} mark;")
        dotted = " ".join(glyph_name(mark) for mark, shape in DIACRITICS.items() if not shape.is_below)
        lines += ["feature ccmp {", f"sub [i]' [{dotted}] by dotlessi;", f"sub [j]' [{dotted}] by uni0237;", "} ccmp;"]
        return "\n".join(lines)

    def _kerning(self) -> list[str]:
        master, units = self.master, np.round(self.master.kern * self.master.scale).astype(int)
        with_accents: dict[str, list[str]] = {}
        for sign in ACCENTED:
            with_accents.setdefault(signs(sign)[0][0], []).append(glyph_name(sign))
        lines = []
        for letter, found in (("L", master.lefts), ("R", master.rights)):
            for number, group in enumerate(found):
                members = [name for sign in group.names for name in (glyph_name(sign), *with_accents.get(sign, []))]
                lines.append(f"@{letter}{number} = [{' '.join(members)}];")
        lines.append("feature kern {")
        for (left, right), value in np.ndenumerate(units):
            lines.append(f"pos @L{left} @R{right} {value};")
        lines.append("} kern;")
        return lines


def _draw(pen: Any, points: np.ndarray, is_on: np.ndarray) -> None:
    """A closed contour from its first point on the curve."""
    order = [tuple(point) for point in points.tolist()]
    pen.moveTo(order[0])
    controls: list[tuple[int, ...]] = []
    for point, on in zip([*order[1:], order[0]], [*is_on[1:], True], strict=True):
        if not on:
            controls.append(point)
        elif controls:
            pen.qCurveTo(*controls, point)
            controls = []
        elif point is not order[0]:
            pen.lineTo(point)
    pen.closePath()


def _composite(parts: Sequence[tuple[str, int, int]]) -> Glyph:
    """A glyph of others, each moved by whole units."""
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = []
    for number, (sign, x, y) in enumerate(parts):
        component = GlyphComponent()
        component.glyphName, component.x, component.y = glyph_name(sign), x, y
        component.flags = ROUND_XY_TO_GRID | ARGS_ARE_XY_VALUES
        if number == 0 and sign.isalpha():
            component.flags |= USE_MY_METRICS
        glyph.components.append(component)
    return glyph


def typeset(master: Master, text: str) -> tuple[tuple[tuple[np.ndarray, np.ndarray], ...], float]:
    """A line of text as contours of (points (n, 2) in units, which lie on the curve (n,)), and its width."""
    drawn = _Drawn(master)
    kern = np.round(master.kern * master.scale)
    lefts = {sign: k for k, group in enumerate(master.lefts) for sign in group.names}
    rights = {sign: k for k, group in enumerate(master.rights) for sign in group.names}
    found, x, before = [], 0.0, ""
    for sign in text:
        if sign not in master.glyphs:
            x, before = x + drawn.space, ""
            continue
        if before in lefts and sign in rights:
            x += float(kern[lefts[before], rights[sign]])
        outlines, start = master.glyphs[sign].outlines, np.array([round(x), 0])
        found += [(drawn.units(sign, outline.points) + start, outline.is_on) for outline in outlines]
        x, before = x + drawn.widths[glyph_name(sign)], sign
    return tuple(found), x
