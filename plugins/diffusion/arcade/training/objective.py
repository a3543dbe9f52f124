"""How a network learns a game: the next picture out of noise, from the last ones, some of which it dreamt itself.

Noise on what is seen: Valevski et al. 2024 (arXiv 2408.14837); own predictions as what is seen: Brandstetter et al.
2022 (the pushforward trick, arXiv 2202.03376). Shape letters as in model/dream.py.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring
from studio.api.training import Validation, training_autocast
from studio.core.seed import generator

from ...pictures.model.networks import PixelDiffusion
from ...pictures.training.objective import HELD_OUT_ERROR, DiffusionBatch
from ...shared.model.prediction import noised, target_of
from ..games.drawing import SIDE_PX, Floats
from ..games.game import Game
from ..model.dream import as_seen, dimmed, dreamt, steps_of
from ..state import N_SEEN

PICTURE: Final = (SIDE_PX, SIDE_PX, 3)
PURE_SHARE: Final = 0.8
"""Of the items begin at pure noise, as a picture does that is played."""
CLEAN_SHARE: Final = 0.4
"""Of the items see the last pictures without noise."""
MAX_NOISE_TIME: Final = 250
DREAMT_SHARE: Final = 0.5
MIXED_SHARE: Final = 0.25
STRENGTHS: Final = (0.6, 1.0)
"""How much of a game may be left that must stay."""
MOVING_WEIGHT: Final = 20.0
"""How much more a pixel counts that belongs to something: most are background."""
UNUSUAL: Final = 0.15


@dataclass(frozen=True)
class ArcadeBatches:
    """Draws batches of games by number: the same seed and number give the same batch.

    Attributes:
        n_items: of a batch.
    """

    game: Game
    n_items: int
    seed: int
    device: torch.device

    def draw(self, network: PixelDiffusion, step: int, micro: int, key: str = "batch") -> DiffusionBatch:
        """The batch of this step and micro-batch; another `key` gives batches that no training sees."""
        random = generator(self.seed, key, step, micro)
        states = self.game.random_states(self.n_items, random)
        keys = random.integers(0, len(self.game.keys), (N_SEEN + 1, self.n_items))
        run = self.game.run(states, keys)  # (K + 2, B, D)
        seen = self._seen(run).to(self.device)  # (B, 3 (K + 2), H, W)
        pressed = torch.from_numpy(keys).to(self.device)
        past, x0 = seen[:, 3:-3], seen[:, -3:]
        self._dream(network, seen, run, pressed, random)
        self._mix(past, random)
        times = torch.from_numpy(random.integers(1, MAX_NOISE_TIME, self.n_items) * self._noisy(random))
        dim = dimmed(past, self._normal(past, random), network.config.schedule, times.to(self.device))
        asked = {"classes": pressed[-1], "extra": dim, "extra_time": times.to(self.device)}
        return DiffusionBatch(x0, self._normal(x0, random), self._times(network, random), asked)

    def _seen(self, run: Floats) -> Tensor:
        """The pictures of states (T, B, D), (B, 3 T, H, W)."""
        pictures = self.game.draw(run.reshape(-1, run.shape[2])).reshape(*run.shape[:2], *PICTURE)
        return as_seen(pictures.swapaxes(0, 1))

    @torch.no_grad()
    def _dream(
        self, network: PixelDiffusion, seen: Tensor, run: Floats, keys: Tensor, random: np.random.Generator
    ) -> None:
        """Put what the network dreams in place of the newest of the K pictures of some items.

        What follows is that of the future which the dream comes nearest to: one that is half a hit and half a miss must
        become one of them.
        """
        n = int(DREAMT_SHARE * self.n_items)
        noise = self._normal(seen[:n, :3], random)
        dream = dreamt(network, seen[:n, : 3 * N_SEEN], keys[-2, :n], noise, steps_of(network, 1)).float()
        pressed = keys[-2:, :n].cpu().numpy()
        futures = self.game.futures(run[-3, :n], pressed[0])  # (F, n, D)
        looks = self._seen(futures).to(self.device).unflatten(1, (-1, 3))  # (n, F, 3, H, W)
        nearest = (looks - dream[:, None]).square().mean((2, 3, 4)).argmin(1).cpu().numpy()
        after = self.game.step(futures[nearest, np.arange(n)], pressed[1])
        seen[:n, -6:-3], seen[:n, -3:] = dream, self._seen(after[None]).to(self.device)

    def _mix(self, past: Tensor, random: np.random.Generator) -> None:
        """Lay a fainter game over the newest of the K pictures (B, 3 K, H, W) of some items: it must fade at once."""
        n = int(MIXED_SHARE * self.n_items)
        usual, own, other = past.mean(0), past[-n:], past[:n]
        strong = random.uniform(*STRENGTHS, (n, 1)) * np.ones(N_SEEN)
        faint = strong * random.uniform(0.1, 0.9, (n, 1))
        is_mixed = np.arange(N_SEEN) >= random.integers(0, N_SEEN, (n, 1))
        parts = (np.where(is_mixed, strong, 1), np.where(is_mixed, faint, 0))  # (n, K) each
        of_own, of_other = (torch.from_numpy(one.repeat(3, 1)).float().to(past.device) for one in parts)
        mixed = usual + of_own[:, :, None, None] * (own - usual) + of_other[:, :, None, None] * (other - usual)
        past[-n:] = mixed.clamp(-1, 1)

    def _noisy(self, random: np.random.Generator) -> np.ndarray:
        return (random.random(self.n_items) >= CLEAN_SHARE).astype(np.int64)

    def _normal(self, like: Tensor, random: np.random.Generator) -> Tensor:
        chance = torch.Generator().manual_seed(int(random.integers(2**63)))
        return torch.randn(like.shape, generator=chance).to(self.device)

    def _times(self, network: PixelDiffusion, random: np.random.Generator) -> Tensor:
        last = network.config.schedule.n_times - 1
        times = np.where(random.random(self.n_items) < PURE_SHARE, last, random.integers(0, last, self.n_items))
        return torch.from_numpy(times).to(self.device)


@dataclass(frozen=True)
class ArcadeObjective:
    """The squared error of the next picture, where something is seen above all; what a Training calls."""

    batches: ArcadeBatches

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted error; the plain one of pictures begun at pure noise as "error"."""
        assert isinstance(model, PixelDiffusion)
        batch = self.batches.draw(model, step, micro)
        loss, errors = picture_errors(model, batch)
        return loss, {HELD_OUT_ERROR: errors.mean()}


