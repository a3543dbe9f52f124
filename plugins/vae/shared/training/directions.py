"""Finds a latent space's directions: named ones that move one attribute each, and what else shows most.

Shapes: N places, Z latent numbers, A attributes.
"""

from collections.abc import Callable, Generator

import torch
from torch import Tensor

EFFECT_THRESHOLD = 0.001
LARGEST_DEVIATION = 3.0
RIDGE = 0.05


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


def attribute_slopes(places: Tensor, attributes: Tensor) -> Tensor:
    """How attributes (N, A), in standard deviations, follow from the place (N, Z): slopes (A, Z) by ridge regression.

    Odd ones count as LARGEST_DEVIATION deviations at most.
    """
    centred = places - places.mean(0)
    wanted = (attributes - attributes.mean(0)).clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION)
    gram = centred.T @ centred / len(places) + RIDGE * torch.eye(places.shape[1])  # (Z, Z)
    return torch.linalg.solve(gram, centred.T @ wanted / len(places)).T


def named_directions(slopes: Tensor, leak: float) -> Tensor:
    """Directions (A, Z) along which one attribute grows by one deviation and the others change little.

    Without a `leak` they change not at all, but where two attributes nearly agree (serifs, contrast) the way then
    leaves the places that typefaces have; the larger the leak, the shorter the way.
    """
    overlaps = slopes @ slopes.T  # (A, A)
    directions = torch.linalg.solve(overlaps + leak * overlaps.diagonal().diag(), slopes)  # (A, Z)
    return directions / (directions * slopes).sum(1, keepdim=True)


@torch.no_grad()
def remaining_directions(
    slopes: Tensor, draw: Callable[[Tensor], Tensor], places: Tensor
) -> Generator[None, None, Tensor]:
    """Unit directions (Z - A, Z) that change no attribute, orthogonal to each other, most visible first.

    They are the principal axes of the drawn picture's mean squared change, which is measured by finite differences;
    yields after each.

    Args:
        slopes: of the attributes, (A, Z).
        draw: maps places (N, Z) to pictures.
        places: (N, Z) where the change is measured.
    """
    _, _, basis = torch.linalg.svd(slopes, full_matrices=True)
    free = basis[len(slopes) :]  # (Z - A, Z)
    differences = []
    for axis in free:
        differences.append((draw(places + axis / 2) - draw(places - axis / 2)).flatten())
        yield
    changes = torch.stack(differences)
    _, axes = torch.linalg.eigh((changes @ changes.T).double())  # (Z - A, Z - A)
    return axes.flip(1).T.float() @ free


def readings_of(directions: Tensor) -> Tensor:
    """The inverse of a complete set of directions (Z, Z): values = readings @ z where z = values @ directions."""
    return torch.linalg.inv(directions.T.double()).float()
