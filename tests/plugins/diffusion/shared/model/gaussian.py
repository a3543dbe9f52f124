"""Data whose exact denoiser is known in closed form: a Gaussian with any mean and covariance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from plugins.diffusion.shared.model.denoiser import Prediction
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule, level_at

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gaussian:
    """x0 ~ N(mean (D,), covariance (D, D)) under a schedule, in float64; a `Denoise`."""

    mean: Array
    covariance: Array
    schedule: NoiseSchedule

    def __call__(self, x: Tensor, time: float) -> Prediction:
        """E[x0 | x], exactly."""
        alpha, sigma = level_at(self.schedule, time)
        of_x = alpha**2 * self.covariance + sigma**2 * np.eye(len(self.mean))
        gain = torch.from_numpy(alpha * self.covariance @ np.linalg.inv(of_x))
        x0 = torch.from_numpy(self.mean) + (x - alpha * torch.from_numpy(self.mean)) @ gain.T
        return Prediction(x0, (x - alpha * x0) / sigma)

    def flowed(self, x: Tensor, time: float) -> Tensor:
        """Where the way without fresh noise takes x (B, D) from a time to the clean end, exactly.

        Along each axis of the covariance, x keeps its distance from the mean in units of the spread there.
        """
        alpha, sigma = level_at(self.schedule, time)
        variances, axes = np.linalg.eigh(self.covariance)
        factor = np.sqrt(variances / (alpha**2 * variances + sigma**2))
        turn = torch.from_numpy(axes @ np.diag(factor) @ axes.T)
        return torch.from_numpy(self.mean) + (x - alpha * torch.from_numpy(self.mean)) @ turn.T


def example(kind: str = "cosine") -> Gaussian:
    """Three numbers that hang together."""
    root = np.array([[0.6, 0.0, 0.0], [0.3, 0.4, 0.0], [-0.2, 0.1, 0.25]])
    return Gaussian(np.array([0.5, -0.3, 0.2]), root @ root.T, NoiseSchedule(kind))  # type: ignore[arg-type]
