"""What the recipes of this family share: the common part of their cards, their maps and sliders without a name."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from studio.api.training import Training, machine_name
from studio.core.frame import Frame
from studio.core.text import N_

from .card import Axis
from .effect import EFFECT_THRESHOLD
from .evaluation import Measuring
from .weights import Network


def common_card(model: Network, training: Training, seed: int, is_full: bool) -> dict[str, Any]:
    """The keys of a card that are written alike for all models."""
    return {
        "licence": "MIT",
        "n_params": sum(weight.numel() for weight in model.parameters()),
        "trained": {
            "date": time.strftime("%Y-%m-%d"),
            "minutes": round(training.seconds / 60, 1),
            "machine": machine_name(),
            "n_steps": training.step,
            "seed": seed,
            "data_set": which_set(is_full),
        },
        "architecture": type(model).__name__,
        "config": asdict(model.config),
        "effect_threshold": EFFECT_THRESHOLD,
    }


def measuring_frames(training: Training, measuring: Measuring[None]) -> Iterator[Frame]:
    """Show what follows the last step as more frames of it, one each time that `measuring` yields."""
    n_steps = training.settings.n_steps
    for _ in measuring:
        yield Frame(n_steps - 1, n_steps, label=N_("Measuring what was learnt"))


def which_set(is_full: bool) -> str:
    """The word that a card uses for the set that was learnt from."""
    return "full" if is_full else "small"


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
