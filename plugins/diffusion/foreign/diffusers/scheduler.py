"""What a pipeline's scheduler_config.json says: the noise of the training, and at which times a run looks at it.

The names and the defaults of a missing key are those of the `diffusers` library, whose classes differ in them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from ...shared.model.noise_schedule import StepLayout
from .noise import ConsistencyNoise, SchedulerConfig
from .settings import MAX_TIMES, betas_of, is_on, number_of, refused

if TYPE_CHECKING:
    from ...shared.model.denoiser import Target

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
CONSISTENCY: Final = "CMStochasticIterativeScheduler"
FEW_STEPS: Final = (LCM, CONSISTENCY)
KNOWN_SCHEDULERS: Final = (*_LEADING, *_LINSPACE, *FEW_STEPS, FLOW)
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
_TARGETS: Final[Mapping[Any, "Target"]] = {"epsilon": "epsilon", "sample": "x0", "v_prediction": "v"}


def parse_scheduler(values: Mapping[str, Any]) -> SchedulerConfig:
    """Check the values of a scheduler_config.json; raises UserError for a scheduler that is not read here."""
    name = values.get("_class_name")
    if name not in KNOWN_SCHEDULERS:
        raise UserError(
            N_("This pipeline’s kind of noise cannot be read here: {name}.").format(
                name=printable(name) if isinstance(name, str) else N_("its scheduler has no name")
            ),
            N_(
                "Those of DDPM, DDIM, PNDM, Euler, Heun, DPM-Solver, LCM, consistency models and flow matching can be "
                "opened."
            ),
        )
    if name == FLOW:
        return _flow(values)
    if name == CONSISTENCY:
        return _consistency(values)
    values = {**_DEFAULTS.get(name, {}), **values}
    if values.get("prediction_type", "epsilon") not in _TARGETS:
        raise refused("prediction_type")
    is_plain = "DDIM" in name or "DDPM" in name
    thresholds = is_on(values, "thresholding", False)
    clips = (is_plain or name == LCM) and is_on(values, "clip_sample", is_plain) and not thresholds
    spacing = values.get("timestep_spacing", "leading" if name in _LEADING else "linspace")
    if spacing not in ("leading", "trailing", "linspace"):
        raise refused("timestep_spacing")
    has_end = "DDIM" in name or name == "PNDMScheduler"
    ends_noisy = has_end and not is_on(values, "set_alpha_to_one", "DDIM" in name)
    target = _TARGETS[values.get("prediction_type", "epsilon")]
    zero_snr = is_on(values, "rescale_betas_zero_snr", False)
    if zero_snr and target == "epsilon":
        raise UserError(
            N_("The scheduler starts from pure noise, where a network that predicts noise has nothing to say.")
        )
    betas, offset = betas_of(values), round(number_of(values, "steps_offset", 0, 0, 1000))
    return SchedulerConfig(
        name,
        len(betas),
        betas,
        target,
        _distilled(values, betas) if name == LCM else StepLayout(spacing, offset, ends_noisy),
        number_of(values, "clip_sample_range", 1.0, 1e-3, 1e3) if clips else None,
        number_of(values, "dynamic_thresholding_ratio", 0.995, 0.5, 1.0) if thresholds else 1.0,
        number_of(values, "sample_max_value", 1.0, 1.0, 1e3),
        zero_snr,
        is_on(values, "use_karras_sigmas", False),
        number_of(values, "timestep_scaling", 10.0, 1e-3, 1e6) if name == LCM else None,
    )


def _flow(values: Mapping[str, Any]) -> SchedulerConfig:
    """Straight lines; how a run lays its shares of noise but for a shift is not read here."""
    for key in _OTHER_FLOWS:
        if values.get(key):
            raise refused(key)
    n_times = round(number_of(values, "num_train_timesteps", 1000, 2, MAX_TIMES))
    layout = StepLayout("flow", shift=number_of(values, "shift", 1.0, 1.0, 100.0))
    fixed = SchedulerConfig(FLOW, n_times, (), "flow", layout, None, 1.0, 1.0, zero_snr=False, wants_karras=False)
    return replace(fixed, shift_by_size=_line(values))


def _consistency(values: Mapping[str, Any]) -> SchedulerConfig:
    if number_of(values, "s_noise", 1.0, 0.0, 100.0) != 1:
        raise refused("s_noise")
    bounds = (
        ("sigma_min", 0.002, 1e-6, 1.0),
        ("sigma_max", 80.0, 2.0, 1e4),
        ("sigma_data", 0.5, 1e-3, 1e3),
        ("rho", 7.0, 1.0, 100.0),
    )
    noise = ConsistencyNoise(*(number_of(values, *bound) for bound in bounds))
    n_times = round(number_of(values, "num_train_timesteps", 40, 2, MAX_TIMES))
    clip = 1.0 if is_on(values, "clip_denoised", True) else None
    plain = SchedulerConfig(CONSISTENCY, n_times, (), "x0", StepLayout("strided"), clip, 1.0, 1.0, False, False)
    return replace(plain, consistency=noise)


def _line(values: Mapping[str, Any]) -> tuple[float, float] | None:
    """How the log of the shift grows with the picture."""
    if not is_on(values, "use_dynamic_shifting", False):
        return None
    if values.get("time_shift_type", "exponential") != "exponential":
        raise refused("time_shift_type")
    low, high = (number_of(values, f"{end}_shift", usual, 0.0, 4.0) for end, usual in (("base", 0.5), ("max", 1.15)))
    few, many = (
        number_of(values, key, usual, 1, 1e6)
        for key, usual in (("base_image_seq_len", 256), ("max_image_seq_len", 4096))
    )
    if few >= many:
        raise refused("max_image_seq_len")
    slope = (high - low) / (many - few)
    return slope, low - slope * few


def _distilled(values: Mapping[str, Any], betas: tuple[float, ...]) -> StepLayout:
    n_taught = round(number_of(values, "original_inference_steps", 50, 1, len(betas)))
    return StepLayout("distilled", n_taught=n_taught)
