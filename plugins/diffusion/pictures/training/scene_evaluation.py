"""Measures what a model of scenes draws for prompts that it never learnt from; what takes long yields."""

from dataclasses import dataclass
from typing import Any, Final

import torch

from studio.api.recipe import Measuring
from studio.api.training import (
    SCENE_NEARBY,
    Split,
    held_out_prompts,
    load_scene_judge,
    load_scenes,
    random_scene_judge,
    read_score,
    scene_facts,
    scene_vocabulary,
)
from studio.core.card import Check
from studio.core.translation import N_

from ...shared.vocabulary import known_words
from ..model.networks import LatentDiffusion
from .evaluation import likeness, likeness_checks
from .latent_recipe import drawn_pictures, redraw
from .objective import unit_pictures

OBJECTS_FLOOR: Final = 0.75
BACKGROUNDS_FLOOR: Final = 0.9


def scene_texts(n_scenes: int) -> dict[str, Any]:
    """What a card says of a model that has learnt from so many scenes."""
    return {
        **scene_facts(n_scenes),
        "nearby": {word: list(better) for word, better in SCENE_NEARBY.items()},
        "classes": [],
        "n_pictures": n_scenes,
    }


def scene_words() -> tuple[str, ...]:
    """Every word of the captions of scenes, and the comma."""
    return known_words([", ".join(words) for words in scene_vocabulary().values()])


@dataclass(frozen=True)
class SceneMeasures:
    """How much is measured.

    Attributes:
        n_prompts: held-out ones, one unpicked sample each, for the floors.
        n_likeness: samples and real scenes that are compared.
        n_choice: validation prompts for each strength of guidance that is tried.
        strengths: of them.
    """

    n_prompts: int = 500
    n_likeness: int = 2000
    n_choice: int = 96
    strengths: tuple[float, ...] = (1.5, 2.0, 3.0, 4.5)


def chosen_strength(network: LatentDiffusion, n_steps: int, measures: SceneMeasures) -> Measuring[float]:
    """The strength of guidance under which most things and backgrounds of validation prompts are right."""
    scenes = load_scenes(Split.VALIDATION, measures.n_choice)
    prompts, rights = held_out_prompts(scenes), {}
    for strength in measures.strengths:
        pictures = yield from drawn_pictures(network, prompts, range(len(prompts)), n_steps, strength)
        score = read_score(pictures, scenes)
        rights[strength] = score.objects + 0.5 * score.accessories + 0.5 * score.backgrounds
    return max(rights, key=lambda strength: rights[strength])


def scene_checks(
    network: LatentDiffusion, n_steps: int, strength: float, measures: SceneMeasures
) -> Measuring[list[Check]]:
    """The figures of the card on test prompts, with what they had to reach."""
    scenes = load_scenes(Split.TEST, max(measures.n_prompts, measures.n_likeness))
    prompts = held_out_prompts(scenes)
    pictures = yield from drawn_pictures(network, prompts, range(len(prompts)), n_steps, strength)
    few = slice(0, measures.n_prompts)
    score = read_score(pictures[few], scenes[few])
    real = unit_pictures(torch.from_numpy(scenes[: measures.n_likeness].draw()))
    other = unit_pictures(torch.from_numpy(load_scenes(Split.TRAIN, measures.n_likeness).draw()))
    drawn = pictures[: measures.n_likeness]
    redrawn = yield from redraw(network.autoencoder, torch.from_numpy(scenes[few].draw()))
    ceiling, judge = read_score(redrawn, scenes[few]), load_scene_judge()
    best = likeness(judge, real, other)
    return [
        Check(N_("Objects in {n:,} held-out prompts, F1").format(n=measures.n_prompts), score.objects, OBJECTS_FLOOR),
        Check(N_("Backgrounds in these, share right"), score.backgrounds, BACKGROUNDS_FLOOR),
        Check(N_("What they wear, F1"), score.accessories),
        Check(N_("Objects in held-out scenes through the autoencoder and back, F1"), ceiling.objects),
        Check(N_("Backgrounds in these through the autoencoder and back, share right"), ceiling.backgrounds),
        Check(N_("What they wear, through the autoencoder and back, F1"), ceiling.accessories),
        *likeness_checks(likeness(judge, real, drawn), likeness(random_scene_judge(), real, drawn)),
        Check(N_("Training scenes instead, recall"), best.recall),
        Check(N_("Training scenes instead, precision"), best.precision),
        Check(N_("Training scenes instead, KID x 1,000"), best.kernel_distance, None, False),
    ]
