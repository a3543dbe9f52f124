"""The true series of the data set as a forecaster is given them."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from studio.api.training import DataSeries, Split, load_series

from .forecast_config import Floats, Season
from .forecast_features import KnownSeries

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[Any, None, Result]


@dataclass(frozen=True, eq=False)
class TrueSeries:
    """A series of the data set: its values (N,), what comes round in it, and how far it is forecast."""

    data: DataSeries
    values: Floats
    season: Season

    @property
    def name(self) -> str:
        """On the command line."""
        return self.data.facts.name

    @property
    def horizon(self) -> int:
        """How many values are forecast."""
        return self.data.facts.horizon

    def bounds(self, split: Split) -> tuple[int, int]:
        """The first value of a part, and the one behind its last."""
        return self.data.bounds(split)

    def known(self) -> KnownSeries:
        """What may be learnt from."""
        return KnownSeries(self.values[: self.bounds(Split.TRAIN)[1]], self.season)


def true_series() -> list[TrueSeries]:
    """All of them, those first that may be learnt from."""
    found = [
        TrueSeries(one, one.values.astype(float), Season(one.facts.period, one.facts.long_period))
        for one in load_series()
    ]
    return sorted(found, key=lambda one: not one.data.facts.is_learnt)


def learnt(series: list[TrueSeries]) -> list[TrueSeries]:
    """Those that may be learnt from."""
    return [one for one in series if one.data.facts.is_learnt]
