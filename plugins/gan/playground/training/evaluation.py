"""How well the generator of the playground does: how far its points lie from real ones, and which parts it makes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.seed import generator

from ..model.network import AnyFloat, Floats
from ..model.pair import PlaygroundPair, noise_points
from ..model.target import EXTENT, Target
from ..params import PlaygroundSettings

N_CELLS: Final = 24
N_FAKE: Final = 1000
N_REAL: Final = 4000
FOUND_SHARE: Final = 0.25
"""Of what a part has among the real points; with less of it a part counts as left out."""
MOST_VARIETY: Final = 0.5
"""Of a collapsed generator."""
Shares: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlaygroundMeasures:
    """Attributes:
    js: Jensen-Shannon divergence of the two histograms in bits, 0 (alike) .. 1 (nothing in common).
    kl: Kullback-Leibler divergence of the forged from the real histogram in bits, 0 or more.
    n_found, n_parts: how many parts of the target the generator makes, of how many.
    near: share of forged points that lie on some part.
    variety: how many cells the forged points fill, against the real ones (ratio of the histograms' perplexities).
    right: share of real and forged points of which the discriminator says rightly what they are.
    gap: by how much the mean score of real points lies above that of forged ones.
    """

    js: float
    kl: float
    n_found: int
    n_parts: int
    near: float
    variety: float
    right: float
    gap: float

    @property
    def is_collapsed(self) -> bool:
        """Whether the generator makes a quarter of the parts at most, of four or more, and little else either."""
        return self.n_parts >= 4 and self.n_found <= self.n_parts // 4 and self.variety <= MOST_VARIETY


def measure(pair: PlaygroundPair, settings: PlaygroundSettings, target: Target, seed: int) -> PlaygroundMeasures | None:
    """Hold 1,000 forged points against 4,000 real ones, the same noise each time; None for an empty target."""
    if target.is_empty:
        return None
    real, real_shares = measured_real(target)
    fake = measured_fake(pair, settings, seed)
    fake_shares, on_parts = histogram(fake), part_shares(fake, target)
    found = on_parts >= FOUND_SHARE * wanted_shares(target)
    on_real, on_fake = pair.judge(real[:N_FAKE]), pair.judge(fake)
    right = (float((on_real > 0).mean()) + float((on_fake < 0).mean())) / 2
    js, kl = jensen_shannon(real_shares, fake_shares), kullback_leibler(real_shares, fake_shares)
    gap = float(on_real.mean() - on_fake.mean())
    variety = perplexity(fake_shares) / perplexity(real_shares)
    return PlaygroundMeasures(js, kl, int(found.sum()), len(found), float(on_parts.sum()), variety, right, gap)


def measured_fake(pair: PlaygroundPair, settings: PlaygroundSettings, seed: int) -> AnyFloat:
    """The forged points (N_FAKE, 2) that are held against real ones."""
    return pair.forge(noise_points(settings, N_FAKE, generator(seed, "measured")))


@lru_cache(8)
def wanted_shares(target: Target) -> Shares:
    """The share of real points that lie on each part, (n,)."""
    return part_shares(measured_real(target)[0], target)


@lru_cache(8)
def measured_real(target: Target) -> tuple[Floats, Shares]:
    """The real points (N_REAL, 2) that everything is held against, and their histogram."""
    real = target.sample(N_REAL, generator(0, "measured real"))
    return real, histogram(real)


def histogram(points: AnyFloat) -> Shares:
    """The share of points (N, 2) in each of the square's cells, and of those outside of it: (N_CELLS² + 1,)."""
    cells = np.floor((points.astype(np.float64) + EXTENT) * (N_CELLS / (2 * EXTENT))).astype(np.int64)
    is_inside = ((cells >= 0) & (cells < N_CELLS)).all(1)
    places = np.where(is_inside, cells[:, 1] * N_CELLS + cells[:, 0], N_CELLS**2)
    return np.bincount(places, minlength=N_CELLS**2 + 1) / len(points)


def jensen_shannon(p: Shares, q: Shares) -> float:
    """The mean divergence of two histograms from their middle, in bits: 0 for equal ones, 1 without any overlap."""
    middle = (p + q) / 2
    return (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2


def kullback_leibler(p: Shares, q: Shares) -> float:
    """How many bits more each point of p costs where one believes in q, to which half a point a cell is added."""
    added = 0.5 / N_FAKE
    return _relative_entropy(p, (q + added) / (1 + added * len(q)))


def perplexity(p: Shares) -> float:
    """Of how many equal cells a histogram would have the same entropy."""
    has = p > 0
    return float(2 ** -(p[has] * np.log2(p[has])).sum())


def _relative_entropy(p: Shares, q: Shares) -> float:
    has = p > 0
    return float((p[has] * np.log2(p[has] / q[has])).sum())


def part_shares(points: AnyFloat, target: Target) -> Shares:
    """The share of points (N, 2) that lie on each part of a target, (n,)."""
    parts = _parts_of(target)
    way = points[:, None] - parts.anchors[None]  # (N, K, 2)
    distance = np.einsum("nkd,nkd->nk", way, way)
    nearest = distance.argmin(1)
    is_on = distance[np.arange(len(points)), nearest] <= parts.radius**2
    return np.bincount(parts.owners[nearest[is_on]], minlength=parts.n) / len(points)


_parts_of = lru_cache(8)(Target.parts)
