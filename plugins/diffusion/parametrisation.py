"""What a network is trained to say of x, and exact ways between the three: noise, clean x, or v.

x = alpha x0 + sigma eps, v = alpha eps - sigma x0 (Salimans and Ho 2022, arXiv 2202.00512), alpha² + sigma² = 1.
"""

from torch import Tensor

from .denoiser import Prediction, Target

Level = float | Tensor
"""alpha or sigma: one number, or a tensor that broadcasts against x."""


def x0_of(said: Tensor, target: Target, x: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return the clean x (B, ...) that what a network said stands for."""
    match target:
        case "x0":
            return said
        case "epsilon":
            return (x - sigma * said) / alpha
        case "v":
            return alpha * x - sigma * said


def eps_of(said: Tensor, target: Target, x: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return the noise in x (B, ...) that what a network said stands for."""
    match target:
        case "x0":
            return (x - alpha * said) / sigma
        case "epsilon":
            return said
        case "v":
            return sigma * x + alpha * said


def target_of(target: Target, x0: Tensor, eps: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return what a network should say where x is made of `x0` and `eps`; what a training compares with."""
    match target:
        case "x0":
            return x0
        case "epsilon":
            return eps
        case "v":
            return alpha * eps - sigma * x0


def noised(x0: Tensor, eps: Tensor, alpha: Level, sigma: Level) -> Tensor:
    """Return the noisy x of a clean one, in closed form."""
    return alpha * x0 + sigma * eps


def prediction_of(said: Tensor, target: Target, x: Tensor, alpha: float, sigma: float) -> Prediction:
    """Return what a network said at x as the prediction that samplers know."""
    return Prediction(x0_of(said, target, x, alpha, sigma), eps_of(said, target, x, alpha, sigma))


def prediction_from_x0(x: Tensor, x0: Tensor, alpha: float, sigma: float) -> Prediction:
    """Return a prediction whose clean x was changed (guided, limited); its noise is what remains of x."""
    return Prediction(x0, eps_of(x0, "x0", x, alpha, sigma))
