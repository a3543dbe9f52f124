"""Draws many samples at once for cards and previews, and measures them.

What takes long is a generator that yields at least several times a second and returns the result. Shape letters: N
samples, C channels, H W of what is denoised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import torch
from torch import Tensor

from studio.api.training import Judge, kernel_distance, precision_recall, random_judge, training_autocast
from studio.core.check import Check
from studio.core.text import N_

from .denoiser import Denoise, Guidance, Prediction
from .guidance import guided_prediction, halves_needed
from .measuring import Measuring
from .model import Conditioning
from .networks import PixelDiffusion, device_of
from .noise import noise_of
from .parametrisation import x0_of
from .sampler import Walk, ddim
from .timestep import lay_grid

PART: Final = 16
SEEN_PART: Final = 250
N_SAMPLES: Final = 2000


@dataclass(frozen=True, eq=False)
class Wanted:
    """What N samples are asked for.

    Attributes:
        seeds: of each of them.
        classes: (N,); None for networks without classes.
        prompts: of each; empty for networks without words.
        extra: (N, C, H, W), for the second stage of a cascade, as noisy as `extra_time` says.
    """

    seeds: Sequence[int]
    classes: Tensor | None = None
    prompts: Sequence[str] = ()
    extra: Tensor | None = None
    extra_time: int = 0

    def part(self, start: int, end: int) -> "Wanted":
        """Some of them."""
        classes = None if self.classes is None else self.classes[start:end]
        extra = None if self.extra is None else self.extra[start:end]
        return Wanted(self.seeds[start:end], classes, self.prompts[start:end], extra, self.extra_time)

    def conditioning(self, network: PixelDiffusion, with_prompt: bool, without: bool) -> Conditioning:
        """The halves of the guidance that are needed as one batch, first all with their prompt, then all without."""
        device, n_halves = device_of(network), with_prompt + without
        asked = Conditioning()
        if network.text is not None:
            prompts = [*(self.prompts if with_prompt else ()), *([""] * len(self.seeds) if without else ())]
            asked = network.asked(ids=network.text.ids(prompts).to(device))
        elif self.classes is not None:
            none = torch.full_like(self.classes, network.config.unet.n_classes)
            halves = [half for half, is_needed in ((self.classes, with_prompt), (none, without)) if is_needed]
            asked = network.asked(classes=torch.cat(halves).to(device))
        if self.extra is None:
            return asked
        extra = self.extra.to(device).repeat(n_halves, 1, 1, 1)
        times = torch.full((len(extra),), self.extra_time, device=device)
        return Conditioning(asked.vector, asked.memory, asked.bias, extra, times)


@torch.inference_mode()
def batch_denoiser(network: PixelDiffusion, wanted: Wanted, guidance: Guidance, is_pixels: bool) -> Denoise:
    """What a sampler calls for all of a batch at once, in the precision of trainings."""
    is_asked = network.text is not None or wanted.classes is not None
    needed = halves_needed(guidance) if is_asked else (True, False)
    asked, n, target = wanted.conditioning(network, *needed), len(wanted.seeds), network.config.unet.target

    @torch.inference_mode()
    def denoise(x: Tensor, time: float) -> Prediction:
        halves = x.repeat(sum(needed), 1, 1, 1).contiguous(memory_format=torch.channels_last)
        with training_autocast(x.device):
            said = network.unet(halves, torch.full((len(halves),), time, device=x.device), asked)
        alpha, sigma = level = network.config.schedule.alpha_sigma(time)
        clean = x0_of(said.float(), target, halves, alpha, sigma)
        return guided_prediction(
            x, clean[:n] if needed[0] else None, clean[-n:] if needed[1] else None, guidance, level, is_pixels
        )

    return denoise


@torch.no_grad()
def sampled(
    network: PixelDiffusion, wanted: Wanted, n_steps: int, guidance: Guidance, is_pixels: bool = True
) -> Measuring[Tensor]:
    """Clean samples (N, C, H, W) on the CPU, by DDIM with even steps; sample i is the run of its own seed."""
    grid, device, parts = lay_grid(network.config.schedule, n_steps), device_of(network), []
    for start in range(0, len(wanted.seeds), PART):
        part = wanted.part(start, start + PART)
        seeds, denoise = part.seeds, batch_denoiser(network, part, guidance, is_pixels)

        def noise(k: int, seeds: Sequence[int] = seeds) -> Tensor:
            return noise_of(seeds, k, network.shape, device)

        x = torch.empty(0)
        for step in ddim(Walk(denoise, grid, noise(0), noise)):
            x = step.x
            yield
        parts.append(x.float().cpu())
    return torch.cat(parts)


def in_unit(x0: Tensor) -> Tensor:
    """Pictures (N, C, H, W) in [0, 1] of clean samples of a network of pixels."""
    return ((x0 + 1) / 2).clamp(0, 1)


@dataclass(frozen=True)
class Likeness:
    """How like real pictures drawn ones are to a classifier's features: see studio.metrics.distance."""

    kernel_distance: float
    kernel_deviation: float
    precision: float
    recall: float


class Seer(Protocol):
    """A judge of any kind, or an untrained one."""

    def features(self, pictures: Tensor) -> Tensor:
        """What its last layer sees, (B, C)."""


@torch.no_grad()
def likeness(seer: Seer, real: Tensor, drawn: Tensor) -> Likeness:
    """Compare drawn pictures with real ones, (N, H, W) or (N, 3, H, W) in [0, 1] each."""
    on_real, on_drawn = (
        torch.cat([seer.features(part) for part in torch.split(pictures, SEEN_PART)]) for pictures in (real, drawn)
    )
    distance = kernel_distance(on_real, on_drawn)
    precision, recall = precision_recall(on_real, on_drawn)
    return Likeness(distance.mean, distance.deviation, precision, recall)


def both_likenesses(judge: Judge, real: Tensor, drawn: Tensor) -> tuple[Likeness, Likeness]:
    """The same by the judge's features, and by those of a network of its shape that no training has touched."""
    return likeness(judge, real, drawn), likeness(random_judge(judge.config), real, drawn)


def likeness_checks(seen: Likeness, unbiased: Likeness, least_recall: float | None = None) -> list[Check]:
    """The lines of a card: by the features of the judge, and by those of a network that no training has touched."""
    return [
        Check(N_("Recall"), seen.recall, least_recall),
        Check(N_("Precision"), seen.precision),
        Check(N_("KID x 1,000"), seen.kernel_distance, None, False),
        Check(N_("KID x 1,000, deviation over subsets"), seen.kernel_deviation, None, False),
        Check(N_("Recall by random features"), unbiased.recall),
        Check(N_("Precision by random features"), unbiased.precision),
        Check(N_("KID x 1,000 by random features"), unbiased.kernel_distance, None, False),
        Check(N_("KID x 1,000 by random features, deviation over subsets"), unbiased.kernel_deviation, None, False),
    ]
