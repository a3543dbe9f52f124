"""Holds painted icons to the true ones: how alike they are, against the nearest icon of those that were learnt from."""

from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.recipe import Measuring
from studio.api.training import Outlines
from studio.core.card import Check
from studio.core.translation import N_

from ..model.pix2pix import DrawNetwork
from .data import DrawBatch, DrawBatches, drawing_of
from .objective import likeness_error

N_AT_ONCE: Final = 16
N_DABS: Final = 3
DAB_PX: Final = 3.0
MOST_OF_RETRIEVAL: Final = 0.8
BLUR: Final = 5
"""Of 0, 1, 3, 6 and 12 boxes of this side the one finds the nearest icons on the validation part."""


def draw_checks(network: DrawNetwork, known: Outlines, unseen: Outlines) -> Measuring[list[Check]]:
    """The figures with what they had to reach, on icons that were never learnt from."""
    test = everything(unseen)
    painted = yield from mean_error(network, test)
    learnt = everything(known)
    nearest = yield from nearest_outlines(test.drawings[:, 0], learnt.drawings[:, 0])
    retrieved = float((learnt.icons[nearest] - test.icons).abs().mean())
    hinted = yield from mean_error(network, with_dabs(test, seed=0))
    n = len(unseen.names)
    return [
        Check(
            N_("Painted test icons ({n}), mean colour error relative to that of the nearest icon trained on").format(
                n=n
            ),
            painted / retrieved,
            MOST_OF_RETRIEVAL,
            is_higher_better=False,
        ),
        Check(N_("Painted test icons, mean colour error, 0 to 1"), painted, None, is_higher_better=False),
        Check(N_("Nearest icon trained on instead, mean colour error"), retrieved, None, is_higher_better=False),
        Check(N_("Painted with three colour hints, mean colour error"), hinted, None, is_higher_better=False),
    ]


def everything(outlines: Outlines) -> DrawBatch:
    """All icons of a set as they are, on the CPU."""
    return DrawBatches(outlines, 1, 0, torch.device("cpu")).plain(slice(len(outlines.names)))


def mean_error(network: DrawNetwork, batch: DrawBatch) -> Measuring[float]:
    """Mean absolute difference of a colour between painted and true icons."""
    errors = []
    for drawings, icons in zip(batch.drawings.split(N_AT_ONCE), batch.icons.split(N_AT_ONCE), strict=True):
        errors.append(likeness_error(network, DrawBatch(drawings, icons)) * len(icons))
        yield
    return sum(errors) / len(batch.icons)


def blurred(ink: Tensor) -> Tensor:
    """Ink (N, H, W) as means of 5 x 5 pixels around each, (N, H W): lines that are near count as near."""
    return F.avg_pool2d(ink[:, None], BLUR, 1, BLUR // 2).flatten(1)


def nearest_outlines(ink: Tensor, known: Tensor) -> Measuring[Tensor]:
    """For each of (N, H, W) the number of the one of (K, H, W) whose blurred lines differ least."""
    learnt, found = blurred(known), []
    for part in blurred(ink).split(N_AT_ONCE):
        found.append(torch.cdist(part, learnt).argmin(1))
        yield
    return torch.cat(found)


def with_dabs(batch: DrawBatch, seed: int) -> DrawBatch:
    """The same with a disc of the true colour of its middle at three random places of each icon."""
    random = np.random.default_rng(seed)
    mask, colours = torch.zeros_like(batch.drawings[:, 0]), torch.zeros_like(batch.icons)
    line = torch.arange(mask.shape[-1])
    for index, icon in enumerate(batch.icons):
        places = torch.nonzero(icon.amin(0) < 0.92)
        for y, x in places[random.integers(0, max(len(places), 1), N_DABS)] if len(places) else []:
            disc = (line - y).square()[:, None] + (line - x).square() <= DAB_PX**2
            mask[index][disc] = 1
            colours[index][:, disc] = icon[:, y, x, None]
    return DrawBatch(drawing_of(batch.drawings[:, 0], mask, colours), batch.icons)


@torch.no_grad()
def real_scores(network: DrawNetwork, unseen: Outlines) -> Measuring[list[float]]:
    """What the discriminator says of icons that were never learnt from, the lowest first."""
    batch, scores = everything(unseen), []
    for drawings, icons in zip(batch.drawings.split(N_AT_ONCE), batch.icons.split(N_AT_ONCE), strict=True):
        scores.append(network.discriminator(drawings, icons).mean((1, 2)))
        yield
    return [float(score) for score in torch.cat(scores).sort().values]
