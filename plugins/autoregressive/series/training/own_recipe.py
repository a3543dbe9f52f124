"""The training that makes a model of a person's own tables, `autoregressive/tables`, new or of the one there is."""

import itertools
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.engine import FolderFinding
from studio.api.recipe import folder_name
from studio.api.table import TABLE_SUFFIXES, SeriesLine, is_table, reading_table
from studio.api.training import DataSeries, SeriesFacts, Training, TrainSettings, reading_frames
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param, text_param
from studio.core.translation import N_

from ..baselines import ForecastScore
from ..model.config import Season
from ..model.forecaster import Forecaster, load_forecaster
from .evaluation import TrueSeries, scale_of
from .recipe import ForecastRecipe

SHIPPED: Final = Path(__file__).parents[2] / "models" / "forecast.safetensors"
LEAST_VALUES: Final = 60
MAX_FILES, MAX_SERIES = 500, 200
_MAX_LOOKED_INTO: Final = 200


@dataclass(frozen=True)
class TablesSettings(TrainSettings):
    """What a person chooses for a model of own tables.

    Attributes:
        data: the folder of the tables; those within it count too.
        begin: "forecast" to go on from the model that is there, "new" for one that knows nothing.
    """

    data: str = text_param(N_("Folder"), N_("The folder with your tables; its subfolders count too."))
    begin: str = param(
        "forecast",
        label=N_("Start from"),
        help=N_("The existing model, which then learns your series too (fine-tuning), or a new one."),
        choices=("forecast", "new"),
    )


TRAINING: Final = TablesSettings(
    n_steps=800, learning_rate=5e-4, n_warmup=40, n_decay=700, weight_decay=0.05, average_decay=0.99, keep_best=True
)


@dataclass(frozen=True)
class TablesProgress:
    """How far the reading is, from 0 to 1, and what is read."""

    fraction: float
    sentence: str


