"""How noisy x is at each time of a training, and at which times a run looks at it.

Ho et al. 2020 (arXiv 2006.11239): linear betas; Nichol and Dhariwal 2021 (arXiv 2102.09672): cosine; Karras et al. 2022
(arXiv 2206.00364): times even in sigma^(1/7).
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Kind: TypeAlias = Literal["linear", "scaled_linear", "cosine"]
ForeignSpacing: TypeAlias = Literal["leading", "trailing", "linspace"]


@dataclass(frozen=True)
class StepLayout:
    """Where the even steps of a run lie for a model of other people (table 2 of Lin et al. 2023, arXiv 2305.08891).

    Attributes:
        spacing: "leading" counts whole strides up from `offset`, "trailing" down from the last time, "linspace"
            reaches both ends.
        is_whole: whether times between two steps of the training are rounded.
        ends_noisy: whether a run ends at time 0 of the training instead of at the clean end.
    """

    spacing: ForeignSpacing
    offset: int = 0
    is_whole: bool = True
    ends_noisy: bool = False


@dataclass(frozen=True)
class NoiseSchedule:
    """Variance preserving noise over `n_times` steps of training.

    Attributes:
        kind: of the betas: linear from `beta_start` to `beta_end`, linear in their roots (Rombach 2022), or the cosine
            of Nichol and Dhariwal, which needs no ends.
        table: alpha² at each time as a model of other people has it, which goes before `kind`; empty for our own.
        layout: where that model's even steps lie; None for our own.
    """

    kind: Kind = "cosine"
    n_times: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    table: tuple[float, ...] = ()
    layout: StepLayout | None = None

    @cached_property
    def alphas_cumprod(self) -> npt.NDArray[np.float64]:
        """(n_times,) alpha² at each time, falling."""
        if self.table:
            return np.array(self.table)
        if self.kind == "cosine":
            at = np.arange(self.n_times + 1) / self.n_times
            curve = np.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
            betas = np.minimum(1 - curve[1:] / curve[:-1], 0.999)
        elif self.kind == "linear":
            betas = np.linspace(self.beta_start, self.beta_end, self.n_times)
        else:
            betas = np.linspace(self.beta_start**0.5, self.beta_end**0.5, self.n_times) ** 2
        return np.cumprod(1 - betas)

    def alpha_sigma(self, time: float) -> tuple[float, float]:
        """alpha and sigma at a time, also between two steps of the training: linear in the log of signal to noise.

        Where there is a table it is linear in sigma / alpha, since the samplers of its model take it so.
        """
        if self.table:
            ratio = float(np.interp(time, np.arange(self.n_times), self._ratio))
            alpha = 1 / math.sqrt(1 + ratio**2)
            return alpha, ratio * alpha
        log_snr = float(np.interp(time, np.arange(self.n_times), self._log_snr))
        squared = 1 / (1 + math.exp(-log_snr))
        return math.sqrt(squared), math.sqrt(1 - squared)

    @cached_property
    def _ratio(self) -> npt.NDArray[np.float64]:
        return np.sqrt(1 / self.alphas_cumprod - 1)

    @cached_property
    def _log_snr(self) -> npt.NDArray[np.float64]:
        curve = self.alphas_cumprod
        return np.log(curve) - np.log1p(-curve)
