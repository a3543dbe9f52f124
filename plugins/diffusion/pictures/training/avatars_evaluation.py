"""How well drawn faces do what their prompts say, by the attribute judge, and how like held-out faces they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import AVATAR_LABELS, Avatars, Judge, Split, load_avatars, load_judge
from studio.core.card import Check
from studio.core.seed import generator
from studio.core.text.face_reading import read_prompt
from studio.core.translation import N_

from ..face_caption import complete, compose, full_caption
from ..model.autoencoder import Autoencoder
from .evaluation import both_likenesses, likeness_checks
from .latent_recipe import redraw
from .objective import unit_pictures

NAMED: Final = ("hair", "beard", "mouth", "clothes", "clothes_colour", "skin_colour")
HELD_OUT: Final = ("hair", "beard", "mouth", "clothes")
SEED: Final = 500
MEAN_FLOOR, EACH_FLOOR = 0.85, 0.70
Painter: TypeAlias = Callable[[Sequence[str], Sequence[int]], Measuring[Tensor]]
"""Prompts and a seed for each to pictures (N, 3, H, W) in [0, 1], at the panel's settings."""


@dataclass(frozen=True)
class Prompts:
    """What is asked for: prompts, the same completed, and the labels of the completed ones (N, 10)."""

    typed: Sequence[str]
    full: Sequence[str]
    labels: Tensor


def held_out_prompts(n: int, faces: Avatars, seed: int = SEED) -> Prompts:
    """Prompts that each name another combination of the labels in NAMED, of held-out hair, beard, mouth and clothes."""
    columns = [list(AVATAR_LABELS).index(name) for name in HELD_OUT]
    combinations = np.unique(faces.labels[:, columns], axis=0)
    random = generator(seed, "held-out prompts")
    random.shuffle(combinations)
    chosen: dict[tuple[str, ...], dict[str, str]] = {}
    while len(chosen) < n:
        row = combinations[len(chosen) % len(combinations)]
        kinds = {name: AVATAR_LABELS[name][kind] for name, kind in zip(HELD_OUT, row, strict=True)}
        kinds |= {name: _any(AVATAR_LABELS[name], random) for name in NAMED if name not in HELD_OUT}
        chosen.setdefault(tuple(kinds.values()), kinds)
    typed = [compose(kinds, random) for kinds in chosen.values()]
    full = [complete(prompt, index) for index, prompt in enumerate(typed)]
    return Prompts(typed, full, torch.tensor([labels_of(prompt) for prompt in full]))


def _any(kinds: Sequence[str], random: np.random.Generator) -> str:
    return kinds[int(random.integers(len(kinds)))]


def labels_of(full: str) -> list[int]:
    """The ten labels that a full caption names, in the order of AVATAR_LABELS."""
    kinds = read_prompt(full).kinds
    return [known.index(kinds[name][0]) for name, known in AVATAR_LABELS.items()]


@torch.no_grad()
def label_shares(judge: Judge, pictures: Tensor, labels: Tensor) -> dict[str, float]:
    """The share of pictures (N, 3, H, W) in [0, 1] of which the judge reads each of the labels (N, 10) right."""
    right = (judge.read(pictures) == labels).float().mean(0)
    return dict(zip(AVATAR_LABELS, map(float, right), strict=True))


def face_checks(paint: Painter, n_prompts: int, n_likeness: int) -> Measuring[list[Check]]:
    """The held-out figures, with what they had to reach where they had to."""
    judge, test = load_judge("avatars"), load_avatars(Split.TEST)
    prompts = held_out_prompts(n_prompts, test)
    completed = yield from paint(prompts.full, range(n_prompts))
    typed = yield from paint(prompts.typed, range(n_prompts))
    yield
    obeyed, plain = (label_shares(judge, drawn, prompts.labels) for drawn in (completed, typed))
    mean = float(np.mean([plain[name] for name in NAMED]))
    alike = yield from _likenesses(paint, judge, test, n_likeness)
    return [
        *obedience_checks(obeyed, n_prompts),
        Check(N_("The same prompts without completion, mean"), mean),
        *alike,
    ]


def redrawn_checks(autoencoder: Autoencoder, n: int) -> Measuring[list[Check]]:
    """What is still right of test faces after the autoencoder: what a drawn face can reach at most."""
    test = load_avatars(Split.TEST)
    redrawn = yield from redraw(autoencoder, torch.from_numpy(test.pictures[:n]))
    shares = label_shares(load_judge("avatars"), redrawn, torch.from_numpy(test.labels[:n]))
    return [Check(N_("Redrawn test faces, {label} right").format(label=name), share) for name, share in shares.items()]


def obedience_checks(obeyed: Mapping[str, float], n_prompts: int) -> list[Check]:
    """What was named in the prompts, with its floors, then what their completion named."""
    mean = float(np.mean([obeyed[name] for name in NAMED]))
    title = N_("What {n:,} held-out prompts name, share right, mean").format(n=n_prompts)
    named = [
        Check(N_("Named in the prompt, share right, {label}").format(label=name), obeyed[name], EACH_FLOOR)
        for name in NAMED
    ]
    rest = [
        Check(N_("Completed, share right, {label}").format(label=name), share)
        for name, share in obeyed.items()
        if name not in NAMED
    ]
    return [Check(title, mean, MEAN_FLOOR), *named, *rest]


def _likenesses(paint: Painter, judge: Judge, test: Avatars, n: int) -> Measuring[list[Check]]:
    """Faces drawn from the captions of test faces, and the test faces that remain, compared with n of them."""
    n = min(n, len(test.labels))
    real, others = (unit_pictures(torch.from_numpy(test.pictures[part])) for part in (slice(n), slice(n, 2 * n)))
    drawn = yield from paint([full_caption(kinds_of(row)) for row in test.labels[-n:].tolist()], range(n))
    seen = both_likenesses(judge, real, drawn)
    yield
    best = both_likenesses(judge, real, others)
    whose = N_("Other test faces instead: {figure}")
    instead = [replace(check, name=whose.format(figure=check.name)) for check in likeness_checks(*best)]
    return [*likeness_checks(*seen), *instead]


def kinds_of(labels: Sequence[int]) -> dict[str, str]:
    """Labels, a row of numbers, by name."""
    return {name: known[label] for (name, known), label in zip(AVATAR_LABELS.items(), labels, strict=True)}
