"""What a plot says of its values: how far they reach, which one is nearest, what they are in words and as a table."""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from studio.core.text.csv_text import csv_text
from studio.core.translation import N_, translate
from studio.widgets.plots.scale import Span, number_text, value_span
from studio.widgets.plots.spec import Axis, Band, Bars, Curve, FloatArray, Image, Item, PlotSpec, Scatter

Column: TypeAlias = tuple[str, FloatArray, FloatArray]
_SENTENCE: Final = N_("{name}: {last} at {x}, from {first}; lowest {low}.")


def has_values(items: Sequence[Item]) -> bool:
    """Whether there is anything to draw an axis for."""
    return any(len(x) for _, x, _ in columns_of(items)) or any(isinstance(item, Image) for item in items)


def columns_of(items: Sequence[Item]) -> list[Column]:
    """(name, x, values) of all that has values over x, bands as their two ends."""
    found: list[Column] = []
    for item in items:
        if isinstance(item, Curve):
            found.append((item.name, item.x, item.values))
        elif isinstance(item, Band):
            names = N_("{name}, from"), N_("{name}, to")
            ends = zip(names, (item.low, item.high), strict=True)
            found += [(translate(name).format(name=item.name), item.x, values) for name, values in ends]
        elif isinstance(item, Bars):
            found.append((item.name, item.x, item.heights))
        elif isinstance(item, Scatter):
            found.append((item.name, item.x, item.y))
    return found


def spans_of(spec: PlotSpec, is_log: bool) -> tuple[Span, Span]:
    """Both axes as they are drawn while all of the plot is seen."""
    x_low, x_high = _x_reach(spec.items)
    y_low, y_high = _y_reach(spec.items)
    x = Span(*_ends(spec.x, x_low, x_high), spec.x.scale if x_low > 0 or spec.x.scale != "log" else "linear")
    y = value_span(y_low, y_high, "log" if is_log else spec.y.scale)
    if all(isinstance(item, Image) for item in spec.items):  # a picture has no air around it
        y = Span(y_low, y_high)
    return x, Span(*_ends(spec.y, y.low, y.high), y.scale)


def _ends(axis: Axis, low: float, high: float) -> tuple[float, float]:
    low, high = low if axis.low is None else axis.low, high if axis.high is None else axis.high
    return low, high if high > low else low + 1


def _x_reach(items: Sequence[Item]) -> tuple[float, float]:
    found: list[float] = []
    for item in items:
        if isinstance(item, Image):
            found += item.x_range
        elif isinstance(item, Bars) and len(item.x):
            found += [float(item.x.min()) - item.width / 2, float(item.x.max()) + item.width / 2]
        elif isinstance(item, Curve | Band | Scatter) and len(item.x):
            found += [float(item.x.min()), float(item.x.max())]
    return (min(found), max(found)) if found else (0.0, 1.0)


def _y_reach(items: Sequence[Item]) -> tuple[float, float]:
    found: list[float] = []
    for item in items:
        if isinstance(item, Image):
            found += item.y_range
        elif isinstance(item, Curve) and item.is_scaled:
            found += [0.0, 1.0]
        elif isinstance(item, Bars):
            marks = item.heights if item.marks is None else np.concatenate([item.heights, item.marks])
            found += [0.0, *_reach(marks)]
        elif isinstance(item, Curve):
            found += [*_reach(item.values), *([0.0] if item.fill else [])]
        elif isinstance(item, Band):
            found += [*_reach(item.low), *_reach(item.high)]
        elif isinstance(item, Scatter):
            found += _reach(item.y)
    return (min(found), max(found)) if found else (0.0, 1.0)


def _reach(values: FloatArray) -> list[float]:
    values = values[np.isfinite(values)]
    return [float(values.min()), float(values.max())] if len(values) else []


