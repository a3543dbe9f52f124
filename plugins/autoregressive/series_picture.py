"""Draws a series with its forecast as a picture, for film strips, previews and files; numpy only.

Shape letters: H W pixels, K values.
"""

from typing import Final

import numpy as np

from studio.core.view import ByteArray

from .series_fan import Fan, Floats, value_range

HEIGHT_PX, WIDTH_PX = 180, 320
_MARGIN_PX: Final = 10
_PAPER: Final = (24, 26, 31)
_HISTORY: Final = (214, 219, 228)
_TRUTH: Final = (138, 146, 160)
_ROSE: Final = (251, 113, 133)
_EDGE: Final = (58, 62, 72)
_LINE_PX: Final = 1.6


class _Sheet:
    """Pixels (H, W, 3) over which values are drawn between `low` and `high`."""

    def __init__(self, n_values: int, low: float, high: float) -> None:
        self.pixels = np.empty((HEIGHT_PX, WIDTH_PX, 3))
        self.pixels[:] = _PAPER
        self._n, self._low, self._high = max(n_values, 2), low, high

    def x_px(self, place: float) -> float:
        """The column of a value by its place."""
        return _MARGIN_PX + place / (self._n - 1) * (WIDTH_PX - 2 * _MARGIN_PX)

    def _y_px(self, values: Floats) -> Floats:
        share = (values - self._low) / (self._high - self._low)
        return np.asarray(HEIGHT_PX - _MARGIN_PX - share * (HEIGHT_PX - 2 * _MARGIN_PX))

    def band(self, first: int, low: Floats, high: Floats, colour: tuple[int, int, int], share: float) -> None:
        """Fill what lies between two curves (K,) that begin at a place."""
        if not len(low):
            return
        columns = np.arange(np.ceil(self.x_px(first)), np.floor(self.x_px(first + len(low) - 1)) + 1)
        at = (columns - self.x_px(0)) / (self.x_px(1) - self.x_px(0)) - first
        top, bottom = (self._y_px(np.interp(at, np.arange(len(low)), curve)) for curve in (high, low))
        self._fill(columns, top, bottom, colour, share)

    def line(self, first: int, values: Floats, colour: tuple[int, int, int], share: float = 1.0) -> None:
        """Draw a curve (K,) that begins at a place."""
        if not len(values):
            return
        columns = np.arange(np.ceil(self.x_px(first)), np.floor(self.x_px(first + len(values) - 1)) + 1)
        at = (columns - self.x_px(0)) / (self.x_px(1) - self.x_px(0)) - first
        half, places = 0.5 * (self._n - 1) / (WIDTH_PX - 2 * _MARGIN_PX), np.arange(len(values))
        passed = [np.interp(at + shift, places, values) for shift in (-half, 0.0, half)]  # on the way through a column
        y = self._y_px(np.array(passed))
        top, bottom = np.min(y, 0) - _LINE_PX / 2, np.max(y, 0) + _LINE_PX / 2
        self._fill(columns, top, bottom, colour, share)

    def _fill(
        self, columns: Floats, top: Floats, bottom: Floats, colour: tuple[int, int, int], share: float
    ) -> None:
        rows = np.arange(HEIGHT_PX)[:, None]
        cover = np.clip(np.minimum(rows + 1, bottom) - np.maximum(rows, top), 0, 1)[..., None] * share
        x = columns.astype(int)
        self.pixels[:, x] += (np.array(colour) - self.pixels[:, x]) * cover

    def upright(self, place: float) -> None:
        """A faint line from top to bottom."""
        self.pixels[_MARGIN_PX:-_MARGIN_PX, round(self.x_px(place))] = _EDGE

    def finished(self) -> ByteArray:
        """The picture as bytes."""
        return np.ascontiguousarray(np.clip(np.rint(self.pixels), 0, 255).astype(np.uint8))


def fan_picture(history: Floats, truth: Floats, fan: Fan, bounds: tuple[float, float] | None = None) -> ByteArray:
    """(H, W, 3): what was (N,), the fan behind it, and what came (M,) as far as that is known.

    `bounds` are the lowest and highest value that are shown, so that a film does not shake.
    """
    low, high = bounds or value_range([history, truth, fan.quantiles])
    n, ahead = len(history), fan.horizon
    sheet = _Sheet(n + ahead, low, high)
    sheet.upright(n - 1)
    if fan.n_steps:
        joined = np.concatenate([np.full((5, 1), history[-1]), fan.quantiles], 1)
        sheet.band(n - 1, joined[0], joined[4], _ROSE, 0.22)
        sheet.band(n - 1, joined[1], joined[3], _ROSE, 0.34)
        for line in fan.lines:
            sheet.line(n - 1, np.append(history[-1], line), _ROSE, 0.3)
    sheet.line(n - 1, np.append(history[-1], truth[:ahead]), _TRUTH)
    if fan.n_steps:
        sheet.line(n - 1, joined[2], _ROSE)
    sheet.line(0, history, _HISTORY)
    return sheet.finished()


