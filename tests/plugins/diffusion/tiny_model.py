"""A model without a network: fast, not linear, with words that count, and latents half as large as its pictures."""

from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plugins.diffusion.shared.model.denoiser import Condition, Denoise, FloatArray, Guidance, Prediction
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.model.prediction import guided_prediction
from studio.core.seed import standard_normal

N_PIECES, WIDTH = 6, 5


class TinyModel:
    """Satisfies `DiffusionModel`; counts how often it was asked."""

    kind: Literal["pictures", "sound"] = "pictures"
    shape: tuple[int, ...] = (3, 4, 6)
    size = (8, 12)
    has_attention = True
    networks: tuple[nn.Module, ...] = ()

    def __init__(self) -> None:
        self.schedule = NoiseSchedule()
        self.n_calls = 0
        self.offset = torch.zeros(())

    def embed(self, prompt: str, negative: str = "") -> Condition:
        words = prompt.split()[:N_PIECES]
        arrays = {**self._arrays(words), **{f"without_{k}": v for k, v in self._arrays(negative.split()).items()}}
        return Condition(prompt, tuple(words), arrays)

    def _arrays(self, words: list[str]) -> dict[str, FloatArray]:
        context, counts = np.zeros((N_PIECES, WIDTH), np.float32), np.zeros(N_PIECES, np.float32)
        for row, word in enumerate(words[:N_PIECES]):
            context[row], counts[row] = standard_normal((WIDTH,), 1, word), 1
        return {"context": context, "counts": counts}

    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        wanted, avoided = self._pull(condition, ""), self._pull(condition, "without_")

        def denoise(x: Tensor, time: float) -> Prediction:
            self.n_calls += 1
            level = self.schedule.alpha_sigma(time)
            with_prompt, without = (
                torch.tanh(x + 0.3 * x.roll(1, -1) + pull + self.offset) for pull in (wanted, avoided)
            )
            said = guided_prediction(x, with_prompt, without, guidance, level)
            n_pieces = len(condition.pieces)
            if not with_attention or not n_pieces:
                return said
            return Prediction(said.x0, said.eps, torch.full((1, n_pieces, 2, 3), 1 / n_pieces))

        return denoise

    def _pull(self, condition: Condition, prefix: str) -> Tensor:
        context, counts = condition.arrays[f"{prefix}context"], condition.arrays[f"{prefix}counts"]
        mean = (context * counts[:, None]).sum(0) / max(float(counts.sum()), 1e-6)
        return torch.from_numpy(mean[: self.shape[0]].reshape(-1, *[1] * (len(self.shape) - 1)))

    def encode(self, clean: FloatArray) -> Tensor:
        return 2 * F.avg_pool2d(torch.from_numpy(clean).movedim(2, 0)[None], 2) - 1

    def decode(self, x0: Tensor) -> FloatArray:
        large = F.interpolate(x0, scale_factor=2)[0].movedim(0, 2)
        return np.ascontiguousarray(((large + 1) / 2).clamp(0, 1).numpy())

    def preview(self, x: Tensor) -> FloatArray:
        return np.stack([self.decode(one[None]) for one in x])


class TinySound(TinyModel):
    """Sound of 12 samples, folded into 3 channels."""

    kind: Literal["pictures", "sound"] = "sound"
    shape: tuple[int, ...] = (3, 4)
    size = (1, 12)

    def encode(self, clean: FloatArray) -> Tensor:
        return torch.from_numpy(clean).reshape(1, 4, 3).movedim(2, 1)

    def decode(self, x0: Tensor) -> FloatArray:
        return np.ascontiguousarray(x0[0].T.reshape(-1).numpy())


def picture(seed: int = 0) -> FloatArray:
    """A picture of the model's size, (8, 12, 3) in 0..1."""
    return noise_of((seed,), 0, (8, 12, 3))[0].clamp(-2, 2).div(4).add(0.5).numpy()
