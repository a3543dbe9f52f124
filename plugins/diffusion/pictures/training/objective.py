"""How the networks learn: examples made noisy at random times and held to the truth, and the autoencoder's own loss.

Ho et al. 2020 (arXiv 2006.11239); v: Salimans and Ho 2022 (arXiv 2202.00512); weights by the signal-to-noise ratio:
Hang et al. 2023 (arXiv 2303.09556); dropping the prompt: Ho and Salimans 2022 (arXiv 2207.12598). Perceptual losses:
Johnson et al. 2016 (arXiv 1603.08155); KL-regularised latents: Rombach et al. 2022 (arXiv 2112.10752). Shape letters: N
examples, B items of a batch, C channels, H W of what is denoised, K captions of an example, L pieces of a caption; of
the autoencoder as in autoencoder.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.recipe import Measuring
from studio.api.training import Validation, training_autocast
from studio.core.seed import generator
from studio.nn.pyramid import pyramid_errors

from ...shared.model.prediction import noised, target_of
from ..model.autoencoder import Autoencoder
from ..model.denoisers import augmented
from ..model.networks import PixelDiffusion, PixelDiffusionConfig

N_HELD_OUT_BATCHES: Final = 8
HELD_OUT_ERROR: Final = "error"
MAX_AUGMENT_TIME: Final = 400
"""Up to how noisy, as a time of the training, a second stage sees the small picture while it learns."""
SMALL_FACTOR: Final = 4
"""How many times smaller the first stage of a cascade is, along a side."""


@dataclass(frozen=True, eq=False)
class CleanExamples:
    """Some clean examples.

    Attributes:
        x0: (B, C, H, W) float32, pictures in -1..1 or settled latents.
        classes: (B,) int64; None for networks without classes.
        ids: (B, L) int64, the pieces of a caption of each, -1 behind the last one; None for networks without words.
    """

    x0: Tensor
    classes: Tensor | None = None
    ids: Tensor | None = None


class ExampleSource(Protocol):
    """Where examples come from."""

    def draw(self, n: int, random: np.random.Generator) -> CleanExamples:
        """Draw n examples, which `random` alone decides, on the CPU."""


@dataclass(frozen=True, eq=False)
class StoredExamples:
    """Examples in memory.

    Attributes:
        x: (N, C, H, W): pictures as uint8, or latents as float16.
        classes: (N,) of them; None where they have none.
        ids: (N, K, L) the pieces of K captions of each, as TextEncoder.ids gives them; None where they have none.
    """

    x: Tensor
    classes: Tensor | None = None
    ids: Tensor | None = None

    def draw(self, n: int, random: np.random.Generator) -> CleanExamples:
        """See Source: each of them as often as any, with any of its captions."""
        chosen = torch.from_numpy(random.integers(0, len(self.x), n))
        x = self.x[chosen]
        x0 = x.float() / 127.5 - 1 if x.dtype == torch.uint8 else x.float()
        classes = None if self.classes is None else self.classes[chosen].long()
        if self.ids is None:
            return CleanExamples(x0, classes)
        caption = torch.from_numpy(random.integers(0, self.ids.shape[1], n))
        return CleanExamples(x0, classes, self.ids[chosen, caption].long())


@dataclass(frozen=True, eq=False)
class DiffusionBatch:
    """What one micro-batch asks of the network.

    Attributes:
        x0, noise: (B, C, H, W).
        times: (B,) int64.
        asked: classes, ids, extra and extra_time, as PixelDiffusion takes them.
    """

    x0: Tensor
    noise: Tensor
    times: Tensor
    asked: Mapping[str, Tensor]


@dataclass(frozen=True)
class DiffusionBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before.

    Attributes:
        source: of the examples.
        config: of the network that learns.
        n_items: of a batch.
        seed, device: see above.
        drop_share: how many of a hundred items, as a share, are learnt without their prompt.
    """

    source: ExampleSource
    config: PixelDiffusionConfig
    n_items: int
    seed: int
    device: torch.device
    drop_share: float = 0.12

    def draw(self, step: int, micro: int, key: str = "batch") -> DiffusionBatch:
        """The batch of this step and micro-batch; another `key` gives batches that no training sees."""
        random = generator(self.seed, key, step, micro)
        drawn = self.source.draw(self.n_items, random)
        x0 = drawn.x0.to(self.device)
        noise = torch.from_numpy(random.standard_normal(tuple(x0.shape), dtype=np.float32)).to(self.device)
        asked = self._asked(drawn, random.random(self.n_items) < self.drop_share)
        if self.config.unet.n_extra:
            asked |= self._small(x0, random)
        return DiffusionBatch(x0, noise, self._times(random).to(self.device), asked)

    def _times(self, random: np.random.Generator) -> Tensor:
        """One time of each of n equal parts of the schedule: less chance in the loss than with free ones."""
        places = (np.arange(self.n_items) + random.random(self.n_items)) / self.n_items
        return torch.from_numpy((places * self.config.schedule.n_times).astype(np.int64))

    def _asked(self, drawn: CleanExamples, is_dropped: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Tensor]:
        gone = torch.from_numpy(is_dropped)
        if drawn.ids is not None:
            nothing = torch.full_like(drawn.ids, -1)
            nothing[:, 0] = 0
            return {"ids": torch.where(gone[:, None], nothing, drawn.ids).to(self.device)}
        if drawn.classes is not None:
            none = torch.full_like(drawn.classes, self.config.unet.n_classes)
            return {"classes": torch.where(gone, none, drawn.classes).to(self.device)}
        return {}

    def _small(self, x0: Tensor, random: np.random.Generator) -> dict[str, Tensor]:
        """The smaller picture of the cascade's second stage, as noisy as a random time says."""
        times = torch.from_numpy(random.integers(0, MAX_AUGMENT_TIME, len(x0))).to(self.device)
        noise = torch.from_numpy(random.standard_normal(tuple(x0.shape), dtype=np.float32)).to(self.device)
        small = F.avg_pool2d(x0, SMALL_FACTOR)
        return {"extra": augmented(small, noise, self.config, times), "extra_time": times}


