"""The losses of the two models."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..model.vae import (
    FIELD_LIMIT_PX,
    DigitsVAE,
    LetterformsVAE,
    bernoulli_log_likelihood,
    kl_divergence,
    negative_elbo,
    reparametrise,
)
from .data import DigitBatches, GlyphBatch, GlyphBatches

COVERAGE_SLOPE = 4.0


@dataclass(frozen=True)
class LetterformsLoss:
    """Weights of the parts of the letterforms loss.

    Attributes:
        overlap, slope: of one minus the soft intersection over union, and of the error of the field's slopes; the error
            of the field itself has weight 1.
        n_capacity_steps: for this many steps, |KL - capacity_nats| has the weight `capacity` (Burgess et al. 2018,
            arXiv 1804.03599), so that the style cannot collapse while the decoder is still poor.
        rate: afterwards, of the nats that each latent number carries beyond those that are free (Kingma et al. 2016,
            arXiv 1606.04934), so that many numbers carry a little rather than few very much.
        free_nats: (step, nats) pairs, in order: from that step on so many are free, more when the drawing is good.
    """

    overlap: float = 1.0
    slope: float = 0.5
    n_capacity_steps: int = 4050
    capacity: float = 0.01
    capacity_nats: float = 36.0
    rate: float = 0.002
    free_nats: tuple[tuple[int, float], ...] = ((0, 1.0), (5350, 3.0))

    def information(self, mean: Tensor, log_variance: Tensor, step: int) -> Tensor:
        """The price of what the styles (T, Z) carry at this step."""
        if step < self.n_capacity_steps:
            return self.capacity * (kl_divergence(mean, log_variance).mean() - self.capacity_nats).abs()
        nats = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean(0)  # (Z,)
        free = [free_nats for first_step, free_nats in self.free_nats if step >= first_step][-1]
        return self.rate * nats.clamp_min(free).sum()


def letterforms_loss(
    model: LetterformsVAE, batch: GlyphBatch, weights: LetterformsLoss, step: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss of drawing each target letter in the style read from the context glyphs of its typeface; scalars by name."""
    n_faces, n_contexts = batch.context_letters.shape
    n_targets = batch.target_letters.shape[1]
    means, log_variances = model.encode(batch.context.flatten(0, 1), batch.context_letters.flatten())
    mean = means.view(n_faces, n_contexts, -1).mean(1)  # (T, Z)
    log_variance = log_variances.view(n_faces, n_contexts, -1).mean(1)  # (T, Z)
    z = reparametrise(mean, log_variance, batch.noise)  # (T, Z)
    field = model.decode(z.repeat_interleave(n_targets, 0), batch.target_letters.flatten())  # (T M, 64, 64)
    parts = field_errors(field, batch.target.flatten(0, 1))
    kl = kl_divergence(mean, log_variance).mean()
    loss = parts["distance"] + weights.overlap * parts["overlap"] + weights.slope * parts["slope"]
    loss = loss + weights.information(mean, log_variance, step)
    return loss, {**parts, "kl": kl}


def field_errors(field: Tensor, target: Tensor) -> dict[str, Tensor]:
    """How far drawn fields are from true ones, as means over (B, 64, 64).

    "distance" and "slope" are in pixels, weighted near the outline; "overlap" is one minus the soft intersection over
    union.
    """
    near = torch.exp(target.abs() / -1.5) + 0.03  # (B, H, W)
    total = near.sum((1, 2))
    distance = ((field.clamp(-FIELD_LIMIT_PX, FIELD_LIMIT_PX) - target).abs() * near).sum((1, 2)) / total
    across = ((field.diff(dim=2) - target.diff(dim=2)).abs() * near[:, :, 1:]).sum((1, 2)) / total
    down = ((field.diff(dim=1) - target.diff(dim=1)).abs() * near[:, 1:]).sum((1, 2)) / total
    drawn, ink = torch.sigmoid(COVERAGE_SLOPE * field), (target + 0.5).clamp(0, 1)
    overlap = torch.minimum(drawn, ink).sum((1, 2)) / torch.maximum(drawn, ink).sum((1, 2)).clamp_min(1.0)
    return {
        "distance": distance.mean(),
        "slope": (across + down).mean(),
        "overlap": 1 - overlap.mean(),
    }


@dataclass(frozen=True)
class LetterformsObjective:
    """Draws the batch of a step and returns its loss; what a Training calls."""

    batches: GlyphBatches
    weights: LetterformsLoss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, LetterformsVAE)
        return letterforms_loss(model, self.batches.draw(step, micro), self.weights, step)


def digits_loss(model: DigitsVAE, pictures: Tensor, noise: Tensor, beta: float) -> tuple[Tensor, dict[str, Tensor]]:
    """The negative evidence lower bound of pictures (B, H, W) in nats, the KL divergence weighted; scalars by name."""
    mean, log_variance = model.encode(pictures)
    mean, log_variance = mean.float(), log_variance.float()
    logits = model.logits(reparametrise(mean, log_variance, noise)).float()
    likelihood = bernoulli_log_likelihood(logits, pictures)  # (B,)
    loss = negative_elbo(-likelihood, mean, log_variance, beta).mean()
    return loss, {"kl": kl_divergence(mean, log_variance).mean(), "log_likelihood": likelihood.mean()}


@dataclass(frozen=True)
class DigitsObjective:
    """The negative evidence lower bound of a batch of digits, in nats."""

    batches: DigitBatches
    beta: float = 1.0

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, DigitsVAE)
        return digits_loss(model, *self.batches.draw(step, micro), self.beta)
