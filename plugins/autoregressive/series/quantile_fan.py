"""What is drawn of paths: bands that hold half and nine tenths of them, their middle, and a picture of it.

Shape letters: H steps ahead, P paths, Q quantiles, K values; of a picture, H W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.view import ByteArray

Floats = npt.NDArray[np.float64]
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
N_DRAWN: Final = 8
"""Paths that are drawn as lines."""
HEIGHT_PX, WIDTH_PX = 216, 384
_MARGIN_PX: Final = 10
_PAPER: Final = (24, 26, 31)
_HISTORY: Final = (214, 219, 228)
_TRUTH: Final = (138, 146, 160)
_ROSE: Final = (251, 113, 133)
_EDGE: Final = (58, 62, 72)
_LINE_PX: Final = 1.6


Pixels = npt.NDArray[np.float32]
Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Fan:
    """A forecast as far as it has grown.

    Attributes:
        quantiles: (5, K) of QUANTILES. lines: some paths, (L, K). horizon: how far it will grow, K ≤ H.
    """

    quantiles: Floats
    lines: Floats
    horizon: int

    @property
    def n_steps(self) -> int:
        """How many values there are."""
        return self.quantiles.shape[1]

    @property
    def median(self) -> Floats:
        """(K,) half of the paths lie above."""
        return np.asarray(self.quantiles[2])


def fan_of(paths: Floats, horizon: int) -> Fan:
    """The fan of paths (P, K)."""
    return Fan(np.quantile(paths, QUANTILES, axis=0), paths[:N_DRAWN].copy(), horizon)


def value_range(parts: Sequence[Floats]) -> tuple[float, float]:
    """The lowest and highest value of all parts, with some air; never empty."""
    known = np.concatenate([np.ravel(part) for part in parts if part.size] or [np.zeros(1)])
    low, high = float(known.min()), float(known.max())
    air = 0.06 * (high - low) or 0.06 * max(abs(high), 1.0)
    return low - air, high + air


class FanPainter:
    """Draws one fan as it grows: what was and what came lie under it and are drawn once.

    `bounds` are the lowest and highest value that are shown, so that a film does not shake.
    """

    def __init__(self, history: Floats, truth: Floats, horizon: int, bounds: tuple[float, float]) -> None:
        self._n, self._first = len(history) + horizon, len(history) - 1
        self._last = float(history[-1])
        self._low, self._high = bounds
        self._ground = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.float32)
        self._ground[:] = _PAPER
        self._ground[_MARGIN_PX:-_MARGIN_PX, round(self._x_px(self._first))] = _EDGE
        self._line(self._ground, self._first, np.append(self._last, truth[:horizon]), _TRUTH, 1.0)
        self._line(self._ground, 0, history, _HISTORY, 1.0)

    def picture(self, fan: Fan) -> ByteArray:
        """(H, W, 3) the fan as far as it has grown."""
        pixels = self._ground.copy()
        if fan.n_steps:
            bands = np.concatenate([np.full((len(fan.quantiles), 1), self._last), fan.quantiles], 1)
            self._band(pixels, bands[0], bands[4], 0.22)
            self._band(pixels, bands[1], bands[3], 0.34)
            for line in fan.lines:
                self._line(pixels, self._first, np.append(self._last, line), _ROSE, 0.3)
            self._line(pixels, self._first, bands[2], _ROSE, 1.0)
        return np.ascontiguousarray(np.rint(pixels).astype(np.uint8))

    def _x_px(self, place: float) -> float:
        return _MARGIN_PX + place * self._pitch

    @property
    def _pitch(self) -> float:
        return (WIDTH_PX - 2 * _MARGIN_PX) / (max(self._n, 2) - 1)

    def _y_px(self, values: Floats) -> Floats:
        share = np.clip((values - self._low) / (self._high - self._low), -0.05, 1.05)
        return np.asarray(HEIGHT_PX - _MARGIN_PX - share * (HEIGHT_PX - 2 * _MARGIN_PX))

    def _columns(self, first: int, n: int) -> tuple[slice, Floats]:
        """The columns of a curve (K,) that begins at a place, and where in the curve their middles lie."""
        left, right = round(self._x_px(first)), round(self._x_px(first + n - 1))
        return slice(left, right + 1), np.asarray((np.arange(left, right + 1) - self._x_px(first)) / self._pitch)

    def _band(self, pixels: Pixels, low: Floats, high: Floats, share: float) -> None:
        columns, at = self._columns(self._first, len(low))
        top, bottom = (self._y_px(np.interp(at, np.arange(len(low)), curve)) for curve in (high, low))
        _fill(pixels[:, columns], top, bottom, _ROSE, share)

    def _line(self, pixels: Pixels, first: int, values: Floats, colour: Colour, share: float) -> None:
        columns, at = self._columns(first, len(values))
        half, places = 0.5 / self._pitch, np.arange(len(values))
        passed = [np.interp(at + shift, places, values) for shift in (-half, 0.0, half)]  # on the way through a column
        y = self._y_px(np.array(passed))
        _fill(pixels[:, columns], y.min(0) - _LINE_PX / 2, y.max(0) + _LINE_PX / 2, colour, share)


def _fill(pixels: Pixels, top: Floats, bottom: Floats, colour: Colour, share: float) -> None:
    """Lay a colour over what lies between two edges of each column of pixels (H, W, 3)."""
    rows = np.arange(HEIGHT_PX, dtype=np.float32)[:, None]
    cover = np.minimum(rows + 1, bottom.astype(np.float32)) - np.maximum(rows, top.astype(np.float32))
    cover = np.clip(cover, 0, 1) * np.float32(share)
    pixels += (np.array(colour, np.float32) - pixels) * cover[..., None]


def fan_picture(history: Floats, truth: Floats, fan: Fan, bounds: tuple[float, float] | None = None) -> ByteArray:
    """(H, W, 3): what was (N,), the fan behind it, and what came (M,) as far as that is known."""
    shown = bounds or value_range([history, truth, fan.quantiles])
    return FanPainter(history, truth, fan.horizon, shown).picture(fan)
