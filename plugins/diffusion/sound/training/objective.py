"""How a network of sounds learns: sounds made noisy at random times, and what it says of them held to the truth.

v and its loss: Salimans and Ho 2022 (arXiv 2202.00512). Shape letters: N sounds, B of a batch, M bands, L frames, T
samples, I instruments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring
from studio.api.training import Validation
from studio.core.seed import generator

from ...shared.model.denoiser import FloatArray
from ...shared.model.prediction import noised, target_of
from ..model.diffwave import DiffWaveConfig, NoteConditioning, NotesDiffusion

HELD_OUT_ERROR: Final = "error"
NATS_WEIGHT: Final = 0.25
"""Of the nats that the spectrum costs, beside the error of v."""
MOST_WEIGHT: Final = 1000.0
"""Up to how much the error of a faint cell counts."""


@dataclass(frozen=True, eq=False)
class TrainingSounds:
    """Sounds to learn from.

    Attributes:
        samples: (N, T) float32 in -1..1.
        instruments: (N,) int64, places among the names of the configuration.
        pitches, velocities: (N,) float32, as MIDI counts; `is_pitched` whether there is a pitch at all.
    """

    samples: FloatArray
    instruments: np.ndarray[Any, np.dtype[np.int64]]
    pitches: FloatArray
    velocities: FloatArray
    is_pitched: bool = True


@dataclass(frozen=True, eq=False)
class SoundBatch:
    """What one micro-batch asks of the network: x0 and noise (B, M, L), times (B,) int64."""

    x0: Tensor
    noise: Tensor
    times: Tensor
    asked: NoteConditioning


class DiffusionSoundBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    def __init__(
        self,
        sounds: TrainingSounds,
        config: DiffWaveConfig,
        n_items: int,
        seed: int,
        device: torch.device,
        drop_share: float = 0.1,
    ) -> None:
        """`drop_share` of the items are learnt without instrument and pitch."""
        self.sounds = sounds
        self.config = config
        self.n_items = n_items
        self.seed = seed
        self.device = device
        self.drop_share = drop_share

    def draw(self, network: NotesDiffusion, step: int, micro: int, key: str = "batch") -> SoundBatch:
        """The batch of this step and micro-batch; another `key` gives batches that no training sees."""
        random = generator(self.seed, key, step, micro)
        chosen = random.integers(0, len(self.sounds.samples), self.n_items)
        x0 = torch.from_numpy(network.encode(self.sounds.samples[chosen]))
        noise = torch.from_numpy(random.standard_normal(tuple(x0.shape), dtype=np.float32))
        asked = network.asked_for(self._arrays(chosen, random.random(self.n_items) >= self.drop_share))
        return SoundBatch(x0.to(self.device), noise.to(self.device), self._times(random).to(self.device), asked)

    def _arrays(
        self, chosen: np.ndarray[Any, np.dtype[np.int64]], is_told: np.ndarray[Any, np.dtype[np.bool_]]
    ) -> Mapping[str, FloatArray]:
        sounds, told = self.sounds, is_told.astype(np.float32)
        instrument = np.zeros((len(chosen), len(self.config.instruments)), np.float32)
        instrument[np.arange(len(chosen)), sounds.instruments[chosen]] = told
        return {
            "instrument": instrument,
            "pitch": sounds.pitches[chosen, None],
            "velocity": sounds.velocities[chosen, None],
            "is_pitched": told[:, None] * np.float32(sounds.is_pitched),
        }

    def _times(self, random: np.random.Generator) -> Tensor:
        """One time of each of n equal parts of the schedule: less chance in the loss than with free ones."""
        places = (np.arange(self.n_items) + random.random(self.n_items)) / self.n_items
        return torch.from_numpy((places * self.config.schedule.n_times).astype(np.int64))


@dataclass(frozen=True)
class SoundObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    The error of v counts in each cell in the measure of what the network says is left open there, so that the faint is
    learnt as well as the loud; and what it says must be likely itself (a learnt variance beside the mean: Nichol and
    Dhariwal 2021, arXiv 2102.09672).
    """

    batches: DiffusionSoundBatches

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and its two parts: the plain error of v, and the nats a cell."""
        assert isinstance(model, NotesDiffusion)
        batch = self.batches.draw(model, step, micro)
        squared = alpha_squared(model, batch.times)
        squares, spectrum = squared_errors(model, batch, squared)
        nats = gaussian_nats(batch.x0, spectrum).mean()
        loss = (cell_weights(squared, spectrum.detach()) * squares).mean() + NATS_WEIGHT * nats
        return loss, {"error": squares.mean(), "nats": nats}


def cell_weights(squared: Tensor, log_variance: Tensor) -> Tensor:
    """(B, M, L) how much the squared error of v counts: 1 over what a Wiener filter leaves, at alpha² (B,)."""
    variance, part = log_variance.exp(), squared[:, None, None]
    return ((part * variance + 1 - part) / variance).clamp_max(MOST_WEIGHT)


def gaussian_nats(x0: Tensor, log_variance: Tensor) -> Tensor:
    """What each number of x0 costs under a normal distribution about 0, less a constant."""
    return 0.5 * (log_variance + x0.square() * (-log_variance).exp())


def squared_errors(model: NotesDiffusion, batch: SoundBatch, squared: Tensor) -> tuple[Tensor, Tensor]:
    """The squared errors of v at alpha² (B,), and the log of the variance that the network sees; (B, M, L) each."""
    alpha, sigma = (part.sqrt()[:, None, None] for part in (squared, 1 - squared))
    x = noised(batch.x0, batch.noise, alpha, sigma)
    said, spectrum = model.answer(x, batch.times, model.know(batch.asked))
    return (said.float() - target_of("v", batch.x0, batch.noise, alpha, sigma)).square(), spectrum.float()


def alpha_squared(model: NotesDiffusion, times: Tensor) -> Tensor:
    """(B,) how much of the variance is sound at times (B,)."""
    return torch.from_numpy(model.config.schedule.alphas_cumprod).float().to(times.device)[times]


@torch.no_grad()
def held_out_error(batches: DiffusionSoundBatches, n_batches: int) -> Validation:
    """The error on batches of held-out sounds that are the same each time."""

    def measure(model: NotesDiffusion) -> Measuring[dict[str, float]]:
        total = 0.0
        for number in range(n_batches):
            batch = batches.draw(model, number, 0, "held-out")
            total += float(squared_errors(model, batch, alpha_squared(model, batch.times))[0].mean())
            yield
        return {HELD_OUT_ERROR: total / n_batches}

    return Validation(measure, HELD_OUT_ERROR)
