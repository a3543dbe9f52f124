"""Measures how far sliders between two texts move what a judge sees in drawn pictures; a card ranks its pairs by that.

N pictures, H W pixels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import AVATAR_LABELS, load_judge, load_scene_judge, scene_vocabulary
from studio.core.text.face_reading import read_prompt
from studio.core.text.steer_slider import SteerSlider

from ...shared.model.denoiser import DiffusionModel, Guidance
from ...shared.model.noise_schedule import lay_grid
from ...shared.model.position import noise_of
from ...shared.model.sampler import SamplerInputs, ddim
from ...shared.model.steering import directions_of, steered
from ...shared.steer_pairs import LEAST_EFFECT, START, SteerPair, pair_to_json

Odds: TypeAlias = Callable[[Tensor, str], Tensor]
"""Pictures (N, 3, H, W) in [0, 1] and a text to how likely the judge holds it to be true of each, (N,) in 0..1."""
FACE_PAIRS: Final = (
    ("smiling", "sad"),
    ("laughing", "angry"),
    ("wide eyes", "eyes closed"),
    ("raised brows", "angry brows"),
    ("a full beard", "no beard"),
    ("long wavy hair", "no long hair"),
    ("spiky hair", "hair in a bun"),
    ("blond hair", "black hair"),
    ("light skin", "dark skin"),
    ("a dress", "an open jacket"),
)
SCENE_PAIRS: Final = (
    ("white", "black"),
    ("red", "blue"),
    ("yellow", "purple"),
    ("pink", "green"),
    ("sunglasses", "crown"),
    ("top hat", "bow"),
    ("cap", "flower"),
    ("cat", "dog"),
    ("pizza", "apple"),
    ("rocket", "tree"),
)


@dataclass(frozen=True)
class SteerMeasures:
    """How much is measured: pictures of a pair at each end, their steps, and how far the slider stands."""

    n_pictures: int = 16
    n_steps: int = 12
    strength: float = START


STEERING: Final = SteerMeasures()


def face_odds() -> Odds:
    """By the judge of faces: the mean of the labels that a text names."""
    judge = load_judge("avatars")

    def odds(pictures: Tensor, text: str) -> Tensor:
        parts = dict(zip(AVATAR_LABELS, judge.split(judge(pictures)), strict=True))
        named = read_prompt(text).kinds.items()
        shares = [_share(parts[label], [AVATAR_LABELS[label].index(kind) for kind in kinds]) for label, kinds in named]
        return torch.stack(shares).mean(0)

    return odds


def scene_odds() -> Odds:
    """By the judge of scenes: a colour is the background's, anything else is there or is worn."""
    judge, known = load_scene_judge(), scene_vocabulary()
    things, backgrounds = [*known["objects"], *known["accessories"]], list(known["colours"])

    def odds(pictures: Tensor, text: str) -> Tensor:
        seen, colours = judge(pictures)
        if text in backgrounds:
            return _share(colours, [backgrounds.index(text)])
        return seen[:, things.index(text)].sigmoid()

    return odds


def _share(logits: Tensor, classes: list[int]) -> Tensor:
    return logits.softmax(1)[:, classes].sum(1)


@torch.no_grad()
def measured_pairs(
    model: DiffusionModel,
    pairs: Sequence[tuple[str, str]],
    prompts: Sequence[str],
    odds: Odds,
    guidance: float,
    measures: SteerMeasures,
) -> Measuring[list[dict[str, Any]]]:
    """The pairs with their effects, best first, as a card holds them; those that do nearly nothing are left out."""
    found = []
    for toward, away in pairs:
        leans = []
        for strength in (measures.strength, -measures.strength):
            slider, asked = SteerSlider(strength, toward, away), prompts[: measures.n_pictures]
            pictures = yield from steered_pictures(model, asked, slider, guidance, measures.n_steps)
            leans.append(float((odds(pictures, toward) - odds(pictures, away)).mean()))
        found.append(SteerPair(toward, away, (leans[0] - leans[1]) / 2))
    ranked = sorted(found, key=lambda pair: -pair.effect)
    return [pair_to_json(pair) for pair in ranked if pair.effect >= LEAST_EFFECT]


@torch.no_grad()
def steered_pictures(
    model: DiffusionModel, prompts: Sequence[str], slider: SteerSlider, guidance: float, n_steps: int
) -> Measuring[Tensor]:
    """Pictures (N, 3, H, W) in [0, 1] of prompts under a slider, each that of its seed, its number."""
    grid, directions, pictures = lay_grid(model.schedule, n_steps), directions_of(model), []
    for seed, prompt in enumerate(prompts):
        asked = steered(directions, model.embed(prompt), [slider])
        denoise, noise = model.denoiser(asked, Guidance(guidance)), partial(_noise, seed, model)
        last = yield from _last(ddim(SamplerInputs(denoise, grid, noise(0), noise)))
        pictures.append(torch.from_numpy(model.decode(last)).movedim(2, 0))
    return torch.stack(pictures)


def _noise(seed: int, model: DiffusionModel, k: int) -> Tensor:
    return noise_of((seed,), k, model.shape)


def _last(steps: Iterator[Any]) -> Measuring[Tensor]:
    x = torch.empty(0)
    for step in steps:
        x = step.x
        yield
    return x
