"""Measures models of coloured pictures on held-out ones; what takes long yields, as in evaluation.py."""

from dataclasses import dataclass

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import Judge, features_of, kernel_distance, precision_recall

from ..model.pictures_vae import PicturesVAE
from .data import in_unit

PART: int = 16


@torch.no_grad()
def encoded(model: PicturesVAE, pictures: Tensor) -> Measuring[tuple[Tensor, Tensor]]:
    """Means and log-variances (N, Z) of the places of pictures (N, H, W, 3) uint8."""
    means, log_variances = [], []
    for part in torch.split(pictures, PART):
        mean, log_variance = model.encode(in_unit(part))
        means.append(mean)
        log_variances.append(log_variance)
        yield
    return torch.cat(means), torch.cat(log_variances)


@torch.no_grad()
def drawn(model: PicturesVAE, places: Tensor) -> Measuring[Tensor]:
    """Pictures (N, 3, H, W) in [0, 1] at places (N, Z)."""
    parts = []
    for part in torch.split(places, PART):
        parts.append(model.decode(part))
        yield
    return torch.cat(parts)


@dataclass(frozen=True)
class VaeLikeness:
    """How like real pictures drawn ones are to a judge's features: see studio.metrics.distance."""

    kernel_distance: float
    kernel_deviation: float
    precision: float
    recall: float


def likeness(judge: Judge, real: Tensor, samples: Tensor) -> VaeLikeness:
    """Compare drawn pictures with real ones, (N, 3, H, W) in [0, 1] each."""
    on_real, on_drawn = features_of(judge, real), features_of(judge, samples)
    distance = kernel_distance(on_real, on_drawn)
    precision, recall = precision_recall(on_real, on_drawn)
    return VaeLikeness(distance.mean, distance.deviation, precision, recall)


@torch.no_grad()
def right_shares(judge: Judge, pictures: Tensor, labels: Tensor) -> list[float]:
    """The share of pictures (N, 3, H, W) in [0, 1] of which the judge reads each of the labels (N, L) right."""
    return [float(share) for share in (judge.read(pictures) == labels).float().mean(0)]
