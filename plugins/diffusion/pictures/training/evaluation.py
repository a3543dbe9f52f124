"""Draws many samples at once for cards and previews, measures them, and shows what a training has learnt so far.

What takes long is a generator that yields at least several times a second and returns the result. Shape letters: N
samples, C channels, H W of what is denoised.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring
from studio.api.training import (
    FeatureJudge,
    Judge,
    Moment,
    PictureLikeness,
    SlowPreview,
    picture_likeness,
    random_judge,
    training_autocast,
)
from studio.core.card import Check
from studio.core.learning import LogThinning
from studio.core.translation import N_
from studio.core.view import Image

from ...shared.model.denoiser import Denoise, Guidance, Prediction
from ...shared.model.noise_schedule import lay_grid
from ...shared.model.position import noise_of
from ...shared.model.prediction import guided_prediction, halves_needed, x0_of
from ...shared.model.sampler import SamplerInputs, ddim
from ..frames import ByteArray, tiled
from ..model.networks import PixelDiffusion, device_of
from ..model.unet import Conditioning

PART: Final = 16
SEEN_PART: Final = 250
N_SAMPLES: Final = 2000
SAMPLES: Final = "samples"
PREVIEW_STEPS: Final = 12
WHITE: Final = 255
SELDOM: Final = LogThinning(dense=1, growth=1.5, first=50)
"""Samples cost as much as many steps of the training."""


@dataclass(frozen=True, eq=False)
class WantedPictures:
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

    def part(self, start: int, end: int) -> "WantedPictures":
        """Some of them."""
        classes = None if self.classes is None else self.classes[start:end]
        extra = None if self.extra is None else self.extra[start:end]
        return WantedPictures(self.seeds[start:end], classes, self.prompts[start:end], extra, self.extra_time)

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
def batch_denoiser(network: PixelDiffusion, wanted: WantedPictures, guidance: Guidance, is_pixels: bool) -> Denoise:
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
    network: PixelDiffusion, wanted: WantedPictures, n_steps: int, guidance: Guidance, is_pixels: bool = True
) -> Measuring[Tensor]:
    """Clean samples (N, C, H, W) on the CPU, by DDIM with even steps; sample i is the run of its own seed."""
    grid, device, parts = lay_grid(network.config.schedule, n_steps), device_of(network), []
    for start in range(0, len(wanted.seeds), PART):
        part = wanted.part(start, start + PART)
        seeds, denoise = part.seeds, batch_denoiser(network, part, guidance, is_pixels)

        def noise(k: int, seeds: Sequence[int] = seeds) -> Tensor:
            return noise_of(seeds, k, network.shape, device)

        x = torch.empty(0)
        for step in ddim(SamplerInputs(denoise, grid, noise(0), noise)):
            x = step.x
            yield
        parts.append(x.float().cpu())
    return torch.cat(parts)


def in_unit(x0: Tensor) -> Tensor:
    """Pictures (N, C, H, W) in [0, 1] of clean samples of a network of pixels."""
    return ((x0 + 1) / 2).clamp(0, 1)


def likeness(judge: FeatureJudge, real: Tensor, drawn: Tensor) -> PictureLikeness:
    """Compare drawn pictures with real ones, (N, H, W) or (N, 3, H, W) in [0, 1] each."""
    return picture_likeness(judge, real, drawn, SEEN_PART)


def both_likenesses(judge: Judge, real: Tensor, drawn: Tensor) -> tuple[PictureLikeness, PictureLikeness]:
    """The same by the judge's features, and by those of a network of its shape that no training has touched."""
    return likeness(judge, real, drawn), likeness(random_judge(judge.config), real, drawn)


def likeness_checks(seen: PictureLikeness, unbiased: PictureLikeness, least_recall: float | None = None) -> list[Check]:
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


@dataclass(frozen=True)
class SamplePreview:
    """Draws the same samples again and again.

    Attributes:
        wanted: their seeds and what they are asked for.
        n_columns: of the sheet.
        guidance: how strongly.
        to_pictures: pictures (N, C, H, W) in [0, 1] of clean x.
        is_pixels: whether clean x are pictures.
    """

    wanted: WantedPictures
    n_columns: int
    guidance: Guidance
    to_pictures: Callable[[Tensor], Tensor] = in_unit
    is_pixels: bool = True

    @property
    def slow(self) -> SlowPreview:
        """As what follows a training takes it."""
        return SlowPreview(self.draw, SELDOM)

    def draw(self, average: nn.Module, _: int) -> Generator[Any, None, Moment]:
        """The sheet of samples by averaged weights."""
        assert isinstance(average, PixelDiffusion)
        x0 = yield from sampled(average, self.wanted, PREVIEW_STEPS, self.guidance, self.is_pixels)
        return Moment({SAMPLES: Image(tiled(as_bytes(self.to_pictures(x0)), self.n_columns, WHITE))})


def as_bytes(pictures: Tensor) -> ByteArray:
    """Pictures (N, 1 or 3, H, W) in [0, 1] as (N, H, W, 3) uint8."""
    laid: ByteArray = (pictures.clamp(0, 1) * 255).round().byte().expand(-1, 3, -1, -1).movedim(1, 3).numpy()
    return laid
