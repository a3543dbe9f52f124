"""What a plot shows, as plain values: curves, bands, bars, points, pictures, marks, and two axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Ink: TypeAlias = str
"""A colour: "" for the next one, the name of a hue or of a colour of the theme, or "#rrggbb"."""
Dash: TypeAlias = Literal["", "solid", "dash", "dot", "none"]
Scale: TypeAlias = Literal["linear", "log", "root"]
Direction: TypeAlias = Literal["x", "y"]


@dataclass(frozen=True)
class Axis:
    """One of the two axes.

    Attributes:
        low, high: its ends; None for those of the data.
        scale: "log" stays linear where a value is not above zero; "root" shows rare values beside common ones.
        ticks: (value, text) to be shown in place of round numbers; () for none.
    """

    label: str = ""
    low: float | None = None
    high: float | None = None
    scale: Scale = "linear"
    ticks: tuple[tuple[float, str], ...] | None = None


@dataclass(frozen=True, eq=False)
class Curve:
    """`values` float64 (N,) over `x` (N,), which never falls; what is not finite is left out.

    Attributes:
        dash: "" for the next one, "none" for no line.
        fill: opacity 0..1 of the area between the curve and zero.
        is_body: a column of pixels that holds many values shows their range, and not their mean, as of a waveform.
        is_scaled: drawn as high as the plot, whatever the axis says.
    """

    name: str
    x: FloatArray
    values: FloatArray
    ink: Ink = ""
    dash: Dash = ""
    fill: float = 0.0
    is_body: bool = False
    is_scaled: bool = False

    def finite(self) -> "Curve":
        """The same without what cannot be drawn."""
        kept = np.isfinite(self.values) & np.isfinite(self.x)
        return self if kept.all() else replace(self, x=self.x[kept], values=self.values[kept])

    def value_at(self, x: float) -> float:
        """The value of the last point that is not right of `x`, or the first one."""
        return float(self.values[max(int(np.searchsorted(self.x, x, side="right")) - 1, 0)])


@dataclass(frozen=True, eq=False)
class Band:
    """The area between `low` and `high` (N,) over `x` (N,), opacity 0..1."""

    name: str
    x: FloatArray
    low: FloatArray
    high: FloatArray
    ink: Ink = ""
    opacity: float = 0.22


@dataclass(frozen=True, eq=False)
class Bars:
    """Upright bars `heights` (N,) around `x` (N,), `width` in units of the axis.

    Attributes:
        inks: one for each bar; () for the same one.
        marks: (N,) a line across each bar's column at this height, what is not finite without one.
        labels: what the bars are called; () where `x` says it.
    """

    name: str
    x: FloatArray
    heights: FloatArray
    width: float = 0.8
    ink: Ink = ""
    inks: tuple[Ink, ...] = ()
    marks: FloatArray | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Scatter:
    """Points at `x`, `y` (N,), `size_px` wide."""

    name: str
    x: FloatArray
    y: FloatArray
    ink: Ink = ""
    size_px: float = 7.0
    symbol: Literal["circle", "diamond", "square"] = "circle"


@dataclass(frozen=True, eq=False)
class Image:
    """A picture over both axes, its first row at the top.

    Attributes:
        values: amounts (H, W), shown in colours from `low` to `high`, or uint8 (H, W, 4) as they are.
        x_range, y_range: where its left and right, bottom and top edges lie.
    """

    name: str
    values: npt.NDArray[Any]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    low: float = 0.0
    high: float = 1.0

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The row and column there, None beside the picture."""
        n_rows, n_columns = self.values.shape[:2]
        column = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0]) * n_columns
        row = (self.y_range[1] - y) / (self.y_range[1] - self.y_range[0]) * n_rows
        return (int(row), int(column)) if 0 <= row < n_rows and 0 <= column < n_columns else None


@dataclass(frozen=True)
class Marker:
    """A line across the plot at `at`."""

    at: float
    direction: Direction = "x"
    ink: Ink = "text_strong"
    dash: Dash = "solid"


@dataclass(frozen=True)
class Region:
    """All between two values of an axis."""

    low: float
    high: float
    direction: Direction = "x"
    ink: Ink = "text_muted"


Item: TypeAlias = Curve | Band | Bars | Scatter | Image | Marker | Region


@dataclass(frozen=True, eq=False)
class PlotSpec:
    """All that a plot shows.

    Attributes:
        summary: the plot in words for who does not see it; "" for what can be said of its curves.
        read_out: what is said of a place (x, y); None for the values there.
        start: where the keys begin; None for the last value.
        empty: what is said while there is nothing to show.
    """

    items: Sequence[Item] = ()
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    summary: str = ""
    read_out: Callable[[float, float], str] | None = None
    empty: str = ""
    start: float | None = None
