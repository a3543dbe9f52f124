"""A forecaster ready to draw paths, each value given all before it, also through pinned points. No Qt."""

import math
from collections.abc import Generator
from typing import Any, Self

from studio.api.engine import Device, ModelSource, limited_threads

from .fan_engine import N_AT_ONCE, FanEngine
from .forecast_config import Season
from .forecast_network import Forecaster
from .forecast_paths import PathSampler, PathWish
from .forecast_pins import LookAhead, settled_step
from .forecast_weights import load_forecaster
from .series_frame import Outlook


class LedPaths(PathSampler):
    """Attributes: ahead: by what one sees which paths come near the pinned values; None where nothing is pinned."""

    ahead: LookAhead | None = None


class SeriesEngine(FanEngine):
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

    def _begun(self, outlook: Outlook, wish: PathWish) -> Generator[None, None, LedPaths]:
        paths = self._sampler(outlook, wish)
        paths.ahead = yield from self._look_ahead(outlook, wish)
        return paths

    def _sampler(self, outlook: Outlook, wish: PathWish) -> LedPaths:
        about = outlook.line.about
        with limited_threads(1):
            return LedPaths(self.network, outlook.history, Season(about.period, about.long_period), wish)

    def _look_ahead(self, outlook: Outlook, wish: PathWish) -> Generator[None, None, LookAhead | None]:
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

    def _advance(self, paths: LedPaths, wish: PathWish) -> None:
        if paths.ahead is None:
            paths.settle(paths.draw(paths.look()))
        else:
            settled_step(paths, paths.ahead, wish.seed)

    def _reach(self, outlook: Outlook, paths: LedPaths) -> float:
        return 2 * paths.units.scale * math.sqrt(1 + outlook.horizon / outlook.line.about.period)
