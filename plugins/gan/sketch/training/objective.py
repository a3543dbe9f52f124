"""What generator and discriminator of outlines learn from: the true icon, and each other (Isola et al. 2017)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.adversarial import frozen, non_saturating_discriminator, non_saturating_generator, r1_penalty
from ..model.pix2pix import DrawNetwork
from .data import DrawBatch, DrawBatches


@dataclass(frozen=True)
class DrawLoss:
    """How the parts of the loss are weighed.

    Attributes:
        likeness: of the mean absolute difference to the true icon, against the discriminator's; as in the paper, where
            it is 100 for colours of -1 to 1.
        slope: gamma of R1, of the slope of the discriminator's scores at real icons.
        slope_every: how many of the discriminator's steps lie between two in which the slope counts, that much more.
        n_alone: steps in which the generator learns likeness alone, before there is a discriminator.
    """

    likeness: float = 200.0
    slope: float = 1.0
    slope_every: int = 8
    n_alone: int = 4000


class DrawObjective:
    """The loss of a step: first likeness alone, then that of discriminator and generator in turn."""

    def __init__(self, batches: DrawBatches, loss: DrawLoss) -> None:
        self._batches = batches
        self._loss = loss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, DrawNetwork)
        batch, loss = self._batches.draw(step, micro), self._loss
        if step < loss.n_alone:
            likeness = (model.generator(batch.drawings) - batch.icons).abs().mean()
            return loss.likeness * likeness, {"likeness": likeness}
        turn, is_generator = divmod(step - loss.n_alone, 2)
        if is_generator:
            return generator_loss(model, batch, loss)
        return discriminator_loss(model, batch, loss, has_slope=turn % loss.slope_every == 0)


def generator_loss(model: DrawNetwork, batch: DrawBatch, loss: DrawLoss) -> tuple[Tensor, dict[str, Tensor]]:
    """Likeness to the true icons and the wish to pass for real."""
    icons = model.generator(batch.drawings)
    with frozen(model.discriminator):
        scores = model.discriminator(batch.drawings, icons)
    likeness, wish = (icons - batch.icons).abs().mean(), non_saturating_generator(scores)
    return loss.likeness * likeness + wish, {"likeness": likeness, "forger": wish}


def discriminator_loss(
    model: DrawNetwork, batch: DrawBatch, loss: DrawLoss, has_slope: bool
) -> tuple[Tensor, dict[str, Tensor]]:
    """How badly real and forged patches are told apart; with the slope at real ones now and then."""
    with torch.no_grad():
        fake = model.generator(batch.drawings)
    icons = batch.icons.clone().requires_grad_(has_slope)
    real_scores, fake_scores = model.discriminator(batch.drawings, icons), model.discriminator(batch.drawings, fake)
    error = non_saturating_discriminator(real_scores, fake_scores)
    parts = {"detective": error, "gap": real_scores.float().mean() - fake_scores.float().mean()}
    if not has_slope:
        return error, parts
    slope = r1_penalty(real_scores.float().mean((1, 2)), icons)
    return error + loss.slope * loss.slope_every * slope, {**parts, "slope": slope}


@torch.no_grad()
def likeness_error(model: DrawNetwork, batch: DrawBatch) -> float:
    """Mean absolute difference of a colour, 0 to 1, between forged and true icons."""
    return float(F.l1_loss(model.generator(batch.drawings), batch.icons))
