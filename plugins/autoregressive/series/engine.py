"""Forecasters ready to draw paths that grow as frames, go through pinned points and are tested on the past. No Qt.

Shape letters: D numbers kept of a path, H steps ahead, K of them there are, N values, P paths.
"""

import math
from abc import abstractmethod
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.api.table import Clock, SeriesInfo, SeriesLine
from studio.api.training import load_series
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.pausing import pause, result_of
from studio.core.translation import N_
from studio.core.view import State
from studio.nn.pausing_layers import pause_between_layers

from ..foreign.chronos_bolt import read_bolt_folder
from .baselines import N_TEST_PATHS, BacktestScore, Values, back_test
from .frames import Outlook, frame_of, painter_of
from .model.bolt_network import BoltNetwork, load_bolt
from .model.bolt_paths import TOGETHER, BoltPaths, PathOutline, QuantileSpread, quantiles_ahead, togetherness
from .model.config import Floats, Season, SeriesUnits
from .model.forecaster import Forecaster, load_forecaster
from .model.sampling import LookAhead, PathRequest, PathSampler, settled_step
from .params import SeriesParams
from .quantile_fan import Fan, fan_of
from .state import SeriesState, about_bytes, read_state, started

N_AT_ONCE: Final = 8
"""Steps between two pauses."""
N_DRAFT: Final = 60
_LEAST_SCALE: Final = 1e-9


def pack() -> list[SeriesLine]:
    """The series that came along, by the order of the data set."""
    return [
        SeriesLine(
            one.values.astype(np.float64),
            SeriesInfo(
                one.facts.name,
                one.facts.title,
                one.facts.unit,
                one.facts.period,
                one.facts.long_period,
                one.facts.horizon,
                Clock(one.facts.start, *one.facts.step),
                one.facts.credit,
            ),
        )
        for one in load_series()
    ]


def line_of(lines: list[SeriesLine], name: str) -> SeriesLine:
    """The series of a name, or the first one; raises UserError where there is none of that name."""
    for line in lines:
        if line.about.name == name or not name:
            return line
    raise UserError(
        N_("There is no series called “{name}”.").format(name=name[:40]),
        N_("The series are: {names}.").format(names=", ".join(line.about.name for line in lines)),
    )


class GrowingPaths(Protocol):
    """Paths that grow. Attributes: units: of the paths as states hold them. step: how many values of each there are."""

    units: SeriesUnits
    step: int

    @property
    def paths(self) -> npt.NDArray[np.float32]:
        """(P, K) the values that there are so far, in units."""

    @property
    def series_paths(self) -> Values:
        """(P, K) the same as values of the series."""

    @property
    def kept(self) -> npt.NDArray[np.float32]:
        """(P, D) what the paths go on from."""

    def resume(self, paths: npt.NDArray[np.float32], kept: npt.NDArray[np.float32], /) -> None:
        """Go on from paths (P, K), K ≤ H, with what was kept of them."""


