"""A text as a figure: chips with their colours on white paper, as SVG."""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from .chips_scale import EXPECTED_BITS, strength
from .text_export import ExportedText
from .text_layout import Stretch, lay_out
from .text_token import TextToken, sentence

NAMESPACE: Final = ":".join(("http", "//www.w3.org/2000/svg"))  # a name, not an address that anybody visits
CELL_PX: Final = 12.0
LINE_PX: Final = 36.0
CHARS: Final = 64
MARGIN_PX: Final = 24.0


def as_svg(text: ExportedText) -> str:
    """The figure; every chip tells its probability as a title."""
    layout = lay_out([token.piece for token in text.tokens], CHARS * CELL_PX, lambda _: CELL_PX)
    width, height = CHARS * CELL_PX + 2 * MARGIN_PX, layout.n_lines * LINE_PX + 2 * MARGIN_PX
    head = (
        f'<svg xmlns="{NAMESPACE}" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="JetBrains Mono, monospace" font-size="{CELL_PX / 0.6:g}">'
    )
    desc = f"<desc>{escape(text.model_id)}, {escape(str(dict(text.params)))}</desc>"
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    chips = (_chip(one, text.tokens[one.token], layout.text) for one in layout.stretches)
    return "\n".join([head, desc, ground, *chips, "</svg>", ""])


def _chip(one: Stretch, token: TextToken, text: str) -> str:
    x, y = MARGIN_PX + one.left, MARGIN_PX + one.line * LINE_PX
    fill, opacity = _fill(token.surprise_bits)
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{one.right - one.left:g}" height="{LINE_PX - 2:g}" rx="3" '
        f'fill="{fill}" fill-opacity="{opacity:.3f}"/>'
    )
    words = text[one.first : one.last].replace("\n", "")
    return (
        f"<g><title>{escape(sentence(token))}</title>{box}"
        f'<text x="{x:g}" y="{y + LINE_PX * 0.64:g}" xml:space="preserve" textLength='
        f"{quoteattr(f'{max(len(words), 1) * CELL_PX:g}')}>{escape(words)}</text></g>"
    )


def _fill(bits: float | None) -> tuple[str, float]:
    if bits is None:
        return "#ffffff", 0.0
    if bits < EXPECTED_BITS:
        return "#2563eb", 0.16 * (1 - bits / EXPECTED_BITS)
    return "#d11a45", 0.62 * strength(bits)
