"""How much each direction of a latent space changes what one sees, and which directions show nothing."""

from collections.abc import Callable, Generator

import torch
from torch import Tensor

EFFECT_THRESHOLD = 0.001


@torch.no_grad()
def visible_effects(
    draw: Callable[[Tensor], Tensor], directions: Tensor, places: Tensor
) -> Generator[None, None, Tensor]:
    """Mean absolute change of the drawn picture per unit along each direction, (A,); yields after each.

    Args:
        draw: maps places (N, Z) to pictures (N, ...) with values in [0, 1].
        directions: (A, Z).
        places: (N, Z) at which the change is measured, by half a unit to either side.
    """
    effects = []
    for step in directions:
        effects.append((draw(places + step / 2) - draw(places - step / 2)).abs().mean())
        yield
    return torch.stack(effects)


def ranking(effects: Tensor) -> Tensor:
    """Indices of the directions (A,), strongest first."""
    return torch.argsort(effects, descending=True, stable=True)
