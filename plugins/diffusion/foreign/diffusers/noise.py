"""The noise of a pipeline's training, and how a run of it takes what its network says."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ...shared.model.noise_schedule import NoiseSchedule, StepLayout

if TYPE_CHECKING:
    from ...shared.model.denoiser import Target

LEAST_SIGNAL: Final = 1e-12
"""alpha² where nothing of the picture is left: small enough to be nothing, large enough to divide by."""
LARGEST_LOG_SHIFT: Final = 4.6
LEAST_NOISE: Final = 1e-10
"""sigma² where nothing is left of the noise: small enough to be nothing, large enough to divide by."""
SIGMA_DATA: Final = 0.5


@dataclass(frozen=True)
class ConsistencyShares:
    """What a consistency model does with x: it sees `seen` x at the time `told`, and `counted` of what it says and
    `kept` of x make the clean x.
    """

    seen: float
    told: float
    counted: float
    kept: float


@dataclass(frozen=True)
class ConsistencyNoise:
    """The noise beside a clean picture, sigma, of a consistency model (Song 2023, arXiv 2303.01469, appendix C).

    Attributes:
        least, most: sigma where a picture is clean, and where a run starts.
        data: the spread of pictures. rho: how sigma falls between them (Karras 2022, arXiv 2206.00364).
    """

    least: float
    most: float
    data: float
    rho: float

    def table(self, n_times: int) -> tuple[float, ...]:
        """alpha² at each time; as noisy as what a run hands on, which lacks the least sigma."""
        high, low = self.most ** (1 / self.rho), self.least ** (1 / self.rho)
        sigmas = np.linspace(low, high, n_times) ** self.rho
        return tuple((1 / (1 + np.maximum(sigmas**2 - self.least**2, LEAST_NOISE))).tolist())

    def shares(self, alpha: float, sigma: float) -> ConsistencyShares:
        """At a level of this family's x, whose variance is kept."""
        noise, size = math.hypot(sigma / alpha, self.least), 1 / alpha
        spread, above = math.hypot(noise, self.data), noise - self.least
        kept = self.data**2 / (above**2 + self.data**2)
        return ConsistencyShares(size / spread, 250 * math.log(noise), above * self.data / spread, size * kept)


@dataclass(frozen=True)
class SchedulerConfig:
    """The settings of a scheduler that a run here takes over.

    Attributes:
        class_name: whose settings they are; which sampler walks is the person's choice.
        n_times: the steps of the training.
        betas: (n_times,) of the training, before `zero_snr`; empty for a flow.
        target: what the network was taught to say.
        layout: where the even steps of a run lie.
        clip: how far the predicted clean picture may go from 0; None where nothing is clipped.
        threshold, threshold_limit: the quantile of dynamic thresholding (1 for none) and its largest divisor.
        wants_karras: whether its runs lay their steps as Karras et al. 2022 do.
        time_scaling: by what times are multiplied where the last word on the clean picture leans towards x near the
            clean end, as a consistency model's does (Song 2023, arXiv 2303.01469); None where it does not.
        shift_by_size: slope and offset of the log of a flow's shift over a picture's tokens; None where it is fixed.
        consistency: of a consistency model; None of others.
        zero_snr: whether the noise was stretched so that the last time is pure noise (Lin 2023, arXiv 2305.08891).
    """

    class_name: str
    n_times: int
    betas: tuple[float, ...]
    target: "Target"
    layout: StepLayout
    clip: float | None
    threshold: float
    threshold_limit: float
    zero_snr: bool
    wants_karras: bool
    time_scaling: float | None = None
    shift_by_size: tuple[float, float] | None = None
    consistency: ConsistencyNoise | None = None

    def for_tokens(self, n_tokens: int) -> "SchedulerConfig":
        """The same for a flow that falls evenly over pictures of so many tokens."""
        shift = self.layout.shift
        if self.shift_by_size is not None:
            slope, offset = self.shift_by_size
            shift = math.exp(min(max(slope * n_tokens + offset, 0.0), LARGEST_LOG_SHIFT))
        return replace(self, layout=StepLayout("even_flow", shift=shift))

    def shares(self, time: float) -> tuple[float, float]:
        """How much x and the predicted clean x count in the last word on it, at a time."""
        if self.time_scaling is None:
            return 0.0, 1.0
        scaled = time * self.time_scaling
        total = scaled**2 + SIGMA_DATA**2
        return SIGMA_DATA**2 / total, scaled / math.sqrt(total)

    def schedule(self) -> NoiseSchedule:
        """The noise of the training; the library's own betas are single precision, and so are these."""
        if self.target == "flow":
            return NoiseSchedule("flow", self.n_times, layout=self.layout)
        if self.consistency is not None:
            return NoiseSchedule(n_times=self.n_times, table=self.consistency.table(self.n_times), layout=self.layout)
        curve = np.cumprod(1 - np.asarray(self.betas, np.float32).astype(np.float64))
        if self.zero_snr:
            roots = np.sqrt(curve)
            stretched = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
            curve = np.maximum(stretched**2, LEAST_SIGNAL)
        return NoiseSchedule(n_times=self.n_times, table=tuple(curve.tolist()), layout=self.layout)
