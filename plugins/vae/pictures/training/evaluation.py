"""Measures models of coloured pictures on held-out ones; what takes long yields, as in evaluation.py."""

import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import Judge

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


@torch.no_grad()
def right_shares(judge: Judge, pictures: Tensor, labels: Tensor) -> list[float]:
    """The share of pictures (N, 3, H, W) in [0, 1] of which the judge reads each of the labels (N, L) right."""
    return [float(share) for share in (judge.read(pictures) == labels).float().mean(0)]
