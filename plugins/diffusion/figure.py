"""What a step says about itself in words and numbers."""

from studio.core.text import N_

from .denoiser import DiffusionModel
from .step import Step
from .view_name import BELIEF_CHANGE, NOISE_LEFT


def figures(step: Step, model: DiffusionModel) -> dict[str, float]:
    """The figures of a step, by their names."""
    if step.k == step.n_steps:
        return {NOISE_LEFT: 0.0}
    _, sigma = model.schedule.alpha_sigma(step.time)
    found = {NOISE_LEFT: sigma**2}
    if step.before is not None and step.prediction is not None:
        found[BELIEF_CHANGE] = float((step.prediction.x0 - step.before).float().square().mean().sqrt())
    return found


def label(step: Step) -> str:
    """A few plain words for the timeline."""
    if step.k == 0:
        return N_("Pure noise")
    if step.k == step.n_steps:
        return N_("Finished")
    return N_("Step {k} of {n}").format(k=step.k, n=step.n_steps)