def picture_errors(model: PixelDiffusion, batch: DiffusionBatch) -> tuple[Tensor, Tensor]:
    """The weighted loss, and the plain mean squared error of each item (B,)."""
    schedule, target = model.config.schedule, model.config.unet.target
    squared = torch.from_numpy(schedule.alphas_cumprod).float().to(batch.x0.device)[batch.times]
    alpha, sigma = (part.sqrt()[:, None, None, None] for part in (squared, 1 - squared))
    x = noised(batch.x0, batch.noise, alpha, sigma).contiguous(memory_format=torch.channels_last)
    said = model(x, batch.times, **batch.asked)
    errors = (said - target_of(target, batch.x0, batch.noise, alpha, sigma)).square()
    return (errors * moving_weights(batch.x0)).mean(), errors.mean((1, 2, 3))


def moving_weights(x0: Tensor) -> Tensor:
    """How much each pixel of pictures (B, 3, H, W) counts, (B, 1, H, W): more where few pictures look alike."""
    unusual = ((x0 - x0.mean(0)).abs().amax(1, keepdim=True) > UNUSUAL).float()
    return 1 + MOVING_WEIGHT * unusual


def held_out_error(batches: ArcadeBatches, n_batches: int = 4) -> Validation:
    """The plain error of pictures that are not learnt from."""

    @torch.no_grad()
    def measure(average: PixelDiffusion) -> Measuring[dict[str, float]]:
        total = 0.0
        for number in range(n_batches):
            with training_autocast(batches.device):
                batch = batches.draw(average, number, 0, "held-out")
                total += float(picture_errors(average, batch)[1].mean())
            yield
        return {HELD_OUT_ERROR: total / n_batches}

    return Validation(measure, HELD_OUT_ERROR)
