"""What a forecaster is made of, and how a series is laid before it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_

Floats = npt.NDArray[np.float64]
MAX_WIDTH: Final = 512
MAX_REACH: Final = 4096


@dataclass(frozen=True)
class ForecastConfig:
    """The sizes of a forecaster.

    Attributes:
        width: numbers that it keeps of what was. n_mixtures: logistic distributions that say what comes next.
        n_context: values that it reads one after the other before the first one that it says.
        n_back: how many values further back it may look for the same time of earlier seasons.
    """

    width: int = 96
    n_mixtures: int = 3
    n_context: int = 96
    n_back: int = 400

    def __post_init__(self) -> None:
        is_possible = 1 <= self.width <= MAX_WIDTH and 1 <= self.n_mixtures <= 16
        if not (is_possible and 1 <= self.n_context <= MAX_REACH and 1 <= self.n_back <= MAX_REACH):
            raise UserError(N_("The sizes in this model’s file are impossible."))

    @property
    def n_known(self) -> int:
        """How many values before the first one that is said are looked at."""
        return self.n_context + self.n_back


@dataclass(frozen=True)
class Season:
    """After how many values a series comes round; `long_period` is 0 where there is no second, longer season."""

    period: int
    long_period: int = 0

    def __post_init__(self) -> None:
        if self.period < 1 or self.long_period < 0:
            raise UserError(N_("A season needs at least one value."))


@dataclass(frozen=True)
class SeriesUnits:
    """In which units the forecaster sees a series: `scale` is the mean seasonal difference, `level` the mean of late.

    `spread` is the standard deviation of late in units of `scale`, at least 0.5.
    """

    level: float
    scale: float
    spread: float

    def of(self, values: Floats) -> npt.NDArray[np.float32]:
        """Values in these units."""
        return ((values - self.level) / self.scale).astype(np.float32)

    def back(self, numbers: npt.NDArray[np.float32]) -> Floats:
        """Values of a series, of what is in these units."""
        return numbers.astype(np.float64) * self.scale + self.level


def units_of(known: Floats, season: Season, config: ForecastConfig) -> SeriesUnits:
    """The units of a forecast that follows the values `known` (N,), of which only the last ones count."""
    seen = known[-config.n_known :]
    late = seen[-config.n_context :]
    period = min(season.period, max(len(seen) - 1, 1))
    differences = np.abs(seen[period:] - seen[:-period])
    scale = float(differences.mean()) if len(differences) else 0.0
    least = 1e-3 * float(late.std()) + 1e-6 * abs(float(late.mean())) + 1e-9
    scale = max(scale, least)
    return SeriesUnits(float(late.mean()), scale, max(float(late.std()) / scale, 0.5))
