"""A Chronos-Bolt of other people ready to draw paths: each step spread as it says, given points kept. No Qt."""

from collections.abc import Generator
from typing import Any, Final, Self

import numpy as np

from studio.api.engine import Device, ModelSource, limited_threads

from .bolt_folder import read_bolt_folder
from .bolt_forecast import TOGETHER, BoltPaths, Outline, Spread, quantiles_ahead, togetherness
from .bolt_network import BoltNetwork, load_bolt
from .fan_engine import FanEngine
from .forecast_config import Floats, Units
from .forecast_paths import PathWish
from .series_frame import Outlook

_LEAST_SCALE: Final = 1e-9


class BoltEngine(FanEngine):
    """One network, on the processor; what it said of a history is kept, so that pins and seeds cost nothing."""

    width = 1

    def __init__(self, network: BoltNetwork) -> None:
        self.network = network
        self._told: tuple[Any, Spread] | None = None
        self._together: tuple[Any, float] | None = None

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the folder; raises UserError where it is no good or has no room."""
        return cls(load_bolt(read_bolt_folder(source.path)))

    def close(self) -> None:
        """Free the weights."""
        self._told = self._together = None
        del self.network

    def _begun(self, outlook: Outlook, wish: PathWish) -> Generator[None, None, BoltPaths]:
        spread = self._spread(outlook)
        yield
        return BoltPaths(_outline(spread, self._measured(outlook), outlook.history), wish, outlook.pins)

    def _drafted(self, outlook: Outlook, wish: PathWish) -> BoltPaths:
        """Neighbours are as close as was measured last: measuring takes longer than telling."""
        together = TOGETHER if self._together is None else self._together[1]
        return BoltPaths(_outline(self._spread(outlook), together, outlook.history), wish, outlook.pins)

    def _spread(self, outlook: Outlook) -> Spread:
        """How each value ahead is spread."""
        key = _key(outlook)
        if self._told is None or self._told[0] != key:
            with limited_threads(1):
                table = quantiles_ahead(self.network, outlook.history, outlook.horizon)
            self._told = key, Spread(table, self.network.config.quantiles)
        return self._told[1]

    def _measured(self, outlook: Outlook) -> float:
        """How much neighbours go together."""
        key = _key(outlook)
        if self._together is None or self._together[0] != key:
            with limited_threads(1):
                self._together = key, togetherness(self.network, outlook.history, outlook.horizon)
        return self._together[1]

    def _advance(self, paths: BoltPaths, wish: PathWish) -> None:
        paths.advance()

    def _reach(self, outlook: Outlook, paths: BoltPaths) -> float:
        return 1.2 * float(np.abs(self._spread(outlook).table - outlook.history[-1]).max())


def _key(outlook: Outlook) -> Any:
    return outlook.history.tobytes(), outlook.horizon


def _outline(spread: Spread, together: float, known: Floats) -> Outline:
    units = Units(float(known[-1]), max(float(np.ptp(spread.table)), _LEAST_SCALE), 1.0)
    return Outline(spread, together, units, _least(known))


def _least(known: Floats) -> float:
    """Below which no path falls: zero where nothing was ever below it and some of it near."""
    is_amount = known.min() >= 0 and known.min() < 0.1 * known.mean()
    return 0.0 if is_amount else float("-inf")
