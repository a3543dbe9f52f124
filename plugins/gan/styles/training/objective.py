"""The losses of a CycleGAN, and the unpaired batches that it learns from.

Zhu et al. 2017 (arXiv 1703.10593): least-squares losses for both discriminators, what comes back must be what was sent,
and a picture that is in the wanted style already stays as it is. Generators and discriminators learn in the same step
from the same fakes, each side with the other one held fast, so that no fake is drawn twice.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.seed import generator

from ...shared.adversarial import frozen, least_squares_discriminator, least_squares_generator
from ..model.cyclegan import StylesNetwork

MAX_SHIFT_PX = 3


@dataclass(frozen=True)
class CycleWeights:
    """Weights of the parts of the generators' loss beside the discriminators' verdict, which has weight 1.

    Attributes:
        cycle: of the mean difference between a picture and what comes back from the other style.
        identity: of what a translator changes in a picture that has the wanted style already.
        identity_part: of a batch, one picture in so many is asked for it; the others would only cost time.
        free_step: from this step on both weigh `freed` as much, since a translator that is held too tightly to what it
            was given changes next to nothing; and the discriminators see `n_more` pictures and fakes besides.
    """

    cycle: float = 1.0
    identity: float = 0.25
    identity_part: int = 4
    free_step: int = 600
    freed: float = 0.9
    n_more: int = 8


@dataclass(frozen=True)
class StylesObjective:
    """Draws the batch of a step and returns its loss; what a Training calls."""

    batches: "UnpairedBatches"
    weights: CycleWeights

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, StylesNetwork)
        weights, is_free = self.weights, step >= self.weights.free_step
        flat, glossy = self.batches.draw(step, micro)
        n, n_same = len(flat), max(1, len(flat) // self.weights.identity_part)
        as_glossy, same_glossy = model.to_glossy(torch.cat([flat, glossy[:n_same]])).split([n, n_same])
        as_flat, same_flat = model.to_flat(torch.cat([glossy, flat[:n_same]])).split([n, n_same])
        cycle = cycle_loss(flat, model.to_flat(as_glossy)) + cycle_loss(glossy, model.to_glossy(as_flat))
        identity = cycle_loss(flat[:n_same], same_flat) + cycle_loss(glossy[:n_same], same_glossy)
        flat_eye, glossy_eye = model.discriminator["flat"], model.discriminator["glossy"]
        with frozen(flat_eye, glossy_eye):
            fooling = least_squares_generator(flat_eye(as_flat)) + least_squares_generator(glossy_eye(as_glossy))
        fakes = as_flat.detach(), as_glossy.detach()
        telling = self._telling(model, (flat, glossy), fakes, (step, micro), weights.n_more if is_free else 0)
        held = weights.cycle * cycle + weights.identity * identity
        loss = fooling + telling + held * (weights.freed if is_free else 1.0)
        return loss, {"fooling": fooling, "telling": telling, "cycle": cycle, "identity": identity}

    def _telling(
        self,
        model: StylesNetwork,
        real: tuple[Tensor, Tensor],
        fakes: tuple[Tensor, Tensor],
        place: tuple[int, int],
        n_more: int,
    ) -> Tensor:
        """What both discriminators pay, (flat, glossy) pictures and fakes at hand and `n_more` of each besides."""
        if n_more:
            more = self.batches.draw(*place, n_more)
            with torch.no_grad():
                more_fakes = model.to_flat(more[1]), model.to_glossy(more[0])
            real = torch.cat([real[0], more[0]]), torch.cat([real[1], more[1]])
            fakes = torch.cat([fakes[0], more_fakes[0]]), torch.cat([fakes[1], more_fakes[1]])
        eyes = model.discriminator["flat"], model.discriminator["glossy"]
        parts = [
            least_squares_discriminator(eye(true), eye(fake)) for eye, true, fake in zip(eyes, real, fakes, strict=True)
        ]
        return parts[0] + parts[1]


def cycle_loss(pictures: Tensor, again: Tensor) -> Tensor:
    """Mean absolute difference between pictures (B, 3, H, W) and what came back, or stayed, of them."""
    return (again.float() - pictures.float()).abs().mean()


class UnpairedBatches(Protocol):
    """Where batches come from."""

    def draw(self, step: int, micro: int, n_more: int = 0) -> tuple[Tensor, Tensor]:
        """The flat and the glossy pictures of a micro-batch, or `n_more` others: (B, 3, H, W) in [-1, 1] each."""


class StylesBatches:
    """Unpaired batches: each style is drawn on its own, so a batch says nothing of which emoji belong together.

    Every picture is mirrored or not, and shifted by up to three pixels on its white ground.
    """

    def __init__(
        self, flat: NDArray[np.uint8], glossy: NDArray[np.uint8], n_pictures: int, seed: int, device: torch.device
    ) -> None:
        """Take pictures (N, H, W, 3) of either style; the two counts may differ."""
        self._styles = [torch.from_numpy(one).movedim(3, 1).contiguous() for one in (flat, glossy)]
        self._n_pictures = n_pictures
        self._seed = seed
        self._device = device

    def draw(self, step: int, micro: int, n_more: int = 0) -> tuple[Tensor, Tensor]:
        """The flat and the glossy pictures of a micro-batch, or `n_more` others: (B, 3, H, W) in [-1, 1] each."""
        flat, glossy = (self._part(number, step, micro, n_more) for number in range(2))
        return flat, glossy

    def chosen(self, number: int, step: int, micro: int, n_more: int = 0) -> NDArray[np.int64]:
        """Which pictures of style 0 or 1 a micro-batch holds."""
        random = generator(self._seed, "more styles" if n_more else "styles", number, step, micro)
        return random.integers(0, len(self._styles[number]), n_more or self._n_pictures)

    def _part(self, number: int, step: int, micro: int, n_more: int) -> Tensor:
        pictures = self._styles[number][torch.from_numpy(self.chosen(number, step, micro, n_more))]
        random = generator(self._seed, "more styles moved" if n_more else "styles moved", number, step, micro)
        return moved(in_range(pictures), random).to(self._device).contiguous(memory_format=torch.channels_last)


def in_range(pictures: Tensor) -> Tensor:
    """Pictures of uint8 as float32 in [-1, 1]; shapes alike."""
    return pictures.float() / 127.5 - 1


def moved(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Pictures (B, 3, H, W) on white, every other one mirrored, each shifted by up to three pixels."""
    n, _, height, width = pictures.shape
    mirrored = torch.from_numpy(random.random(n) < 0.5).view(-1, 1, 1, 1)
    pictures = torch.where(mirrored, pictures.flip(3), pictures)
    padded = F.pad(pictures, (MAX_SHIFT_PX,) * 4, value=1.0)
    starts = random.integers(0, 2 * MAX_SHIFT_PX + 1, (n, 2))
    cut = [padded[i, :, top : top + height, left : left + width] for i, (top, left) in enumerate(starts)]
    return torch.stack(cut)
