"""How the family's U-Net is asked for the next picture of a game: by the key and the last pictures, a little noisy.

World models by diffusion: Alonso et al. 2024 (DIAMOND, arXiv 2405.12399), Valevski et al. 2024 (GameNGen, arXiv
2408.14837). Shape letters: B games, K pictures that are looked at, H W pixels.
"""

import numpy as np
import torch
from torch import Tensor

from ...pictures.model.networks import PixelDiffusion
from ...shared.model.noise_schedule import NoiseSchedule, TimeGrid, lay_grid
from ...shared.model.prediction import eps_of, noised, x0_of


def as_seen(pictures: np.ndarray) -> Tensor:
    """Pictures (B, K, H, W, 3) of 0..255 as the network sees them, (B, 3 K, H, W) in -1..1."""
    laid = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
    return laid.flatten(1, 2)


def as_pictures(x0: Tensor) -> np.ndarray:
    """What the network made (B, 3, H, W) as pictures (B, H, W, 3) of 0..255."""
    found: np.ndarray = ((x0.float().clamp(-1, 1) + 1) * 127.5).round().byte().movedim(1, 3).cpu().numpy()
    return found


def dimmed(seen: Tensor, noise: Tensor, schedule: NoiseSchedule, times: Tensor) -> Tensor:
    """Last pictures (B, 3 K, H, W) as noisy as times (B,) of the training say."""
    squared = torch.from_numpy(schedule.alphas_cumprod).float().to(seen.device)[times][:, None, None, None]
    return noised(seen, noise, squared.sqrt(), (1 - squared).sqrt())


def dreamt(network: PixelDiffusion, seen: Tensor, keys: Tensor, noise: Tensor, grid: TimeGrid) -> Tensor:
    """The next pictures (B, 3, H, W) in -1..1, out of noise of that shape in the steps of a grid (DDIM).

    Args:
        seen: (B, 3 K, H, W) the last pictures, the newest last.
        keys: (B,) what is pressed.
    """
    x, clean = noise, torch.zeros(len(seen), device=seen.device)
    for k, time in enumerate(grid.times[:-1]):
        said = network(x, torch.full_like(clean, float(time)), classes=keys, extra=seen, extra_time=clean)
        level = grid.levels[k]
        x0 = x0_of(said, network.config.unet.target, x, *level).clamp(-1, 1)
        x = noised(x0, eps_of(x0, "x0", x, *level), *grid.levels[k + 1])
    return x


def steps_of(network: PixelDiffusion, n_steps: int) -> TimeGrid:
    """The levels of noise at which the network looks at a picture of `n_steps` steps."""
    return lay_grid(network.config.schedule, n_steps)
