"""What is known of each series of the data set: where it comes from, how it is measured and what comes round in it."""

from dataclasses import dataclass
from typing import Final, Literal

from studio.core.text import N_

StepUnit = Literal["minute", "day", "month", "year"]


@dataclass(frozen=True)
class SeriesFacts:
    """A series without its values.

    Attributes:
        name: on the command line. title, unit: in words.
        period: after how many values it comes round; long_period: after how many it does so at large (a week of days);
            0 where there is no such period.
        horizon: how many values are forecast.
        start: when the first value was measured, as in ISO 8601. step: how far two values are apart.
        is_learnt: False where a model must not learn from it, so that one sees how it does on what is new to it.
        credit: who is to be named, and what the licence is.
    """

    name: str
    title: str
    unit: str
    period: int
    long_period: int
    horizon: int
    start: str
    step: tuple[int, StepUnit]
    is_learnt: bool
    credit: str


SERIES: Final = (
    SeriesFacts(
        "taylor",
        N_("Electricity demand, England and Wales"),
        "MW",
        48,
        7 * 48,
        48,
        "2000-06-05T00:00",
        (30, "minute"),
        True,
        "James W. Taylor (2003), through pmdarima (MIT)",
    ),
    SeriesFacts(
        "co2",
        N_("Carbon dioxide, Mauna Loa"),
        "ppm",
        52,
        0,
        26,
        "1958-03-29",
        (7, "day"),
        True,
        "C. D. Keeling and T. P. Whorf (2004), public domain, through statsmodels (BSD-3)",
    ),
    SeriesFacts(
        "seattle-temps",
        N_("Temperature by the hour, Seattle"),
        "°F",
        24,
        0,
        48,
        "2010-01-01T00:00",
        (60, "minute"),
        True,
        "NOAA hourly normals, through vega-datasets (MIT)",
    ),
    SeriesFacts(
        "sunspots",
        N_("Sunspots by the year"),
        N_("spots"),
        11,
        0,
        22,
        "1700-01-01",
        (1, "year"),
        True,
        "National Geophysical Data Center, public domain, through statsmodels (BSD-3)",
    ),
    SeriesFacts(
        "sf-temps",
        N_("Temperature by the hour, San Francisco"),
        "°F",
        24,
        0,
        48,
        "2010-01-01T00:00",
        (60, "minute"),
        False,
        "NOAA hourly normals, through vega-datasets (MIT)",
    ),
    SeriesFacts(
        "airline",
        N_("Air passengers by the month"),
        N_("thousands"),
        12,
        0,
        12,
        "1949-01-01",
        (1, "month"),
        False,
        "G. E. P. Box and G. M. Jenkins (1976), through aeon (BSD-3)",
    ),
)
