"""Measures a CycleGAN of emoji on held-out ones: whether style and content are right, and whether they come back.

Shape letters: N pictures, H W pixels.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import EmojiStyles, load_judge
from studio.core.card import Check
from studio.core.translation import N_

from ..model.cyclegan import StylesNetwork
from .objective import in_range

StyleJudge: TypeAlias = Callable[[Tensor], Tensor]
"""A judge: logits (N, 2) of pictures (N, 3, H, W) in [0, 1]."""
JUDGE: Final = "emoji-styles"
LEAST_ACCEPTED: Final = 0.85
LEAST_FOUND: Final = 0.5
LEAST_RIGHT: Final = 0.98
N_RIVALS: Final = 100
N_NEAREST: Final = 5
N_AT_ONCE: Final = 16
PLACES: Final = ((0, 0), (1, 0), (0, 1), (1, 1))
N_QUANTILES: Final = 101
WAYS: Final = {False: N_("flat to glossy"), True: N_("glossy to flat")}


@torch.no_grad()
def translated(network: StylesNetwork, pictures: Tensor, is_back: bool) -> Measuring[Tensor]:
    """Pictures (N, 3, H, W) in [-1, 1] in the other style."""
    done = []
    for part in pictures.split(N_AT_ONCE):
        done.append(network.translated(part.to(_device(network)), is_back).cpu())
        yield
    return torch.cat(done)


def _device(network: StylesNetwork) -> torch.device:
    return next(network.parameters()).device


def laid(emoji: EmojiStyles) -> tuple[Tensor, Tensor]:
    """Both styles as (N, 3, H, W) in [-1, 1], flat ones first."""
    flat, glossy = (torch.from_numpy(one).movedim(3, 1).contiguous() for one in (emoji.flat, emoji.glossy))
    return in_range(flat), in_range(glossy)


def accepted_share(judge: StyleJudge, pictures: Tensor, is_glossy: bool) -> float:
    """The share of pictures (N, 3, H, W) in [-1, 1] in which the judge sees the wanted style.

    They are rounded to 8 bits first, as a person sees them.
    """
    seen = ((pictures.float() + 1) * 127.5).round() / 255
    parts = [judged_style(judge, part) for part in seen.split(N_AT_ONCE)]
    return float((torch.cat(parts) == int(is_glossy)).float().mean())


@torch.no_grad()
def judged_style(judge: StyleJudge, pictures: Tensor) -> Tensor:
    """The style (N,) that a judge sees in pictures (N, 3, H, W) in [0, 1]: 0 flat, 1 glossy.

    It looks eight times, at the picture and its mirror image, each at four places one pixel apart: its strides make it
    a little blind for what lies between them. That was chosen on validation emoji.
    """
    views = [one.roll(way, (2, 3)) for one in (pictures, pictures.flip(3)) for way in PLACES]
    logits: Tensor = torch.stack([judge(view) for view in views]).sum(0)  # (N, 2)
    return logits.argmax(1)


def found_share(made: Tensor, originals: Tensor, n_nearest: int = N_NEAREST) -> float:
    """How often the own original (N, ...) is among the `n_nearest` of all originals to what was made of it (N, ...).

    Distance: the mean absolute difference of the pixels.
    """
    distances = torch.cdist(made.flatten(1).float(), originals.flatten(1).float(), p=1)  # (N, N)
    nearer = (distances < distances.diagonal()[:, None]).sum(1)
    return float((nearer < n_nearest).float().mean())


def styles_checks(network: StylesNetwork, emoji: EmojiStyles) -> Measuring[list[Check]]:
    """The figures of a network on held-out emoji, with what they have to reach."""
    judge, pictures = load_judge(JUDGE), laid(emoji)
    right = sum(accepted_share(judge, part, bool(style)) for style, part in enumerate(pictures)) / 2
    checks = [Check(N_("Judge of styles right on real held-out emoji, share"), right, LEAST_RIGHT)]
    for is_back, way in WAYS.items():
        originals = pictures[int(is_back)]
        made = yield from translated(network, originals, is_back)
        again = yield from translated(network, made, not is_back)
        checks += _checks_of_way(judge, originals, made, again, is_back=is_back, way=way)
    return checks


def _checks_of_way(
    judge: StyleJudge, originals: Tensor, made: Tensor, again: Tensor, *, is_back: bool, way: str
) -> list[Check]:
    n = min(N_RIVALS, len(originals))
    named = {"way": way, "n": n, "k": N_NEAREST}
    return [
        Check(
            N_("Judge sees the wanted style, {way}, share").format(**named),
            accepted_share(judge, made, not is_back),
            LEAST_ACCEPTED,
        ),
        Check(
            N_("The same for originals left as they are, {way}, share").format(**named),
            accepted_share(judge, originals, not is_back),
        ),
        Check(
            N_("Own original among the {k} nearest of {n}, {way}, share").format(**named),
            found_share(made[:n], originals[:n]),
            LEAST_FOUND,
        ),
        Check(
            N_("Back again after {way}, mean colour error, 0 to 1").format(**named),
            float((again - originals).abs().mean() / 2),
            None,
            False,
        ),
        Check(
            N_("Changed by the translation, {way}, mean colour difference, 0 to 1").format(**named),
            float((made - originals).abs().mean() / 2),
        ),
    ]


@torch.no_grad()
def real_scores(network: StylesNetwork, emoji: EmojiStyles) -> Measuring[dict[str, list[float]]]:
    """The discriminators' scores of real held-out pictures, 101 quantiles for each style; scores are held to them."""
    found = {}
    for style, pictures in zip(("flat", "glossy"), laid(emoji), strict=True):
        scores = []
        for part in pictures.split(N_AT_ONCE):
            scores.append(network.score(part.to(_device(network)), style == "glossy").cpu())
            yield
        found[style] = torch.quantile(torch.cat(scores), torch.linspace(0, 1, N_QUANTILES)).tolist()
    return found
