"""A forecaster ready to draw paths: they grow as frames, go through pinned points, and are tested on the past. No Qt.

Shape letters: H steps ahead, K of them there are, N values, P paths.
"""

import math
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final, Self

import numpy as np

from studio.api.engine import Device, Engine, ModelSource, limited_threads
from studio.core.frame import Frame
from studio.core.generator import result_of
from studio.core.view import State

from .forecast_config import Season
from .forecast_network import Forecaster
from .forecast_paths import PathSampler, PathWish
from .forecast_pins import LookAhead, settled_step
from .forecast_score import Floats
from .forecast_weights import load_forecaster
from .params import SampleParams
from .series_fan import Fan, fan_of
from .series_frame import Outlook, frame_of, painter_of
from .series_pack import line_of, pack
from .series_past import N_TEST_PATHS, WayScore, back_test
from .series_state import Line, SeriesState, about_bytes, read_state, started

N_AT_ONCE: Final = 8
"""Steps between two pauses."""
N_DRAFT: Final = 60


class SeriesEngine(Engine):
    """One forecaster, on the processor."""

    def __init__(self, network: Forecaster) -> None:
        self.network = network
        self._free: tuple[Any, PathSampler] | None = None  # of what the last pinned forecast looked ahead by

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_forecaster(source.path))

    def close(self) -> None:
        """Free the weights."""
        self._free = None
        del self.network

    def pack(self) -> list[Line]:
        """The series that came along."""
        return pack()

    # Paths

    def generate(self, params: SampleParams, start: State | None = None) -> Iterator[Frame]:
        """Yield a frame before the first step and one after each.

        A state (`series_state`) is a frame's, or says which series is forecast, and through which pinned values.
        """
        return (frame for frame in self.generate_with_pauses(params, start) if frame is not None)

    def generate_with_pauses(self, params: SampleParams, start: State | None = None) -> Iterator[Frame | None]:
        """The same with a None wherever a frame takes longer than others may wait."""
        state = self._state(params, start)
        outlook = outlook_of(state.line, params, state.pins)
        wish = _wish(params, outlook, len(state.paths) if state.n_steps else params.n_paths)
        sampler = self._sampler(outlook, wish)
        ahead = yield from self._look_ahead(outlook, wish)
        if len(state.kept):
            sampler.resume(state.paths[:, : outlook.horizon], state.kept)
        spread = 2 * sampler.units.scale * math.sqrt(1 + outlook.horizon / outlook.line.about.period)
        painter = painter_of(outlook, spread)
        fixed: State = {
            "values": outlook.line.values,
            "about": about_bytes(outlook.line.about),
            "n_known": np.array([outlook.n_known]),
            "pins": _table(state.pins),
        }
        while True:
            kept: State = {**fixed, "paths": sampler.paths, "kept": sampler.state[0].numpy().copy()}
            yield frame_of(outlook, sampler.series_paths, painter, kept)
            if sampler.step >= outlook.horizon:
                return
            self._advance(sampler, ahead, wish)

    def draft(self, line: Line, params: SampleParams, pins: Mapping[int, float]) -> Fan:
        """The whole fan of a few paths, at once: what is shown while a hand drags."""
        outlook = outlook_of(line, params, pins)
        wish = _wish(params, outlook, min(params.n_paths, N_DRAFT))
        sampler = self._sampler(outlook, wish)
        ahead = result_of(self._look_ahead(outlook, wish))
        with limited_threads(1):
            for _ in range(outlook.horizon):
                self._advance(sampler, ahead, wish)
        return fan_of(sampler.series_paths, outlook.horizon)

    def _state(self, params: SampleParams, start: State | None) -> SeriesState:
        state = started(line_of(pack(), params.series)) if start is None else start
        return read_state(state, self.network.config.width)

    def _sampler(self, outlook: Outlook, wish: PathWish) -> PathSampler:
        about = outlook.line.about
        with limited_threads(1):
            return PathSampler(self.network, outlook.history, Season(about.period, about.long_period), wish)

    def _look_ahead(self, outlook: Outlook, wish: PathWish) -> Generator[None, None, LookAhead | None]:
        """Free paths, by which one sees which of them come near the pins; None where nothing is pinned."""
        if not outlook.pins:
            return None
        key = outlook.history[-self.network.config.n_known :].tobytes(), outlook.line.about, wish
        if self._free is None or self._free[0] != key:
            free = self._sampler(outlook, wish)
            for step in range(outlook.horizon):
                self._advance(free, None, wish)
                if step % N_AT_ONCE == N_AT_ONCE - 1:
                    yield None
            self._free = key, free
        free, units = self._free[1], self._free[1].units
        return LookAhead(free.paths, {step: (v - units.level) / units.scale for step, v in outlook.pins.items()})

    def _advance(self, sampler: PathSampler, ahead: LookAhead | None, wish: PathWish) -> None:
        with limited_threads(1):
            if ahead is None:
                sampler.settle(sampler.draw(sampler.look()))
            else:
                settled_step(sampler, ahead, wish.seed)

    # The past

    def back_test(self, line: Line, params: SampleParams, n_origins: int) -> Generator[None, None, list[WayScore]]:
        """How the model and others did on the past of a series; raises UserError where that is too short."""

        def forecast(known: Line, horizon: int) -> Generator[None, None, Floats]:
            outlook = Outlook(known, len(known.values), horizon, {})
            wish = _wish(params, outlook, N_TEST_PATHS)
            sampler = self._sampler(outlook, wish)
            for step in range(horizon):
                self._advance(sampler, None, wish)
                if step % N_AT_ONCE == N_AT_ONCE - 1:
                    yield None
            return sampler.series_paths

        return (yield from back_test(forecast, line, params, n_origins))


def outlook_of(line: Line, params: SampleParams, pins: Mapping[int, float]) -> Outlook:
    """What is forecast with these settings; at least two values stay known."""
    n_known = max(len(line.values) - params.n_back, 2)
    horizon = params.horizon or line.about.horizon
    return Outlook(line, n_known, horizon, {step: value for step, value in pins.items() if step < horizon})


def _wish(params: SampleParams, outlook: Outlook, n_paths: int) -> PathWish:
    return PathWish(n_paths, outlook.horizon, params.seed, params.temperature)


def _table(pins: Mapping[int, float]) -> Floats:
    return np.array(sorted(pins.items()), np.float64).reshape(-1, 2)