def nearest_x(items: Sequence[Item], x: float) -> float:
    """The place of a value next to `x`; `x` itself where nothing lies over an axis, as on a picture."""
    near = [float(places[np.abs(places - x).argmin()]) for _, places, _ in columns_of(items) if len(places)]
    return min(near, key=lambda found: abs(found - x), default=x)


def places_of(items: Sequence[Item]) -> FloatArray:
    """The places (N,) that the keys walk: of the item with the most of them, or of the columns of a picture."""
    for item in items:
        if isinstance(item, Image) and item.values.ndim == 2:
            edges = np.linspace(*item.x_range, item.values.shape[1] + 1)
            return np.asarray((edges[1:] + edges[:-1]) / 2, np.float64)
    return max((x for _, x, _ in columns_of(items)), key=len, default=np.empty(0))


def summary(spec: PlotSpec) -> str:
    """The plot in words: its own, or where each curve begins and ends, and its lowest value."""
    if spec.summary:
        return spec.summary
    return " ".join(
        translate(_SENTENCE).format(
            name=name,
            last=number_text(float(values[-1])),
            x=f"{translate(spec.x.label)} {number_text(float(x[-1]))}".strip(),
            first=number_text(float(values[0])),
            low=number_text(float(values.min())),
        )
        for name, x, values in columns_of(spec.items)
        if len(x) and name
    )


def read_out(spec: PlotSpec, x: float, y: float) -> str:
    """The values at a place, in words."""
    if spec.read_out is not None:
        return spec.read_out(x, y)
    where = f"{translate(spec.x.label)} {number_text(x)}".strip()
    parts: list[str] = []
    for item in spec.items:
        if isinstance(item, Image) and (cell := item.cell_at(x, y)) is not None and item.values.ndim == 2:
            parts.append(f"{number_text(y)}, {item.name} {number_text(float(item.values[cell]))}")
        elif isinstance(item, Bars) and len(item.x):
            place = int(np.abs(item.x - x).argmin())
            where = item.labels[place] if item.labels else where
            parts.append(f"{item.name} {number_text(float(item.heights[place]))}")
        elif isinstance(item, Curve) and len(item.x):
            parts.append(f"{item.name} {number_text(item.value_at(x))}")
        elif isinstance(item, Band) and len(item.x):
            place = int(np.abs(item.x - x).argmin())
            parts.append(f"{item.name} {number_text(float(item.low[place]))} – {number_text(float(item.high[place]))}")
    return f"{where}: {', '.join(parts)}" if parts else where


def as_csv(spec: PlotSpec) -> str:
    """All values as a table with a head: a row for each place, or a picture as it lies, with its places around it."""
    image = next((item for item in spec.items if isinstance(item, Image)), None)
    columns = columns_of(spec.items)
    if columns:
        head = [translate(spec.x.label) or "x", *(name for name, _, _ in columns)]
        return csv_text([head, *_rows(columns)])
    return csv_text(_image_rows(image) if image is not None and image.values.ndim == 2 else ())


def _rows(columns: Sequence[Column]) -> list[list[str]]:
    """One row for each x that any of them has; where x comes twice in a column, its last value."""
    places = np.unique(np.concatenate([x for _, x, _ in columns]))
    tables = [dict(zip(x.tolist(), values.tolist(), strict=True)) for _, x, values in columns]
    return [[repr(x), *(_cell(table.get(x, math.nan)) for table in tables)] for x in places.tolist()]


def _image_rows(image: Image) -> list[list[str]]:
    n_rows, n_columns = image.values.shape
    x, y = np.linspace(*image.x_range, n_columns + 1), np.linspace(*image.y_range, n_rows + 1)
    across, up = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    rows = zip(up[::-1].tolist(), image.values.tolist(), strict=True)
    return [["", *map(repr, across.tolist())], *([repr(at), *map(_cell, row)] for at, row in rows)]


def _cell(value: float) -> str:
    return repr(value) if math.isfinite(value) else ""
