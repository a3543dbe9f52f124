"""Draws a text as SVG: chips that are tinted by surprise, each with its probability as a title."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from studio.core.container.metadata import xml_text
from studio.core.surprise import EXPECTED_BITS, strength
from studio.core.text_layout import Stretch, lay_out
from studio.core.view import Tokens
from studio.render.export.option import Background

_NAMESPACE: Final = ":".join(("http", "//www.w3.org/2000/svg"))  # a name, not an address that anybody visits
_CELL_PX, _LINE_PX, _MARGIN_PX = 12.0, 36.0, 24.0
_CHARS: Final = 64
_INKS: Final[Mapping[Background, tuple[str, str | None]]] = {
    "paper": ("#101114", "#ffffff"),
    "black": ("#ffffff", "#000000"),
    "transparent": ("#101114", None),
}


def draw_text(tokens: Tokens, background: Background, metadata: Mapping[str, Any]) -> str:
    """Return the SVG document; the same text gives the same document."""
    layout = lay_out(tokens.pieces, _CHARS * _CELL_PX, lambda _: _CELL_PX)
    width, height = _CHARS * _CELL_PX + 2 * _MARGIN_PX, layout.n_lines * _LINE_PX + 2 * _MARGIN_PX
    ink, paper = _INKS[background]
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    look = f'font-family="JetBrains Mono, monospace" font-size="{_CELL_PX / 0.6:g}" fill="{ink}"'
    head = f'<svg xmlns="{_NAMESPACE}" {size} {look}>'
    note = f"<metadata>{xml_text(metadata)}</metadata>"
    sheet = [f'<rect width="{width:g}" height="{height:g}" fill="{paper}"/>'] if paper else []
    chips = (_chip(one, tokens, layout.text) for one in layout.stretches)
    return "\n".join([head, note, *sheet, *chips, "</svg>\n"])


def _chip(one: Stretch, tokens: Tokens, text: str) -> str:
    bits = tokens.weights[one.token] if tokens.weights and one.token else None
    x, y = _MARGIN_PX + one.left, _MARGIN_PX + one.line * _LINE_PX
    fill, opacity = _fill(bits)
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{one.right - one.left:g}" height="{_LINE_PX - 2:g}" rx="3" '
        f'fill="{fill}" fill-opacity="{opacity:.3f}"/>'
    )
    words = text[one.first : one.last].replace("\n", "")
    title = "" if bits is None else f"<title>{100 * 2.0**-bits:.3g} %, {bits:.1f} bits</title>"
    place = f'x="{x:g}" y="{y + _LINE_PX * 0.64:g}" textLength="{max(len(words), 1) * _CELL_PX:g}"'
    return f'<g>{title}{box}<text {place} xml:space="preserve">{escape(words, quote=False)}</text></g>'


def _fill(bits: float | None) -> tuple[str, float]:
    if bits is None:
        return "#ffffff", 0.0
    if bits < EXPECTED_BITS:
        return "#2563eb", 0.16 * (1 - bits / EXPECTED_BITS)
    return "#d11a45", 0.62 * strength(bits)