@dataclass(frozen=True)
class DiffusionObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    Attributes:
        most_weight: gamma: how much the error of the clean x may count where there is little noise, so that easy times
            do not drown the others (Hang 2023, for v with SNR + 1 for SNR); 0 for equal weights.
    """

    batches: DiffusionBatches
    most_weight: float = 5.0

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted squared error of what the network says; its plain one as "error"."""
        assert isinstance(model, PixelDiffusion)
        errors, weights = batch_errors(model, self.batches.draw(step, micro), self.most_weight)
        return (errors * weights).mean(), {"error": errors.mean()}


def batch_errors(model: PixelDiffusion, batch: DiffusionBatch, most_weight: float) -> tuple[Tensor, Tensor]:
    """The mean squared error of each item (B,), and how much each counts (B,)."""
    target = model.config.unet.target
    squared = _table(model.config, batch.times)  # (B,) alpha²
    alpha, sigma = (part.sqrt()[:, None, None, None] for part in (squared, 1 - squared))
    x = noised(batch.x0, batch.noise, alpha, sigma).contiguous(memory_format=torch.channels_last)
    said = model(x, batch.times, **batch.asked)
    errors = (said - target_of(target, batch.x0, batch.noise, alpha, sigma)).square().mean((1, 2, 3))
    return errors, loss_weights(squared, target, most_weight)


def loss_weights(squared: Tensor, target: str, most_weight: float) -> Tensor:
    """How much the squared error at each alpha² (B,) counts; 1 for all where `most_weight` is 0."""
    if not most_weight:
        return torch.ones_like(squared)
    snr = squared / (1 - squared)
    if target == "epsilon":
        return snr.clamp_max(most_weight) / snr
    weights = (snr + 1).clamp_max(most_weight)
    return weights / (snr + 1) if target == "v" else weights


