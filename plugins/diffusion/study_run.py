"""Runs a study and tells after every step where it stands."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from studio.core.mel import FLOOR_DB
from studio.core.view import State

from .blend import condition_at
from .denoiser import FloatArray
from .params import SampleParams
from .process import Cascade
from .sound_drawing import spectrogram
from .studies import (
    Model,
    Trial,
    guidance_strip,
    leave_one_word_out,
    sampler_race,
    variations,
    word_places,
)
from .study_news import REFERENCE_STEPS, StudyNews, StudyPicture, StudyRequest

N_LOOKS: Final = {"heun": 2}
"""How often a sampler asks the network in a step, where it is more than once."""


def study_news(model: Model, request: StudyRequest, params: SampleParams, start: State | None) -> Iterator[StudyNews]:
    """Yield where the study stands after every step of the network."""
    weights = np.array(trial_costs(model, request, params))
    pictures: list[StudyPicture | None] = [None] * len(weights)
    shares, effects = np.zeros(len(weights)), {}
    for trial in trials_of(model, request, params, start):
        pictures[trial.index] = _picture(trial)
        shares[trial.index] = trial.share
        if trial.effect is not None:
            effects[trial.effect.piece] = trial.effect.rms_change
        yield StudyNews(tuple(pictures), float(shares @ weights / weights.sum()), dict(effects))


def trials_of(model: Model, request: StudyRequest, params: SampleParams, start: State | None) -> Iterator[Trial]:
    """The runs themselves."""
    if request.kind == "guidance":
        yield from guidance_strip(model, params, start, request.scales)
    elif request.kind == "race":
        yield from sampler_race(model, params, start, request.samplers, REFERENCE_STEPS)
    elif request.kind == "words":
        yield from leave_one_word_out(model, params, start)
    else:
        yield from guidance_strip(model, params, start, (params.guidance,))  # the picture itself, as it is
        for trial in variations(model, params, start, request.amount, request.n_variations):
            yield replace(trial, index=trial.index + 1)


def trial_costs(model: Model, request: StudyRequest, params: SampleParams) -> list[int]:
    """How often each run asks the network, one number for each."""
    if request.kind == "guidance":
        return [_cost(params)] * len(request.scales)
    if request.kind == "race":
        return [*(_cost(replace(params, sampler=sampler)) for sampler in request.samplers), REFERENCE_STEPS]
    if request.kind == "variations":
        return [_cost(params)] * (1 + request.n_variations)
    first = model.stages[0] if isinstance(model, Cascade) else model
    return [_cost(params)] * (1 + len(word_places(condition_at(first, params, {}))))


def _cost(params: SampleParams) -> int:
    return params.steps * N_LOOKS.get(params.sampler, 1)


def _picture(trial: Trial) -> StudyPicture:
    shown = trial.shown if trial.shown.ndim == 3 else _loudness(trial.shown)
    return StudyPicture(trial.params, trial.start, shown, trial.share, trial.seconds, trial.distance)


def _loudness(samples: FloatArray) -> FloatArray:
    """What a sound looks like, (M, L) in 0..1, low bands at the bottom."""
    return np.asarray(1 - spectrogram(samples).values / FLOOR_DB, np.float32).clip(0, 1)
