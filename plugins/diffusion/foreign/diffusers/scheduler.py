"""What a pipeline's scheduler_config.json says: the noise of the training, and at which times a run looks at it.

The names and the defaults of a missing key are those of the `diffusers` library, whose classes differ in them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.noise_schedule import NoiseSchedule, StepLayout

if TYPE_CHECKING:
    from ...shared.model.denoiser import Target

MAX_TIMES: Final = 10_000
LEAST_SIGNAL: Final = 1e-12
"""alpha² where nothing of the picture is left: small enough to be nothing, large enough to divide by."""
_LEADING: Final = ("DDIMScheduler", "DDIMParallelScheduler", "DDPMScheduler", "DDPMParallelScheduler", "PNDMScheduler")
_LINSPACE: Final = (
    "EulerDiscreteScheduler",
    "EulerAncestralDiscreteScheduler",
    "HeunDiscreteScheduler",
    "LMSDiscreteScheduler",
    "KDPM2DiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "DPMSolverMultistepScheduler",
    "DPMSolverSinglestepScheduler",
    "DEISMultistepScheduler",
    "UniPCMultistepScheduler",
)
LCM: Final = "LCMScheduler"
FLOW: Final = "FlowMatchEulerDiscreteScheduler"
KNOWN_SCHEDULERS: Final = (*_LEADING, *_LINSPACE, LCM, FLOW)
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    LCM: {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"},
}
_OTHER_FLOWS: Final = (
    "shift_terminal",
    "invert_sigmas",
    "use_karras_sigmas",
    "use_exponential_sigmas",
    "use_beta_sigmas",
    "stochastic_sampling",
)
LARGEST_LOG_SHIFT: Final = 4.6
SIGMA_DATA: Final = 0.5
_TARGETS: Final[Mapping[Any, "Target"]] = {"epsilon": "epsilon", "sample": "x0", "v_prediction": "v"}


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
        curve = np.cumprod(1 - np.asarray(self.betas, np.float32).astype(np.float64))
        if self.zero_snr:
            roots = np.sqrt(curve)
            stretched = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
            curve = np.maximum(stretched**2, LEAST_SIGNAL)
        return NoiseSchedule(n_times=self.n_times, table=tuple(curve.tolist()), layout=self.layout)


def parse_scheduler(values: Mapping[str, Any]) -> SchedulerConfig:
    """Check the values of a scheduler_config.json; raises UserError for a scheduler that is not read here."""
    name = values.get("_class_name")
    if name not in KNOWN_SCHEDULERS:
        raise UserError(
            N_("This pipeline’s kind of noise cannot be read here: {name}.").format(
                name=printable(name) if isinstance(name, str) else N_("its scheduler has no name")
            ),
            N_("Those of DDPM, DDIM, PNDM, Euler, Heun, DPM-Solver, LCM and flow matching can be opened."),
        )
    if name == FLOW:
        return _flow(values)
    values = {**_DEFAULTS.get(name, {}), **values}
    if values.get("prediction_type", "epsilon") not in _TARGETS:
        raise _refused("prediction_type")
    is_plain = "DDIM" in name or "DDPM" in name
    thresholds = _is_on(values, "thresholding", False)
    clips = (is_plain or name == LCM) and _is_on(values, "clip_sample", is_plain) and not thresholds
    spacing = values.get("timestep_spacing", "leading" if name in _LEADING else "linspace")
    if spacing not in ("leading", "trailing", "linspace"):
        raise _refused("timestep_spacing")
    has_end = "DDIM" in name or name == "PNDMScheduler"
    ends_noisy = has_end and not _is_on(values, "set_alpha_to_one", "DDIM" in name)
    target = _TARGETS[values.get("prediction_type", "epsilon")]
    zero_snr = _is_on(values, "rescale_betas_zero_snr", False)
    if zero_snr and target == "epsilon":
        raise UserError(
            N_("The scheduler starts from pure noise, where a network that predicts noise has nothing to say.")
        )
    betas, offset = _betas(values), round(_number(values, "steps_offset", 0, 0, 1000))
    return SchedulerConfig(
        name,
        len(betas),
        betas,
        target,
        _distilled(values, betas) if name == LCM else StepLayout(spacing, offset, ends_noisy),
        _number(values, "clip_sample_range", 1.0, 1e-3, 1e3) if clips else None,
        _number(values, "dynamic_thresholding_ratio", 0.995, 0.5, 1.0) if thresholds else 1.0,
        _number(values, "sample_max_value", 1.0, 1.0, 1e3),
        zero_snr,
        _is_on(values, "use_karras_sigmas", False),
        _number(values, "timestep_scaling", 10.0, 1e-3, 1e6) if name == LCM else None,
    )


def _flow(values: Mapping[str, Any]) -> SchedulerConfig:
    """Straight lines; how a run lays its shares of noise but for a shift is not read here."""
    for key in _OTHER_FLOWS:
        if values.get(key):
            raise _refused(key)
    n_times = round(_number(values, "num_train_timesteps", 1000, 2, MAX_TIMES))
    layout = StepLayout("flow", shift=_number(values, "shift", 1.0, 1.0, 100.0))
    fixed = SchedulerConfig(FLOW, n_times, (), "flow", layout, None, 1.0, 1.0, zero_snr=False, wants_karras=False)
    return replace(fixed, shift_by_size=_line(values))


def _line(values: Mapping[str, Any]) -> tuple[float, float] | None:
    """How the log of the shift grows with the picture."""
    if not _is_on(values, "use_dynamic_shifting", False):
        return None
    if values.get("time_shift_type", "exponential") != "exponential":
        raise _refused("time_shift_type")
    low, high = (_number(values, key, usual, 0.0, 4.0) for key, usual in (("base_shift", 0.5), ("max_shift", 1.15)))
    few, many = (
        _number(values, key, usual, 1, 1e6) for key, usual in (("base_image_seq_len", 256), ("max_image_seq_len", 4096))
    )
    if few >= many:
        raise _refused("max_image_seq_len")
    slope = (high - low) / (many - few)
    return slope, low - slope * few


def _distilled(values: Mapping[str, Any], betas: tuple[float, ...]) -> StepLayout:
    n_taught = round(_number(values, "original_inference_steps", 50, 1, len(betas)))
    return StepLayout("distilled", n_taught=n_taught)


def _betas(values: Mapping[str, Any]) -> tuple[float, ...]:
    trained = values.get("trained_betas")
    if trained is not None:
        return _trained(trained)
    n_times = round(_number(values, "num_train_timesteps", 1000, 2, MAX_TIMES))
    start, end = (_number(values, key, one, 1e-8, 0.999) for key, one in (("beta_start", 1e-4), ("beta_end", 0.02)))
    kind = values.get("beta_schedule", "linear")
    if kind == "linear":
        return tuple(np.linspace(start, end, n_times).tolist())
    if kind == "scaled_linear":
        return tuple((np.linspace(start**0.5, end**0.5, n_times) ** 2).tolist())
    if kind == "squaredcos_cap_v2":
        at = np.arange(n_times + 1) / n_times
        curve = np.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
        return tuple(np.minimum(1 - curve[1:] / curve[:-1], 0.999).tolist())
    raise _refused("beta_schedule")


def _trained(betas: Any) -> tuple[float, ...]:
    if not isinstance(betas, list) or not 2 <= len(betas) <= MAX_TIMES:
        raise _refused("trained_betas")
    if not all(type(beta) in (int, float) and 0 < beta < 1 for beta in betas):
        raise _refused("trained_betas")
    return tuple(float(beta) for beta in betas)


def _number(values: Mapping[str, Any], key: str, otherwise: float, low: float, high: float) -> float:
    value = values.get(key, otherwise)
    if type(value) not in (int, float) or not low <= value <= high:
        raise _refused(key)
    return float(value)


def _is_on(values: Mapping[str, Any], key: str, otherwise: bool) -> bool:
    value = values.get(key)
    if value is None:
        return otherwise
    if not isinstance(value, bool):
        raise _refused(key)
    return value


def _refused(key: str) -> UserError:
    return UserError(N_("The scheduler’s “{key}” has a value that cannot be read here.").format(key=key))
