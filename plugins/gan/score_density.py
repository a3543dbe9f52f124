"""How the detective's scores of real and forged pictures are spread, from the quantiles in a card; no Qt, no torch.

Q quantiles, N bins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.text import N_, translate

FloatArray = npt.NDArray[np.float64]
N_BINS: Final = 40


@dataclass(frozen=True, eq=False)
class Scores:
    """Quantiles (Q,) of the scores of held-out real pictures and of forged ones, rising."""

    real: FloatArray
    fake: FloatArray


def scores_of(card: Mapping[str, Any]) -> Scores | None:
    """What a card says; None where it says nothing that can be drawn."""
    said = card.get("scores", {})
    real, fake = (np.asarray(said.get(name, []), np.float64) for name in ("real", "fake"))
    if min(real.size, fake.size) < 2 or not np.isfinite([*real, *fake]).all():
        return None
    return Scores(np.sort(real), np.sort(fake))


def share_below(quantiles: FloatArray, score: float) -> float:
    """The share of pictures with a lower score than `score`, of their quantiles (Q,)."""
    places = np.linspace(0, 1, len(quantiles))
    return float(np.interp(score, quantiles, places, left=0.0, right=1.0))


def shares_in_bins(quantiles: FloatArray, edges: FloatArray) -> FloatArray:
    """The share of pictures (N,) between edges (N + 1,); all of them together 1 where the edges hold all."""
    places = np.linspace(0, 1, len(quantiles))
    last = np.searchsorted(quantiles, edges, side="right") - 1  # equal quantiles are one step upwards
    inside = np.clip(last, 0, len(quantiles) - 2)
    width = quantiles[inside + 1] - quantiles[inside]
    part = np.divide(edges - quantiles[inside], width, out=np.ones_like(edges), where=width > 0)
    below = places[inside] + np.clip(part, 0, 1) * (places[inside + 1] - places[inside])
    below = np.where(last < 0, 0.0, np.where(last >= len(quantiles) - 1, 1.0, below))
    return np.diff(below)


def bin_edges(scores: Scores, n_bins: int = N_BINS) -> FloatArray:
    """Evenly spaced edges that hold both kinds, with a bin of air at each end."""
    low, high = min(scores.real[0], scores.fake[0]), max(scores.real[-1], scores.fake[-1])
    air = max(high - low, 1e-6) / (n_bins - 2)
    return np.linspace(low - air, high + air, n_bins + 1)


def middles(edges: Sequence[float] | FloatArray) -> FloatArray:
    """The middle of each bin, (N,)."""
    values = np.asarray(edges, np.float64)
    return (values[1:] + values[:-1]) / 2


def score_words(scores: Scores, score: float) -> str:
    """Where one score lies among both kinds."""
    form = N_("This one has {score:.2f}: above {real:.0f} % of the real and {fake:.0f} % of the forged pictures.")
    return translate(form).format(
        score=score, real=100 * share_below(scores.real, score), fake=100 * share_below(scores.fake, score)
    )
