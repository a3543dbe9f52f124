"""How far what a model draws is from real pictures, measured on features (N, C) of a judge.

Kernel inception distance: Binkowski et al. 2018 (arXiv 1801.01401); improved precision and recall: Kynkäänniemi et al.
2019 (arXiv 1904.06991).
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from studio.metrics.judge import Judge, JudgeConfig

KERNEL_SCALE = 1e3


@dataclass(frozen=True)
class KernelDistance:
    """The kernel distance times 1,000: its mean over subsets, and their standard deviation."""

    mean: float
    deviation: float


def kernel_distance(
    real: Tensor, drawn: Tensor, n_subsets: int = 10, subset_size: int = 1000, seed: int = 0
) -> KernelDistance:
    """Unbiased squared maximum mean discrepancy of features (N, C) and (M, C) with the cubic kernel, times 1,000.

    The mean and deviation over subsets of `subset_size` of each, drawn without replacement.
    """
    random = torch.Generator().manual_seed(seed)
    size = min(subset_size, len(real), len(drawn))
    values = []
    for _ in range(n_subsets):
        chosen = [side[torch.randperm(len(side), generator=random)[:size]] for side in (real, drawn)]
        values.append(squared_discrepancy(*chosen))
    spread = torch.tensor(values, dtype=torch.float64) * KERNEL_SCALE
    return KernelDistance(float(spread.mean()), float(spread.std(correction=0)))


def squared_discrepancy(real: Tensor, drawn: Tensor) -> float:
    """The unbiased estimate for as many (N, C) of each, N >= 2; below zero by chance where both agree."""
    real, drawn = real.double(), drawn.double()
    n = len(real)
    within = sum(
        float(kernel.sum() - kernel.trace()) / (n * (n - 1)) for kernel in (_cubic(real, real), _cubic(drawn, drawn))
    )
    return within - 2 * float(_cubic(real, drawn).mean())


def _cubic(one: Tensor, other: Tensor) -> Tensor:
    return (one @ other.T / one.shape[1] + 1) ** 3


def precision_recall(real: Tensor, drawn: Tensor, k: int = 3) -> tuple[float, float]:
    """The share of drawn features (M, C) among the real ones (N, C), and the share of real ones among the drawn.

    Among: within the distance from some feature of the other side to its k-th nearest neighbour on its own side.
    """
    return _share_among(drawn, real, k), _share_among(real, drawn, k)


def _share_among(points: Tensor, centres: Tensor, k: int) -> float:
    # The nearest to each centre is itself, at distance 0.
    radius = torch.cdist(centres, centres, compute_mode="donot_use_mm_for_euclid_dist").kthvalue(k + 1, dim=1).values
    ways = torch.cdist(points, centres, compute_mode="donot_use_mm_for_euclid_dist")
    return float((ways <= radius).any(1).float().mean())


def random_judge(config: JudgeConfig, seed: int = 7) -> Judge:
    """An untrained judge whose weights follow from the seed: features that no training has touched."""
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    judge = Judge(config)
    torch.random.set_rng_state(state)
    return judge.eval().requires_grad_(False)


class FeatureJudge(Protocol):
    """A judge of any kind, or an untrained one."""

    def features(self, pictures: Tensor) -> Tensor:
        """What its last layer sees, (B, C)."""


@torch.no_grad()
def features_of(judge: FeatureJudge, pictures: Tensor, n_at_once: int = 500) -> Tensor:
    """The judge's features (N, C) of pictures (N, H, W) or (N, 3, H, W) in [0, 1]."""
    return torch.cat([judge.features(part) for part in torch.split(pictures, n_at_once)])


@dataclass(frozen=True)
class PictureLikeness:
    """How like real pictures drawn ones are to a judge's features; both distances as in KernelDistance."""

    kernel_distance: float
    kernel_deviation: float
    precision: float
    recall: float


def picture_likeness(judge: FeatureJudge, real: Tensor, drawn: Tensor, n_at_once: int = 500) -> PictureLikeness:
    """Compare drawn pictures with real ones, (N, H, W) or (N, 3, H, W) in [0, 1] each."""
    on_real, on_drawn = (features_of(judge, pictures, n_at_once) for pictures in (real, drawn))
    distance = kernel_distance(on_real, on_drawn)
    return PictureLikeness(distance.mean, distance.deviation, *precision_recall(on_real, on_drawn))
