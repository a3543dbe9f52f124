"""What the recipes of this family share: the common part of their cards, their maps and sliders without a name."""

from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from studio.api.training import Training, trained_facts
from studio.core.text import N_

from .card import Axis
from .effect import EFFECT_THRESHOLD
from .weights import Network


def common_card(model: Network, training: Training, seed: int, is_full: bool) -> dict[str, Any]:
    """The keys of a card that are written alike for all models."""
    return {
        "licence": "MIT",
        "n_params": sum(weight.numel() for weight in model.parameters()),
        "trained": trained_facts([training], seed, is_full),
        "architecture": type(model).__name__,
        "config": asdict(model.config),
        "effect_threshold": EFFECT_THRESHOLD,
    }


def map_plane(places: Tensor) -> tuple[Tensor, Tensor]:
    """The map of known places (N, Z): its middle (Z,) and its axes (2, Z), the space itself where Z is 2.

    Otherwise the two principal components, each with its largest number positive, so that no run mirrors the map.
    """
    if places.shape[1] == 2:
        return torch.zeros(2), torch.eye(2)
    mean = places.mean(0)
    basis = torch.linalg.svd((places - mean).double(), full_matrices=False).Vh[:2].float()
    largest = basis.abs().argmax(1, keepdim=True)
    return mean, basis * basis.gather(1, largest).sign()


def trained_ranges(values: Tensor, share: float = 0.01) -> list[tuple[float, float]]:
    """Where each column of (N, A) lies, but for a share of it beyond either end."""
    low, high = torch.quantile(values, torch.tensor([share, 1 - share]), dim=0)  # (A,) each
    return [(float(first), float(last)) for first, last in zip(low, high, strict=True)]


def shape_axes(effects: Tensor, values: Tensor, first: int = 1, share: float = 0.01) -> list[Axis]:
    """Sliders without a name of their own, for effects (A,) and the examples' values along them (N, A)."""
    return [
        Axis(
            f"shape_{first + index}",
            N_("Shape {n}").format(n=first + index),
            "shape",
            float(effects[index]),
            ends,
            bool(effects[index] >= EFFECT_THRESHOLD),
        )
        for index, ends in enumerate(trained_ranges(values, share))
    ]
