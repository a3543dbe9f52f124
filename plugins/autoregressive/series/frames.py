"""What a moment of a growing forecast shows: a picture, curves, and the state to go on from; no torch.

Shape letters: H steps ahead, K of them there are, N values, P paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.table import SeriesLine
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Image, Series, State, View

from .quantile_fan import QUANTILES, Fan, FanPainter, Floats, fan_of, value_range
from .state import line_in

LEAST_SHOWN: Final = 96
SHOWN_HORIZONS: Final = 3
PATHS: Final = "paths"
NAMES: Final = tuple(f"{100 * share:g} %" for share in QUANTILES)


@dataclass(frozen=True, eq=False)
class Outlook:
    """What a forecast is made of: a series, of which the first `n_known` values are known, and how far it goes."""

    line: SeriesLine
    n_known: int
    horizon: int
    pins: Mapping[int, float]

    @property
    def history(self) -> Floats:
        """What is known."""
        return self.line.values[: self.n_known]

    @property
    def truth(self) -> Floats:
        """What came, as far as the forecast goes and it is known."""
        return self.line.values[self.n_known : self.n_known + self.horizon]

    @property
    def shown(self) -> Floats:
        """The end of what is known, as much as is shown beside the fan."""
        return self.history[-max(SHOWN_HORIZONS * self.horizon, LEAST_SHOWN) :]


def painter_of(outlook: Outlook, spread: float) -> FanPainter:
    """What draws the moments of a run; about so far from the last value, paths are expected to get."""
    around = outlook.history[-1] + np.array([-spread, spread])
    bounds = value_range([outlook.shown, outlook.truth, around, np.array(list(outlook.pins.values()))])
    return FanPainter(outlook.shown, outlook.truth, outlook.horizon, bounds)


def frame_of(outlook: Outlook, paths: Floats, painter: FanPainter, state: State) -> Frame:
    """The frame of paths (P, K), in the series' own units."""
    n_steps, horizon = paths.shape[1], outlook.horizon
    fan = fan_of(paths, horizon)
    picture = Image(painter.picture(fan))
    label = N_("Step {step} of {n}").format(step=n_steps, n=horizon)
    views: dict[str, View] = {"picture": picture, "curves": curves_of(outlook, fan)}
    if n_steps:
        x = np.arange(1, n_steps + 1, dtype=np.float32)
        drawn = {N_("path {n}").format(n=n): line.astype(np.float32) for n, line in enumerate(fan.lines, 1)}
        views[PATHS] = Series(drawn, x)
    return Frame(n_steps, horizon + 1, label, views, scalars_of(outlook, paths), state)


def curves_of(outlook: Outlook, fan: Fan) -> Series:
    """What is drawn as curves over the steps, 0 at the last known value; NaN where a curve has none."""
    shown, truth = outlook.shown, outlook.truth
    x = np.arange(1 - len(shown), outlook.horizon + 1, dtype=np.float32)
    curves = {N_("so far"): _placed(x, 1 - len(shown), shown)}
    for name, quantile in zip(NAMES, fan.quantiles, strict=True):
        curves[name] = _placed(x, 1, quantile)
    if len(truth):
        curves[N_("actual")] = _placed(x, 1, truth)
    return Series(curves, x, outlook.line.about.clock.steps(2))


def _placed(x: npt.NDArray[np.float32], first: int, values: Floats) -> npt.NDArray[np.float32]:
    curve = np.full(len(x), np.nan, np.float32)
    start = first - int(x[0])
    curve[start : start + len(values)] = values
    return curve


def scalars_of(outlook: Outlook, paths: Floats) -> dict[str, float]:
    """How surprising the newest true value is in bits, where it is known, and how far nine tenths of paths spread.

    The surprise says how many of the paths lie as far from the middle as what came: half of them is 1 bit.
    """
    n_steps, truth = paths.shape[1], outlook.truth
    if not n_steps:
        return {"surprise": 0.0, "spread": 0.0} if len(truth) else {"spread": 0.0}
    newest = paths[:, -1]
    low, middle, high = np.quantile(newest, (0.05, 0.5, 0.95))
    spread = {"spread": float(high - low)}
    if not len(truth):
        return spread
    if n_steps > len(truth):
        return {"surprise": 0.0, **spread}
    share = float((np.abs(newest - middle) >= abs(truth[n_steps - 1] - middle)).mean())
    return {"surprise": float(-np.log2(max(share, 1 / (len(newest) + 1)))), **spread}


@dataclass(frozen=True, eq=False)
class SeriesViewModel:
    """A frame: its series, how many of its values were known, and the fan as far as it has grown."""

    line: SeriesLine
    n_known: int
    fan: Fan


def view_model_of(frame: Frame) -> SeriesViewModel | None:
    """What a frame says of a forecast."""
    state, curves, paths = frame.state, frame.views.get("curves"), frame.views.get(PATHS)
    has_fan = isinstance(curves, Series) and set(NAMES) <= set(curves.curves)
    if state is None or "n_known" not in state or not has_fan or not isinstance(curves, Series):
        return None
    try:
        line = line_in(state)
    except UserError:
        return None
    first = int(np.searchsorted(curves.x, 1.0))
    quantiles = np.stack([curves.curves[name][first : first + frame.step] for name in NAMES]).astype(np.float64)
    lines = np.stack(list(paths.curves.values())).astype(np.float64) if isinstance(paths, Series) else np.zeros((0, 0))
    return SeriesViewModel(line, int(state["n_known"][0]), Fan(quantiles, lines, frame.n_steps - 1))
