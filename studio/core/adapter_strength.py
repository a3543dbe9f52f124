"""How strongly a low-rank adapter counts (LoRA, arXiv 2106.09685)."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class AdapterStrength:
    """How strongly an adapter counts: its rank, alpha, and whether it is divided by the rank's root (2312.03732)."""

    rank: int
    alpha: float
    is_root: bool = False

    @property
    def scale(self) -> float:
        """What the product of both matrices is multiplied by."""
        return self.alpha / (math.sqrt(self.rank) if self.is_root else self.rank)
