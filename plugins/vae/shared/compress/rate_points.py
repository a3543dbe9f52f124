"""Points of a curve: how many bytes a picture takes at which likeness."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.view import FloatArray

MODEL: Final = "model"


@dataclass(frozen=True, eq=False)
class RatePoints:
    """Bytes of whole files and likeness (PSNR in dB), (N,) each, fewest bytes first; infinite without loss."""

    n_bytes: FloatArray
    likeness_db: FloatArray


def bytes_at(points: RatePoints, likeness_db: float) -> float | None:
    """How many bytes reach a likeness, between points in proportion; None where none of them reaches it."""
    best = np.maximum.accumulate(points.likeness_db)
    if best[-1] < likeness_db:
        return None
    after = int(np.argmax(best >= likeness_db))
    if not np.isfinite(best[after]):
        return float(points.n_bytes[after])
    before = max(0, after - 1)
    share = (likeness_db - best[before]) / max(best[after] - best[before], 1e-9) if after else 1.0
    return float(points.n_bytes[before] + share * (points.n_bytes[after] - points.n_bytes[before]))
