"""The training that makes `autoregressive/forecast`, and what it is held to.

Shape letters: B windows, T steps.
"""

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Moment, SlowPreview, Split, Training, TrainSettings, Validation
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Image

from ..baselines import ForecastScore, ets, has_ets, seasonal_naive
from ..model.config import ForecastConfig
from ..model.forecaster import Forecaster, WindowBatch, features_at, load_forecaster, save_forecaster
from ..model.sampling import PathRequest, forecast
from ..quantile_fan import fan_of, fan_picture
from .data import Windows
from .evaluation import TrueSeries, by_baseline, by_network, learnt, mean_of, measured, true_series

N_SETTLING: Final = 24
"""The first steps are read, so that something is kept, but not judged."""
CONFIG: Final = ForecastConfig()
TRAINING: Final = TrainSettings(
    n_steps=4000, learning_rate=2e-3, n_warmup=100, n_decay=2400, weight_decay=0.05, keep_best=True
)
HELD_OUT: Final = "CRPS"
N_VALIDATION_ORIGINS, N_VALIDATION_PATHS = 8, 100
N_ORIGINS: Final = 24
N_SHOWN: Final = 3
PREVIEWS: Final = LogThinning(dense=2, growth=1.5)


@dataclass(frozen=True)
class NextValue:
    """Minus the mean log density of a value; what a Training calls."""

    windows: Windows

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        batch = self.windows.draw(step, micro)
        with torch.autocast(batch.values.device.type, enabled=False):  # shares of three digits are too coarse here
            return surprise(model, batch).mean(), {}


def surprise(model: nn.Module, batch: WindowBatch) -> Tensor:
    """(B, T) in nats of the values of windows, from a little after the first one that is read."""
    assert isinstance(model, Forecaster)
    first = model.config.n_back
    steps = torch.arange(first, batch.values.shape[1], device=batch.values.device)
    said, _ = model(features_at(batch.values, batch.n_unknown, batch.lags, steps, batch.spread))
    each: Tensor = -said.log_density(batch.values[:, first:])
    return each[:, N_SETTLING:]


