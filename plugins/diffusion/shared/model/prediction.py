"""What a network is trained to say of x (noise, clean x, v, or flow), ways between them, classifier-free guidance.

x = alpha x0 + sigma eps, v = alpha eps - sigma x0 (Salimans and Ho 2022, arXiv 2202.00512), alpha² + sigma² = 1.
The flow is eps - x0; x / (alpha + sigma) lies on the straight line between them (`flow_time`).
"""

import torch
from torch import Tensor

from .denoiser import Guidance, Prediction, Target

Level = float | Tensor
"""alpha or sigma: one number, or a tensor that broadcasts against x."""
TINY_SPREAD = 1e-8


def x0_of(said: Tensor, target: Target, x: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return the clean x (B, ...) that what a network said stands for."""
    match target:
        case "x0":
            return said
        case "epsilon":
            return (x - sigma * said) / alpha
        case "v":
            return alpha * x - sigma * said
        case "flow":
            return (x - sigma * said) / (alpha + sigma)


def eps_of(said: Tensor, target: Target, x: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return the noise in x (B, ...) that what a network said stands for."""
    match target:
        case "x0":
            return (x - alpha * said) / sigma
        case "epsilon":
            return said
        case "v":
            return sigma * x + alpha * said
        case "flow":
            return (x + alpha * said) / (alpha + sigma)


def target_of(target: Target, x0: Tensor, eps: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return what a network should say where x is made of `x0` and `eps`; what a training compares with."""
    match target:
        case "x0":
            return x0
        case "epsilon":
            return eps
        case "v":
            return alpha * eps - sigma * x0
        case "flow":
            return eps - x0


def noised(x0: Tensor, eps: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return the noisy x of a clean one, in closed form."""
    return alpha * x0 + sigma * eps


def prediction_from_x0(x: Tensor, x0: Tensor, alpha: float, sigma: float) -> Prediction:
    """Return a prediction whose clean x was changed (guided, limited); its noise is what remains of x."""
    return Prediction(x0, eps_of(x0, "x0", x, alpha, sigma))


def halves_needed(guidance: Guidance) -> tuple[bool, bool]:
    """Whether the prediction with the prompt and the one without it are needed at all."""
    return guidance.scale != 0 or guidance.rescale > 0, guidance.scale != 1


def combined(with_prompt: Tensor, without: Tensor, guidance: Guidance) -> Tensor:
    """Combine two clean predictions (B, ...): without + scale (with - without), then the rescale.

    Scale 1 is `with_prompt` to the last bit and 0 is `without` (Ho and Salimans 2022, arXiv 2207.12598).
    """
    guided = torch.lerp(without, with_prompt, guidance.scale)
    return rescaled(guided, with_prompt, guidance.rescale) if guidance.rescale > 0 else guided


def rescaled(guided: Tensor, with_prompt: Tensor, amount: float) -> Tensor:
    """Bring the spread of each item back to that of the conditional one, by `amount` 0..1 (Lin 2023, 2305.08891)."""
    spread = _spread(guided).clamp_min(TINY_SPREAD)
    return guided * (amount * _spread(with_prompt) / spread + (1 - amount))


def _spread(x: Tensor) -> Tensor:
    return x.flatten(1).std(1, correction=0).reshape(-1, *[1] * (x.dim() - 1))  # (B, 1, ...)


def dynamic_threshold(x0: Tensor, quantile: float) -> Tensor:
    """Bring the `quantile` of |x0| back to 1 where it lies above, item by item (Saharia 2022, arXiv 2205.11487)."""
    if quantile >= 1:
        return x0
    limit = torch.quantile(x0.abs().flatten(1), quantile, dim=1).clamp_min(1)
    limit = limit.reshape(-1, *[1] * (x0.dim() - 1))  # (B, 1, ...)
    return torch.minimum(torch.maximum(x0, -limit), limit) / limit


def guided_prediction(
    x: Tensor,
    with_prompt: Tensor | None,
    without: Tensor | None,
    guidance: Guidance,
    level: tuple[float, float],
    is_pixels: bool = False,
) -> Prediction:
    """Return what a model says in the end of x (B, ...), from its two clean predictions.

    Args:
        with_prompt, without: clean predictions (B, ...); None where `halves_needed` says so.
        level: alpha and sigma of x.
        is_pixels: x0 is a picture in -1..1 and stays one: values beyond are cut. Latents are free, unless the person
            asks for a threshold below 1.
    """
    if with_prompt is None or without is None:
        only = without if with_prompt is None else with_prompt
        if only is None:
            raise ValueError("guidance needs a prediction")
        x0 = only
    else:
        x0 = combined(with_prompt, without, guidance)
    x0 = dynamic_threshold(x0, guidance.threshold)
    return prediction_from_x0(x, x0.clamp(-1, 1) if is_pixels else x0, *level)
