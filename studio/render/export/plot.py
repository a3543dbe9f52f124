"""Writes the text of a frame, as tinted chips, or its plot, bars or curves, as an SVG drawing."""

import html
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from studio.core.atomic import atomic_write
from studio.core.container.metadata import xml_text
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.text.token import EXPECTED_BITS, strength
from studio.core.translation import N_
from studio.core.view import Bars, Series, Tokens
from studio.render.export.option import Background, Export, ExportOptions, done
from studio.render.export.token_row import tokens_in
from studio.render.text_picture import CELL_PX, FONT_PX, laid_out

if TYPE_CHECKING:
    from studio.render.text_layout import TextLayout

_LINE_PX, _MARGIN_PX = 36.0, 24.0
_CHARS: Final = 64
_INKS: Final[Mapping[Background, tuple[str, str | None]]] = {
    "paper": ("#101114", "#ffffff"),
    "black": ("#ffffff", "#000000"),
    "transparent": ("#101114", None),
}
Plot = Bars | Series
SVG_NAMESPACE: Final = ":".join(("http", "//www.w3.org/2000/svg"))  # a name, not an address that anybody visits
_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 16, 40
_COLOURS: Final = ("#0f9d8f", "#b7791f", "#7c5cd6", "#2f6fdb", "#d6456b", "#3f8f3a")
_REMOVED: Final = "#9aa0a6"
_MAX_LABEL = 24


def draw_text(tokens: Tokens, background: Background, metadata: Mapping[str, Any]) -> str:
    """Return the SVG document; the same text gives the same document."""
    layout = laid_out(tokens, _CHARS, _LINE_PX)
    width, height = _CHARS * CELL_PX + 2 * _MARGIN_PX, layout.n_lines * _LINE_PX + 2 * _MARGIN_PX
    ink, paper = _INKS[background]
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    look = f'font-family="JetBrains Mono, monospace" font-size="{FONT_PX:g}" fill="{ink}"'
    head = f'<svg xmlns="{SVG_NAMESPACE}" {size} {look}>'
    note = f"<metadata>{xml_text(metadata)}</metadata>"
    sheet = [f'<rect width="{width:g}" height="{height:g}" fill="{paper}"/>'] if paper else []
    ends = list(accumulate(map(len, tokens.pieces)))
    lines = range(layout.n_lines)
    chips = (_chip(tokens, line, *span) for line in lines for span in layout.token_spans(line, ends))
    words = (_words(layout, line) for line in lines)
    return "\n".join([head, note, *sheet, *chips, *words, "</svg>\n"])


def _chip(tokens: Tokens, line: int, token: int, left: float, right: float) -> str:
    bits = tokens.weights[token] if tokens.weights and token else None
    fill, opacity = _fill(bits)
    title = "" if bits is None else f"<title>{100 * 2.0**-bits:.3g} %, {bits:.1f} bits</title>"
    return (
        f'<g>{title}<rect x="{_MARGIN_PX + left:g}" y="{_MARGIN_PX + line * _LINE_PX:g}" width="{right - left:g}" '
        f'height="{_LINE_PX - 2:g}" rx="3" fill="{fill}" fill-opacity="{opacity:.3f}"/></g>'
    )


def _words(layout: "TextLayout", line: int) -> str:
    """A line as one text: whoever shows it joins and orders its letters, over the width that they have here."""
    first, last = layout.line_span(line)
    words = layout.text[first:last].removesuffix("\n")
    spans = layout.spans(line, first, first + len(words))
    left, right = (spans[0][0], spans[-1][1]) if spans else (0.0, 0.0)
    is_rtl = layout.is_rtl(line)
    place = f'x="{_MARGIN_PX + (right if is_rtl else left):g}" y="{_MARGIN_PX + (line + 0.64) * _LINE_PX:g}"'
    way = ' direction="rtl"' if is_rtl else ""
    width = f' textLength="{right - left:g}"' if right > left else ""
    return f'<text {place}{width}{way} pointer-events="none" xml:space="preserve">{escape(words, quote=False)}</text>'


def _fill(bits: float | None) -> tuple[str, float]:
    if bits is None:
        return "#ffffff", 0.0
    if bits < EXPECTED_BITS:
        return "#2563eb", 0.16 * (1 - bits / EXPECTED_BITS)
    return "#d11a45", 0.62 * strength(bits)


def plot_in(frame: Frame) -> Plot | None:
    """The first plot among the views of a frame."""
    return next((view for view in frame.views.values() if isinstance(view, Bars | Series)), None)


