"""One step of a run, as every sampler yields it."""

from dataclasses import dataclass, field

from torch import Tensor

from studio.core.view import State

from .denoiser import Prediction


@dataclass(frozen=True, eq=False)
class Step:
    """Where a run stands before step k, and what the network says there.

    Attributes:
        k: 0 (pure noise) .. n_steps; n_steps is the finished one.
        n_steps: how many steps the run has.
        time: where x lies in the schedule; 0 for the finished one.
        x: (B, ...) at that time; for k = n_steps the result.
        prediction: at x; None for the finished one.
        before: the clean x that was predicted one step earlier, which multistep samplers need; None at first.
        carried: what a branch needs besides (levels, seed, words, what is kept); of the run, the same for all steps.
    """

    k: int
    n_steps: int
    time: float
    x: Tensor
    prediction: Prediction | None = None
    before: Tensor | None = None
    carried: State = field(default_factory=dict)
