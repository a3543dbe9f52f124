"""What a pipeline's network said as a prediction: guided, limited as its scheduler limits it, with maps of words.

Where a scheduler clips or thresholds the clean prediction, the noise is computed again from the clipped one, as
`Prediction` promises (the library does so with `use_clipped_model_output`; by default its DDIM mixes the two).
"""

from dataclasses import replace

import torch
from torch import Tensor

from ...shared.model.denoiser import Guidance, Prediction
from ...shared.model.noise_schedule import NoiseSchedule
from ...shared.model.prediction import combined, dynamic_threshold, eps_of, prediction_from_x0, rescaled, x0_of
from .noise import SchedulerConfig
from .tokens import Tokenised


def guided(
    x: Tensor,
    said: Tensor,
    config: SchedulerConfig,
    guidance: Guidance,
    needed: tuple[bool, bool],
    time: float,
    schedule: NoiseSchedule,
) -> Prediction:
    """What a model says in the end of x (1, ...).

    Args:
        said: by the network, (B, ...): the half without the prompt, then the one with it, as far as `needed` (with,
            without) says.
        time: of x. schedule: what alpha and sigma are there.
    """
    level, (kept, counted) = schedule.alpha_sigma(time), config.shares(time)
    with_prompt = said[-1:]
    whole = combined(with_prompt, said[:1], replace(guidance, rescale=0.0)) if all(needed) else with_prompt
    x0, eps = x0_of(whole, config.target, x, *level), eps_of(whole, config.target, x, *level)
    if guidance.rescale > 0 and all(needed):
        x0 = rescaled(x0, x0_of(with_prompt, config.target, x, *level), guidance.rescale)
    x0 = dynamic_threshold(x0, guidance.threshold)
    x0 = _limited(x0, config)
    if kept:
        return prediction_from_x0(x, counted * x0 + kept * x, *level)
    is_as_said = guidance.rescale == 0 and guidance.threshold >= 1 and config.clip is None and config.threshold >= 1
    return Prediction(x0, eps) if is_as_said else prediction_from_x0(x, x0, *level)


def _limited(x0: Tensor, config: SchedulerConfig) -> Tensor:
    """Clipped or thresholded as the scheduler would."""
    if config.clip is not None:
        return x0.clamp(-config.clip, config.clip)
    if config.threshold >= 1:
        return x0
    limit = torch.quantile(x0.abs().flatten(1), config.threshold, dim=1).clamp(1, config.threshold_limit)
    limit = limit.reshape(-1, *[1] * (x0.dim() - 1))
    return torch.minimum(torch.maximum(x0, -limit), limit) / limit


def maps_of_words(maps: Tensor, words: Tokenised) -> Tensor:
    """From maps of tokens (1, L_p, h, w) to maps of words (1, L, h, w) that sum to 1 at each place."""
    owners = torch.tensor(words.owners)
    found = torch.stack([maps[:, owners == word].sum(1) for word in range(len(words.words))], 1)
    return found / found.sum(1, keepdim=True).clamp_min(1e-12)


def together(parts: list[Prediction]) -> Prediction:
    """Predictions of one item each as one of all, (B, ...)."""
    if len(parts) == 1:
        return parts[0]
    maps = [part.attention for part in parts if part.attention is not None]
    return Prediction(
        torch.cat([part.x0 for part in parts]),
        torch.cat([part.eps for part in parts]),
        torch.cat(maps) if maps else None,
    )