@dataclass(frozen=True, kw_only=True)
class ForecastRecipe(TrainingRecipe[list[TrueSeries]]):
    """One network that learns from all series that it may, and from made up ones."""

    id: str = "autoregressive/forecast"
    title: str = N_("Forecast")
    summary: str = N_(
        "Learns from series of electricity, air, sunspots and temperature what may come next, and how certain that is."
    )
    task: str = N_("Shows how a series may continue, as paths that grow step by step.")
    minutes: float = 20
    config: ForecastConfig = CONFIG
    settings: TrainSettings = TRAINING
    dropout: float = 0.1
    n_true: int = 24
    n_made_up: int = 16
    n_origins: int = N_ORIGINS
    seed: int = 88
    kind: ClassVar[str] = "series"

    def read(self, device: torch.device) -> Generator[Frame, None, list[TrueSeries]]:
        """All series to learn from and to measure on."""
        yield from ()
        return true_series()

    def network(self) -> Forecaster:
        """The network to train."""
        return Forecaster(self.config, self.dropout)

    def network_and_objective(self, series: list[TrueSeries], device: torch.device) -> tuple[Forecaster, NextValue]:
        network, known = self.network(), [one.known() for one in learnt(series)]
        windows = Windows(known, network.config, self.n_true, self.n_made_up, self.seed, device)
        return network, NextValue(windows)

    def preview(self, series: list[TrueSeries], device: torch.device) -> SlowPreview:
        return SlowPreview(partial(self._preview, series), PREVIEWS)

    def validation(self, series: list[TrueSeries], device: torch.device) -> Validation:
        return Validation(partial(self._validate, learnt(series)), HELD_OUT)

    def _preview(self, series: list[TrueSeries], average: nn.Module, step: int) -> Measuring[Moment]:
        """The first series from the end of what may be learnt, with what came."""
        network, one = _on_processor(average), series[0]
        origin = one.bounds(Split.VALIDATION)[0] + one.horizon
        history = one.values[:origin]
        wish = PathRequest(N_VALIDATION_PATHS, one.horizon, self.seed)
        fan = fan_of(forecast(network, history, one.season, wish), one.horizon)
        yield
        truth = one.values[origin : origin + one.horizon]
        return Moment({"picture": Image(fan_picture(history[-N_SHOWN * one.horizon :], truth, fan))})

    def _validate(self, series: list[TrueSeries], average: nn.Module) -> Measuring[Mapping[str, float]]:
        """The mean CRPS over the validation parts of what may be learnt from."""
        way, names = by_network(_on_processor(average), self.seed), [one.name for one in series]
        found = yield from measured(way, series, Split.VALIDATION, N_VALIDATION_ORIGINS, N_VALIDATION_PATHS)
        mean = mean_of(found, names)
        return {HELD_OUT: mean.crps, "MASE": mean.mase}

    def write(self, out: Path, training: Training, series: list[TrueSeries]) -> Measuring[None]:
        """Write the averaged network, then measure what was written on the test parts for the card."""
        average = training.average
        assert isinstance(average, Forecaster)
        save_forecaster(out, average)
        network, names = load_forecaster(out), [one.name for one in learnt(series)]
        ours = yield from measured(by_network(network, self.seed), series, Split.TEST, self.n_origins)
        naive = yield from measured(by_baseline(seasonal_naive, self.seed), series, Split.TEST, self.n_origins)
        smooth = {}
        if has_ets():
            smooth = yield from measured(by_baseline(ets, self.seed), series, Split.TEST, self.n_origins)
        card = self.card(network, training, series, {"ours": ours, "naive": naive, "ets": smooth})
        write_card(out.with_suffix(".json"), card, checks_of(ours, naive, smooth, names))

    def card(
        self,
        network: Forecaster,
        training: Training,
        series: list[TrueSeries],
        scores: Mapping[str, Mapping[str, ForecastScore]],
    ) -> dict[str, Any]:
        """What is said of the network; the figures come to it."""
        found = learnt(series)
        n_values = sum(len(one.known().values) for one in found)
        return {
            **self.common_card(
                network,
                [training],
                "series",
                n_values,
                n_true=self.n_true,
                n_made_up=self.n_made_up,
                dropout=self.dropout,
            ),
            "data": N_("{n:,} values from {series} series, the first 70 % of each, and made-up ones").format(
                n=n_values, series=len(found)
            ),
            "credits": {one.name: one.data.facts.credit for one in series},
            "scores": {way: {name: asdict(score) for name, score in each.items()} for way, each in scores.items()},
            "notes": [
                N_(
                    "Figures are averages over rolling origins in the last 20 % of each series, which was never "
                    "trained on."
                ),
                N_(
                    "They are relative to the average seasonal difference before (MASE, and likewise CRPS of 200 "
                    "paths)."
                ),
                N_("San Francisco’s temperature and the airline passengers were not used in training at all."),
            ],
        }


def checks_of(
    ours: Mapping[str, ForecastScore],
    naive: Mapping[str, ForecastScore],
    smooth: Mapping[str, ForecastScore],
    names: list[str],
) -> list[Check]:
    """MASE and CRPS: of each series below the seasonal naive one's, and their mean below that of ETS where that is."""
    checks = []
    for name, score in ours.items():
        for word, field in (("MASE", "mase"), (N_("CRPS"), "crps")):
            text = N_("{word}, {name}; repeating last season has {other:.3f}")
            value, other = getattr(score, field), getattr(naive[name], field)
            floor = other if name in names else None
            checks.append(Check(text.format(word=word, name=name, other=other), value, floor, False))
    for word, field in (("MASE", "mase"), ("CRPS", "crps")):
        mean = float(np.mean([getattr(ours[name], field) for name in names]))
        other = float(np.mean([getattr(smooth[name], field) for name in names])) if smooth else None
        text = N_("{word}, mean of {n} series")
        if other is not None:
            text = N_("{word}, mean of {n} series; exponential smoothing (ETS) has {other:.3f}")
        checks.append(Check(text.format(word=word, n=len(names), other=other), mean, other, False))
    return checks


def _on_processor(average: nn.Module) -> Forecaster:
    """The network where paths are drawn."""
    assert isinstance(average, Forecaster)
    if next(average.parameters()).device.type == "cpu":
        return average
    network = Forecaster(average.config)
    network.load_state_dict(average.state_dict())
    return network.eval()


FORECAST: Final = ForecastRecipe()