class FanEngine(PausingEngine):
    """A model that draws paths, on the processor. Attributes: width: D."""

    width: int

    @abstractmethod
    def _begun(self, outlook: Outlook, wish: PathRequest) -> Generator[None, None, GrowingPaths]:
        """Paths before their first step; yields where that takes long."""

    def _drafted(self, outlook: Outlook, wish: PathRequest) -> GrowingPaths:
        """Paths of a draft before their first step, at once."""
        return result_of(self._begun(outlook, wish))

    @abstractmethod
    def _advance(self, paths: Any, wish: PathRequest) -> None:
        """Let all paths take their next value."""

    @abstractmethod
    def _reach(self, outlook: Outlook, paths: Any) -> float:
        """About how far from the last value the paths will get, in the series' own units."""

    def pack(self) -> list[SeriesLine]:
        """The series that came along."""
        return pack()

    def generate_with_pauses(self, params: SeriesParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame before the first step and one after each.

        A state (`state`) is a frame's, or says which series is forecast, and through which pinned values.
        """
        state = self._state(params, start)
        outlook = outlook_of(state.line, params, state.pins)
        wish = request_of(params, outlook, len(state.paths) if state.n_steps else params.n_paths)
        growing = yield from self._begun(outlook, wish)
        if len(state.kept):
            growing.resume(state.paths[:, : outlook.horizon], state.kept)
        painter = painter_of(outlook, self._reach(outlook, growing))
        fixed: State = {
            "values": outlook.line.values,
            "about": about_bytes(outlook.line.about),
            "n_known": np.array([outlook.n_known]),
            "pins": _table(state.pins),
        }
        while True:
            kept: State = {**fixed, "paths": growing.paths, "kept": growing.kept}
            yield frame_of(outlook, growing.series_paths, painter, kept)
            if growing.step >= outlook.horizon:
                return
            self._step(growing, wish)

    def draft(self, line: SeriesLine, params: SeriesParams, pins: Mapping[int, float]) -> Fan:
        """The whole fan of a few paths, at once: what is shown while a hand drags."""
        outlook = outlook_of(line, params, pins)
        wish = request_of(params, outlook, min(params.n_paths, N_DRAFT))
        growing = self._drafted(outlook, wish)
        for _ in range(outlook.horizon):
            pause()
            self._step(growing, wish)
        return fan_of(growing.series_paths, outlook.horizon)

    def back_test(
        self, line: SeriesLine, params: SeriesParams, n_origins: int
    ) -> Generator[None, None, list[BacktestScore]]:
        """How the model and others did on the past of a series; raises UserError where that is too short."""

        def forecast(known: SeriesLine, horizon: int) -> Generator[None, None, Values]:
            outlook = Outlook(known, len(known.values), horizon, {})
            wish = request_of(params, outlook, N_TEST_PATHS)
            growing = yield from self._begun(outlook, wish)
            for step in range(horizon):
                self._step(growing, wish)
                if step % N_AT_ONCE == N_AT_ONCE - 1:
                    yield None
            return growing.series_paths

        return (yield from back_test(forecast, line, params, n_origins))

    def _step(self, growing: GrowingPaths, wish: PathRequest) -> None:
        with limited_threads(1):
            self._advance(growing, wish)

    def _state(self, params: SeriesParams, start: State | None) -> SeriesState:
        state = started(line_of(pack(), params.series)) if start is None else start
        return read_state(state, self.width)


def outlook_of(line: SeriesLine, params: SeriesParams, pins: Mapping[int, float]) -> Outlook:
    """What is forecast with these settings; at least two values stay known."""
    n_known = max(len(line.values) - params.n_back, 2)
    horizon = params.horizon or line.about.horizon
    return Outlook(line, n_known, horizon, {step: value for step, value in pins.items() if step < horizon})


def request_of(params: SeriesParams, outlook: Outlook, n_paths: int) -> PathRequest:
    """How paths are wanted with these settings."""
    return PathRequest(n_paths, outlook.horizon, params.seed, params.temperature)


def _table(pins: Mapping[int, float]) -> Values:
    return np.array(sorted(pins.items()), np.float64).reshape(-1, 2)


class LedPaths(PathSampler):
    """Attributes: ahead: by what one sees which paths come near the pinned values; None where nothing is pinned."""

    ahead: LookAhead | None = None


class ForecastEngine(FanEngine):
    """One forecaster, on the processor."""

    def __init__(self, network: Forecaster) -> None:
        self.network = network
        self.width = network.config.width
        self._free: tuple[Any, LedPaths] | None = None  # of what the last pinned forecast looked ahead by

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_forecaster(source.path))

    def close(self) -> None:
        """Free the weights."""
        self._free = None
        del self.network

    def _begun(self, outlook: Outlook, wish: PathRequest) -> Generator[None, None, LedPaths]:
        paths = self._sampler(outlook, wish)
        paths.ahead = yield from self._look_ahead(outlook, wish)
        return paths

    def _sampler(self, outlook: Outlook, wish: PathRequest) -> LedPaths:
        about = outlook.line.about
        with limited_threads(1):
            return LedPaths(self.network, outlook.history, Season(about.period, about.long_period), wish)

    def _look_ahead(self, outlook: Outlook, wish: PathRequest) -> Generator[None, None, LookAhead | None]:
        """Free paths, by which one sees which of them come near the pins; None where nothing is pinned."""
        if not outlook.pins:
            return None
        key = outlook.history[-self.network.config.n_known :].tobytes(), outlook.line.about, wish
        if self._free is None or self._free[0] != key:
            free = self._sampler(outlook, wish)
            for step in range(outlook.horizon):
                self._step(free, wish)
                if step % N_AT_ONCE == N_AT_ONCE - 1:
                    yield None
            self._free = key, free
        free, units = self._free[1], self._free[1].units
        return LookAhead(free.paths, {step: (v - units.level) / units.scale for step, v in outlook.pins.items()})

    def _advance(self, paths: LedPaths, wish: PathRequest) -> None:
        if paths.ahead is None:
            paths.settle(paths.draw(paths.look()))
        else:
            settled_step(paths, paths.ahead, wish.seed)

    def _reach(self, outlook: Outlook, paths: LedPaths) -> float:
        return 2 * paths.units.scale * math.sqrt(1 + outlook.horizon / outlook.line.about.period)


class BoltEngine(FanEngine):
    """One network, on the processor; what it said of a history is kept, so that pins and seeds cost nothing."""

    width = 1

    def __init__(self, network: BoltNetwork) -> None:
        self.network = network
        self.pauses = pause_between_layers(network)
        self._told: tuple[Any, QuantileSpread] | None = None
        self._together: tuple[Any, float] | None = None

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the folder; raises UserError where it is no good or has no room."""
        return cls(load_bolt(read_bolt_folder(source.path)))

    def close(self) -> None:
        """Free the weights."""
        self._told = self._together = None
        del self.network

    def _begun(self, outlook: Outlook, wish: PathRequest) -> Generator[None, None, BoltPaths]:
        spread = self._spread(outlook)
        yield
        return BoltPaths(_outline(spread, self._measured(outlook), outlook.history), wish, outlook.pins)

    def _drafted(self, outlook: Outlook, wish: PathRequest) -> BoltPaths:
        """Neighbours are as close as was measured last: measuring takes longer than telling."""
        together = TOGETHER if self._together is None else self._together[1]
        return BoltPaths(_outline(self._spread(outlook), together, outlook.history), wish, outlook.pins)

    def _spread(self, outlook: Outlook) -> QuantileSpread:
        """How each value ahead is spread."""
        key = _key(outlook)
        if self._told is None or self._told[0] != key:
            with limited_threads(1):
                table = quantiles_ahead(self.network, outlook.history, outlook.horizon)
            self._told = key, QuantileSpread(table, self.network.config.quantiles)
        return self._told[1]

    def _measured(self, outlook: Outlook) -> float:
        """How much neighbours go together."""
        key = _key(outlook)
        if self._together is None or self._together[0] != key:
            with limited_threads(1):
                self._together = key, togetherness(self.network, outlook.history, outlook.horizon)
        return self._together[1]

    def _advance(self, paths: BoltPaths, wish: PathRequest) -> None:
        paths.advance()

    def _reach(self, outlook: Outlook, paths: BoltPaths) -> float:
        return 1.2 * float(np.abs(self._spread(outlook).table - outlook.history[-1]).max())


def _key(outlook: Outlook) -> Any:
    return outlook.history.tobytes(), outlook.horizon


def _outline(spread: QuantileSpread, together: float, known: Floats) -> PathOutline:
    units = SeriesUnits(float(known[-1]), max(float(np.ptp(spread.table)), _LEAST_SCALE), 1.0)
    return PathOutline(spread, together, units, _least(known))


def _least(known: Floats) -> float:
    """Below which no path falls: zero where nothing was ever below it and some of it near."""
    is_amount = known.min() >= 0 and known.min() < 0.1 * known.mean()
    return 0.0 if is_amount else float("-inf")