def _table(config: PixelDiffusionConfig, times: Tensor) -> Tensor:
    return torch.from_numpy(config.schedule.alphas_cumprod).float().to(times.device)[times]


@torch.no_grad()
def held_out_loss(
    model: PixelDiffusion, batches: DiffusionBatches, n_batches: int, name: str
) -> Measuring[dict[str, float]]:
    """The plain error on batches of held-out examples that are the same each time, by its name."""
    total = 0.0
    for number in range(n_batches):
        with training_autocast(batches.device):
            errors, _ = batch_errors(model, batches.draw(number, 0, "held-out"), 0.0)
        total += float(errors.mean())
        yield
    return {name: total / n_batches}


def held_out_error(batches: DiffusionBatches, n_batches: int = N_HELD_OUT_BATCHES) -> Validation:
    """The plain error on held-out examples."""

    def measure(average: PixelDiffusion) -> Measuring[dict[str, float]]:
        return held_out_loss(average, batches, n_batches, HELD_OUT_ERROR)

    return Validation(measure, HELD_OUT_ERROR)


class Eye(Protocol):
    """A fixed network whose maps say what is to be seen in pictures; a Judge is one."""

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """What each layer sees of pictures (B, 3, H, W) in [0, 1]."""


@dataclass(frozen=True)
class AutoencoderLoss:
    """Weights of the parts of the loss; the mean absolute error of the pixels has weight 1.

    Attributes:
        pyramid: of the mean absolute errors of the Laplacian pyramid.
        seen: of the differences of what an eye sees, a classifier that is not the judge of the card.
        rate: of the nats of all numbers of a latent.
    """

    pyramid: float = 1.0
    seen: float = 0.2
    rate: float = 2e-6


def unit_pictures(pictures: Tensor) -> Tensor:
    """Pictures (B, H, W, 3) uint8 as networks take them: (B, 3, H, W) in [0, 1], channels last in memory."""
    return pictures.movedim(3, 1).float() / 255


@dataclass(frozen=True)
class AutoencoderObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    Attributes:
        pictures: (N, H, W, 3) uint8.
        n_pictures: of a micro-batch.
        eye: whose maps are compared, on the device of the training; None for pixels alone.
    """

    pictures: Tensor
    weights: AutoencoderLoss
    n_pictures: int
    seed: int
    device: torch.device
    eye: Eye | None = None

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, Autoencoder)
        random = generator(self.seed, "autoencoder", step, micro)
        chosen = torch.from_numpy(random.integers(0, len(self.pictures), self.n_pictures))
        pictures = unit_pictures(self.pictures[chosen].to(self.device))
        mean, log_variance = model.posterior(pictures)
        noise = torch.from_numpy(random.standard_normal(tuple(mean.shape), dtype=np.float32)).to(self.device)
        drawn = model.draw(mean + (0.5 * log_variance).exp() * noise)
        pixels = (drawn - pictures).abs().mean()
        nats = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum((1, 2, 3)).mean()
        loss = pixels + self.weights.pyramid * pyramid_errors(drawn, pictures) + self.weights.rate * nats
        parts = {"pixels": pixels, "nats": nats}
        if self.eye is not None:
            parts["seen"] = seen_difference(self.eye, drawn, pictures)
            loss = loss + self.weights.seen * parts["seen"]
        return loss, parts


def seen_difference(eye: Eye, drawn: Tensor, pictures: Tensor) -> Tensor:
    """The mean absolute differences of all maps of an eye, summed over its layers."""
    with torch.no_grad():
        real = eye.maps(pictures)
    pairs = zip(eye.maps(drawn), real, strict=True)
    return torch.stack([(one - other).float().abs().mean() for one, other in pairs]).sum()