@dataclass(frozen=True)
class OwnSeries:
    """The series of a folder of tables; `left_out` says "name: reason" of what was not taken."""

    lines: tuple[SeriesLine, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TablesRecipe(ForecastRecipe):
    """Whatever series a folder of tables holds: the first 70 % of each to learn from, the last 20 % to measure on."""

    id: str = "autoregressive/tables"
    title: str = N_("Your tables")
    summary: str = N_("Learns from a folder of your own tables (CSV, Parquet) what may come next in their series.")
    minutes: float = 5
    needs_folder: bool = True
    settings: TablesSettings = TRAINING
    licence: ClassVar[str] = N_("Your own tables; what you may do with them decides what you may do with the model.")
    invitation: str = N_(
        "Choose or drop a folder of tables (CSV, Parquet) with a column of dates, and numbers, in 60 rows or more."
    )

    def takes_folder(self, path: Path) -> bool:
        """Whether most files are tables in a folder, or in that of the file which stands for it."""
        folder = path if path.is_dir() else path.parent
        names = [name for _, _, files in itertools.islice(os.walk(folder), _MAX_LOOKED_INTO) for name in files]
        seen = [name for name in names if not name.startswith(".")]
        return 2 * sum(name.lower().endswith(TABLE_SUFFIXES) for name in seen) > len(seen)

    def look_into(self, path: Path) -> Generator[Any, None, FolderFinding]:
        """Say how many series there are."""
        own = yield from series_in_tables(path if path.is_dir() else path.parent)
        sentence = N_("{n:,} series with {values:,} values to learn from.").format(
            n=len(own.lines), values=sum(len(line.values) for line in own.lines)
        )
        return FolderFinding(sentence, own.left_out, len(own.left_out))

    def read(self, device: torch.device) -> Generator[Frame, None, list[TrueSeries]]:
        chosen = self.settings
        if not chosen.data:
            raise UserError(
                N_("This model learns from a folder of your own tables."), N_("Name the folder with --set data=FOLDER.")
            )
        own = yield from reading_frames(series_in_tables(Path(chosen.data).expanduser()), chosen.n_steps)
        if own.left_out:
            yield Frame(0, chosen.n_steps, N_("Left out: {files}").format(files="; ".join(own.left_out[:5])))
        return [as_true(line) for line in own.lines]

    def network(self) -> Forecaster:
        """That of the program with dropout, or a new one."""
        if self.settings.begin == "new":
            return super().network()
        known = load_forecaster(SHIPPED)
        network = Forecaster(known.config, self.dropout)
        network.load_state_dict(known.state_dict())
        return network

    def card(
        self,
        network: Forecaster,
        training: Training,
        series: list[TrueSeries],
        scores: Mapping[str, Mapping[str, ForecastScore]],
    ) -> dict[str, Any]:
        """What is said of the network: nothing of where a person's files lie."""
        card = super().card(network, training, series, scores)
        n = card["data_set"]["n_items"]
        card.pop("credits")
        return {
            **card,
            "data": N_("{n:,} values from {series} series of your own, the first 70 % of each").format(
                n=n, series=len(series)
            ),
            "data_set": {**card["data_set"], "name": folder_name(self.settings.data)},
            "notes": card["notes"][:2],
        }


def series_in_tables(folder: Path) -> Generator[TablesProgress, None, OwnSeries]:
    """All series in a folder's tables that are long enough; yields often. Raises UserError where there are none."""
    lines: list[SeriesLine] = []
    left_out: list[str] = []
    files = table_files(folder)
    for place, path in enumerate(files):
        reading = reading_table(path)
        said = TablesProgress(place / len(files), N_("Reading {name}").format(name=printable(path.name)))
        while True:
            yield said
            try:
                next(reading)
            except UserError as error:
                left_out.append(f"{printable(path.name)}: {error}")
                break
            except StopIteration as end:
                _take(end.value, path, lines, left_out)
                break
    if not lines:
        raise UserError(
            N_("There is no series in this folder to learn from."),
            N_("It needs tables (CSV, Parquet) with a column of numbers and at least {n} rows.").format(n=LEAST_VALUES),
        )
    return OwnSeries(tuple(lines), tuple(left_out))


def _take(found: list[SeriesLine], path: Path, lines: list[SeriesLine], left_out: list[str]) -> None:
    """Keep those that can be learnt from, each with a name of its own, as long as there is room."""
    for line in found:
        reason = _why_not(line)
        if not reason and len(lines) == MAX_SERIES:
            reason = N_("only the first {n} series are used").format(n=MAX_SERIES)
        if reason:
            left_out.append(f"{printable(path.name)}: {reason}")
        else:
            lines.append(replace(line, about=replace(line.about, name=f"{len(lines) + 1}")))


def _why_not(line: SeriesLine) -> str:
    """Why a series cannot be learnt from, "" where it can."""
    if len(line.values) < max(LEAST_VALUES, 3 * line.about.period):
        return N_("too few values")
    if scale_of(as_true(line)) <= 0:
        reason = N_("“{title}” does not change from season to season before its last fifth")
        return reason.format(title=line.about.title)
    return ""


def table_files(folder: Path) -> list[Path]:
    """The tables in a folder and those within it, in order; links and hidden folders are passed over."""
    if not folder.is_dir():
        raise UserError(N_("“{name}” is not a folder.").format(name=printable(folder.name)))
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [path for name in sorted(names) if is_table(path := Path(place, name)) and not path.is_symlink()]
        if len(found) > MAX_FILES:
            raise UserError(N_("The folder contains more than {n:,} tables.").format(n=MAX_FILES))
    return found


def as_true(line: SeriesLine) -> TrueSeries:
    """A person's series as those of the data set are given to a forecaster."""
    about = line.about
    horizon = max(1, min(about.horizon, len(line.values) // 10))
    season = Season(about.period, about.long_period)
    facts = SeriesFacts(
        about.name,
        about.title,
        about.unit,
        season.period,
        season.long_period,
        horizon,
        about.clock.start,
        (1, "day"),
        True,
        "",
    )
    return TrueSeries(DataSeries(facts, line.values.astype("float32")), line.values, season)


TABLES: Final = TablesRecipe()
