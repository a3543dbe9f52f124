"""Runs side by side (other guidance, samplers, words, noise near by), and where a study stands after each step.

Each study is a generator that tells after every step of the network how far it is. H W pixels.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final, TypeAlias

import numpy as np

from studio.core.path.position import slerp
from studio.core.sound.mel import FLOOR_DB
from studio.core.view import State

from ..sound.frames import spectrogram
from .model.batch_run import BatchStep, CascadeModels, batch_steps
from .model.denoiser import Condition, DiffusionModel, FloatArray
from .model.inpainting import as_floats, compose
from .model.position import CONDITIONING, NOISE, WORDS, condition_at, item_seeds, noise_of, packed
from .model.run import MASK, PICTURE, SOUND
from .params import DiffusionParams, SamplerName
from .state import REFERENCE_STEPS, StudyPicture, StudyProgress, StudyRequest

Model: TypeAlias = DiffusionModel | CascadeModels
N_LOOKS: Final = {"heun": 2}
"""How often a sampler asks the network in a step, where it is more than once."""


@dataclass(frozen=True, eq=False)
class WordEffect:
    """What becomes of a picture or sound without one word.

    Attributes:
        piece: the number of the word among the pieces of the prompt.
        word: as it was typed.
        mean_change, rms_change: of all values, which lie in 0..1 for pictures.
        change: where it changes, (H, W), the mean over the colours; (T,) for sound.
    """

    piece: int
    word: str
    mean_change: float
    rms_change: float
    change: FloatArray


@dataclass(frozen=True, eq=False)
class StudyRun:
    """One run of a study, on its way or done.

    Attributes:
        index: its place in the study.
        params, start: what makes it again.
        share: 0..1, how much of it is done.
        shown: the predicted picture (H, W, 3) or sound (T,), the finished one in the end.
        seconds: what its steps took, drawing not counted.
        x: the finished clean x (1, ...); None before the end.
        distance: RMS in x from the reference of a race; None where there is none yet.
        effect: what a word did, when it was left out.
    """

    index: int
    params: DiffusionParams
    start: State | None
    share: float
    shown: FloatArray
    seconds: float
    x: FloatArray | None = None
    distance: float | None = None
    effect: WordEffect | None = None


def guidance_strip(
    model: Model, params: DiffusionParams, start: State | None, scales: Sequence[float]
) -> Iterator[StudyRun]:
    """The same noise at several strengths of guidance."""
    for index, scale in enumerate(scales):
        yield from _trial(model, index, replace(params, guidance=scale), start)


def sampler_race(
    model: Model,
    params: DiffusionParams,
    start: State | None,
    samplers: Sequence[SamplerName],
    n_reference: int,
) -> Iterator[StudyRun]:
    """The same noise through several samplers, then through DDIM in many steps, from which the others are measured.

    The reference comes last, as the trial behind the samplers; then each finished one again, with its distance.
    """
    done = []
    for index, sampler in enumerate(samplers):
        done.append((yield from _trial(model, index, replace(params, sampler=sampler), start)))
    settings = replace(params, sampler="ddim", steps=n_reference, eta=0.0, spacing="even")
    reference = yield from _trial(model, len(done), settings, start)
    for trial in done:
        yield replace(trial, distance=_rms(_finished(trial) - _finished(reference)))


def variations(model: Model, params: DiffusionParams, start: State | None, amount: float, n: int) -> Iterator[StudyRun]:
    """The neighbourhood of a seed: its noise turned by `amount` 0..1 towards that of the n seeds after it."""
    shape = (model.stages[0] if isinstance(model, CascadeModels) else model).shape
    own = (start or {}).get(NOISE, noise_of((params.seed,), 0, shape).numpy())
    for index, seed in enumerate(item_seeds(params.seed + 1, n)):
        noise = slerp(own, noise_of((seed,), 0, shape).numpy(), amount)
        yield from _trial(model, index, params, {**(start or {}), NOISE: noise})


def leave_one_word_out(model: Model, params: DiffusionParams, start: State | None) -> Iterator[StudyRun]:
    """The same noise with the whole prompt, then without each of its words in turn, with what that changes.

    The first trial is the whole one. Words are the pieces of the prompt that the model was given in the end.
    """
    first = model.stages[0] if isinstance(model, CascadeModels) else model
    condition = condition_at(first, params, {})
    whole = yield from _literal_trial(model, 0, replace(params, prompt=condition.prompt), start)
    for index, (piece, (begin, end)) in enumerate(word_places(condition).items(), 1):
        prompt = " ".join((condition.prompt[:begin] + condition.prompt[end:]).split())
        without = yield from _literal_trial(model, index, replace(params, prompt=prompt), start)
        yield replace(without, effect=_effect(piece, condition.prompt[begin:end], whole.shown, without.shown))


def _literal_trial(
    model: Model, index: int, params: DiffusionParams, start: State | None
) -> Generator[StudyRun, None, StudyRun]:
    """A trial whose prompt is taken as it is: a model that completes prompts would put another word in."""
    first = model.stages[0] if isinstance(model, CascadeModels) else model
    rest = {name: value for name, value in (start or {}).items() if name != CONDITIONING}
    words = packed(first.embed(params.prompt, params.negative))
    return (yield from _trial(model, index, params, {**rest, WORDS: words}))


def word_places(condition: Condition) -> dict[int, tuple[int, int]]:
    """Where each piece lies in the prompt, by its number; those without a letter or a digit are no words."""
    text, at, places = condition.prompt.casefold(), 0, {}
    for number, piece in enumerate(condition.pieces):
        begin = text.find(piece.casefold(), at)
        if begin < 0:
            continue
        at = begin + len(piece)
        if any(sign.isalnum() for sign in piece):
            places[number] = begin, at
    return places


def _effect(piece: int, word: str, whole: FloatArray, without: FloatArray) -> WordEffect:
    change = np.abs(without - whole)
    per_pixel = np.asarray(change.mean(-1) if change.ndim == 3 else change, np.float32)
    return WordEffect(piece, word, float(change.mean()), _rms(change), per_pixel)


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.square(values, dtype=np.float64).mean()))


def _finished(trial: StudyRun) -> FloatArray:
    assert trial.x is not None
    return trial.x


def _trial(
    model: Model, index: int, params: DiffusionParams, start: State | None
) -> Generator[StudyRun, None, StudyRun]:
    """Yield one run after each of its steps; returns the finished one."""
    params = replace(params, batch=1)
    run, seconds = batch_steps(model, params, start or {}), 0.0
    while True:
        began = perf_counter()
        moment = next(run)
        seconds += perf_counter() - began
        if moment is None:
            continue
        is_done = moment.index == moment.n_frames - 1
        trial = StudyRun(index, params, start, moment.index / (moment.n_frames - 1), _shown(moment), seconds)
        if is_done:
            trial = replace(trial, x=moment.steps[0].x.float().cpu().numpy())
        yield trial
        if is_done:
            return trial


def _shown(moment: BatchStep) -> FloatArray:
    """The predicted or the finished picture or sound, over it what a mask keeps."""
    (step,) = moment.steps
    said = step.prediction
    shown = moment.model.decode(step.x) if said is None else moment.model.preview(said.x0)[0]
    known = step.carried.get(PICTURE, step.carried.get(SOUND))
    if MASK not in step.carried or known is None:
        return shown
    return compose(as_floats(known), shown, step.carried[MASK])


def study_progress(
    model: Model, request: StudyRequest, params: DiffusionParams, start: State | None
) -> Iterator[StudyProgress]:
    """Yield where the study stands after every step of the network."""
    weights = np.array(trial_costs(model, request, params))
    pictures: list[StudyPicture | None] = [None] * len(weights)
    shares, effects = np.zeros(len(weights)), {}
    for trial in study_runs_of(model, request, params, start):
        pictures[trial.index] = _picture(trial)
        shares[trial.index] = trial.share
        if trial.effect is not None:
            effects[trial.effect.piece] = trial.effect.rms_change
        yield StudyProgress(tuple(pictures), float(shares @ weights / weights.sum()), dict(effects))


def study_runs_of(
    model: Model, request: StudyRequest, params: DiffusionParams, start: State | None
) -> Iterator[StudyRun]:
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


def trial_costs(model: Model, request: StudyRequest, params: DiffusionParams) -> list[int]:
    """How often each run asks the network, one number for each."""
    if request.kind == "guidance":
        return [_cost(params)] * len(request.scales)
    if request.kind == "race":
        return [*(_cost(replace(params, sampler=sampler)) for sampler in request.samplers), REFERENCE_STEPS]
    if request.kind == "variations":
        return [_cost(params)] * (1 + request.n_variations)
    first = model.stages[0] if isinstance(model, CascadeModels) else model
    return [_cost(params)] * (1 + len(word_places(condition_at(first, params, {}))))


def _cost(params: DiffusionParams) -> int:
    return params.steps * N_LOOKS.get(params.sampler, 1)


def _picture(trial: StudyRun) -> StudyPicture:
    shown = trial.shown if trial.shown.ndim == 3 else _loudness(trial.shown)
    return StudyPicture(trial.params, trial.start, shown, trial.share, trial.seconds, trial.distance)


def _loudness(samples: FloatArray) -> FloatArray:
    """What a sound looks like, (M, L) in 0..1, low bands at the bottom."""
    return np.asarray(1 - spectrogram(samples).values / FLOOR_DB, np.float32).clip(0, 1)