def write_svg(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the text or the plot of the first frame of the range; raises UserError where it has none."""
    frame = clip.frame(options.span(clip)[0])
    tokens, plot = tokens_in(frame), plot_in(frame)
    yield done(1, 1)
    if tokens is not None:
        drawing = draw_text(tokens, options.background, clip.made_from())
    elif plot is not None:
        drawing = draw_plot(plot, options.background, clip.made_from())
    else:
        raise UserError(N_("There is no plot to save."))
    atomic_write(path, drawing.encode())
    return path


def draw_plot(plot: Plot, background: Background, metadata: Mapping[str, Any]) -> str:
    """Return the SVG document; the same plot gives the same text."""
    ink, paper = _INKS[background]
    shapes = _bars(plot) if isinstance(plot, Bars) else _series(plot, ink)
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    look = f'font-family="Inter, sans-serif" font-size="14" fill="{ink}"'
    sheet = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{paper}"/>'] if paper else []
    head = f'<svg xmlns="{SVG_NAMESPACE}" {size} {look}>'
    note = f"<metadata>{xml_text(metadata)}</metadata>"
    return "\n".join([head, note, *sheet, *shapes, "</svg>\n"])


def _bars(bars: Bars) -> Iterator[str]:
    low, high = _range([0.0, *bars.values])
    pitch = (_HEIGHT - _TOP - _BOTTOM) / max(1, len(bars.labels))
    removed = bars.removed or (False,) * len(bars.labels)
    label_px = 150
    scale = (_WIDTH - label_px - 60 - _RIGHT) / (high - low)
    for row, (label, value, is_removed) in enumerate(zip(bars.labels, bars.values, removed, strict=True)):
        top = _TOP + row * pitch
        start = label_px + (min(value, 0) - low) * scale
        yield _text(label_px - 8, top + pitch / 2, label, "end")
        yield (
            f'<rect x="{start:.2f}" y="{top + 0.15 * pitch:.2f}" width="{abs(value) * scale:.2f}" '
            f'height="{0.7 * pitch:.2f}" fill="{_REMOVED if is_removed else _COLOURS[0]}"/>'
        )
        yield _text(start + abs(value) * scale + 6, top + pitch / 2, f"{value:.4g}", "start")


def _series(series: Series, ink: str) -> Iterator[str]:
    xs = _range(series.x)
    ys = _range(np.concatenate([np.zeros(0), *series.curves.values()]))
    for share in (0.0, 0.5, 1.0):
        y = _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
        x = _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
        yield f'<path d="M{_LEFT} {y:.2f}H{_WIDTH - _RIGHT}" stroke="{ink}" stroke-opacity="0.2"/>'
        yield _text(_LEFT - 8, y, f"{ys[0] + share * (ys[1] - ys[0]):.4g}", "end")
        yield _text(x, _HEIGHT - _BOTTOM + 14, f"{xs[0] + share * (xs[1] - xs[0]):.4g}", "middle")
    if series.x_label:
        yield _text(_WIDTH / 2, _HEIGHT - 10, series.x_label, "middle")
    for number, (name, curve) in enumerate(series.curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        yield f'<path d="{_line(series.x, curve, xs, ys)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield _text(_WIDTH - _RIGHT - 4, _TOP + 10 + 18 * number, name, "end", colour)


def _line(x: Any, y: Any, xs: tuple[float, float], ys: tuple[float, float]) -> str:
    """A path through the points; it breaks where a value is no number."""
    words: list[str] = []
    is_down = False
    for a, b in zip(np.asarray(x, float), np.asarray(y, float), strict=True):
        if np.isfinite(a) and np.isfinite(b):
            left = _LEFT + (a - xs[0]) / (xs[1] - xs[0]) * (_WIDTH - _LEFT - _RIGHT)
            top = _HEIGHT - _BOTTOM - (b - ys[0]) / (ys[1] - ys[0]) * (_HEIGHT - _TOP - _BOTTOM)
            words.append(f"{'L' if is_down else 'M'}{left:.2f} {top:.2f}")
        is_down = bool(np.isfinite(a) and np.isfinite(b))
    return "".join(words)


def _range(values: Sequence[float] | np.ndarray[Any, Any]) -> tuple[float, float]:
    """The finite range, never empty."""
    array = np.asarray(values, np.float64)
    finite = array[np.isfinite(array)]
    low, high = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
    if low > high:
        return 0.0, 1.0
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _text(x: float, y: float, text: str, anchor: str, fill: str | None = None) -> str:
    shown = text if len(text) <= _MAX_LABEL else f"{text[: _MAX_LABEL - 1]}…"
    shown = "".join(char if char.isprintable() else "\ufffd" for char in shown)
    colour = f' fill="{fill}"' if fill else ""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" dominant-baseline="middle"{colour}>'
        f"{html.escape(shown)}</text>"
    )
