"""How well drawn faces do what their prompts say, by the attribute judge, and how like held-out faces they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.training import AVATAR_LABELS, Avatars, Judge, Split, load_avatars, load_judge
from studio.core.seed import generator
from studio.core.text import N_

from .autoencoder_training import unit_pictures
from .card import Defaults
from .check import Check, Measuring
from .evaluation import Likeness, both_likenesses
from .face_caption import complete, compose, full_caption
from .face_reading import read_prompt
from .latent_recipe import drawn_pictures, redraw
from .networks import LatentDiffusion

NAMED: Final = ("hair", "beard", "mouth", "clothes", "clothes_colour", "skin_colour")
HELD_OUT: Final = ("hair", "beard", "mouth", "clothes")
SEED: Final = 500
MEAN_FLOOR, EACH_FLOOR = 0.85, 0.70


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


def face_checks(
    network: LatentDiffusion, defaults: Defaults, n_prompts: int, n_likeness: int
) -> Measuring[list[Check]]:
    """The held-out figures, with what they had to reach where they had to."""
    judge, test = load_judge("avatars"), load_avatars(Split.TEST)
    pictures, labels = torch.from_numpy(test.pictures), torch.from_numpy(test.labels)
    redrawn = yield from redraw(network.autoencoder, pictures[:n_likeness])
    kept = label_shares(judge, redrawn, labels[:n_likeness])
    prompts = held_out_prompts(n_prompts, test)
    drawn = yield from drawn_pictures(network, prompts.full, range(n_prompts), defaults.steps, defaults.guidance)
    obeyed = label_shares(judge, drawn, prompts.labels)
    plain = yield from drawn_pictures(network, prompts.typed, range(n_prompts), defaults.steps, defaults.guidance)
    yield
    alike = yield from _likenesses(network, judge, test, n_likeness, defaults)
    return [
        *obedience_checks(obeyed, n_prompts),
        *_typed_checks(label_shares(judge, plain, prompts.labels)),
        *[
            Check(N_("Redrawn test faces, {label} read right").format(label=name), share)
            for name, share in kept.items()
        ],
        *alike,
    ]


def obedience_checks(obeyed: Mapping[str, float], n_prompts: int) -> list[Check]:
    """What was named in the prompts, with its floors, then what their completion named."""
    mean = float(np.mean([obeyed[name] for name in NAMED]))
    title = N_("Right of what {n:,} held-out prompts name, mean").format(n=n_prompts)
    named = [Check(N_("Right of it, {label}").format(label=name), obeyed[name], EACH_FLOOR) for name in NAMED]
    rest = [
        Check(N_("Right of what was completed, {label}").format(label=name), share)
        for name, share in obeyed.items()
        if name not in NAMED
    ]
    return [Check(title, mean, MEAN_FLOOR), *named, *rest]


def _typed_checks(plain: Mapping[str, float]) -> list[Check]:
    mean = float(np.mean([plain[name] for name in NAMED]))
    return [Check(N_("The same prompts not completed, mean"), mean)]


def _likenesses(
    network: LatentDiffusion, judge: Judge, test: Avatars, n: int, defaults: Defaults
) -> Measuring[list[Check]]:
    """Faces drawn from the captions of some test faces, and these themselves, compared with other test faces."""
    n = min(n, len(test.labels) // 2)
    real, others = (unit_pictures(torch.from_numpy(test.pictures[part])) for part in (slice(n), slice(n, 2 * n)))
    captions = [full_caption(kinds_of(row)) for row in test.labels[n : 2 * n].tolist()]
    drawn = yield from drawn_pictures(network, captions, range(n), defaults.steps, defaults.guidance)
    seen, random = both_likenesses(judge, real, drawn)
    yield
    best, best_random = both_likenesses(judge, real, others)
    return [
        *likeness_checks("", seen, random),
        *likeness_checks(N_("Other test faces instead: "), best, best_random),
    ]


def kinds_of(labels: Sequence[int]) -> dict[str, str]:
    """Labels, a row of numbers, by name."""
    return {name: known[label] for (name, known), label in zip(AVATAR_LABELS.items(), labels, strict=True)}


def likeness_checks(whose: str, seen: Likeness, random: Likeness) -> list[Check]:
    """The figures by the judge's features, and by those of random weights."""
    return [
        Check(whose + N_("KID x 1,000"), seen.kernel_distance, None, False),
        Check(whose + N_("KID x 1,000, deviation over subsets"), seen.kernel_deviation, None, False),
        Check(whose + N_("Precision"), seen.precision),
        Check(whose + N_("Recall"), seen.recall),
        Check(whose + N_("KID x 1,000 by random features"), random.kernel_distance, None, False),
        Check(whose + N_("KID x 1,000 by random features, deviation"), random.kernel_deviation, None, False),
        Check(whose + N_("Precision by random features"), random.precision),
        Check(whose + N_("Recall by random features"), random.recall),
    ]
