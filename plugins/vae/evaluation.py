"""Measures trained models on held-out data for their cards."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from studio.core.character import CHARACTERS

from .character import STYLE_LETTERS, letter_indices
from .model import (
    DigitsVAE,
    LetterformsVAE,
    bernoulli_log_likelihood,
    importance_weighted_bound,
    kl_divergence,
    reparametrise,
)

Reader = Callable[[Tensor], Tensor]


@torch.no_grad()
def digits_bounds(model: DigitsVAE, pictures: Tensor, seed: int, n_samples: int) -> tuple[float, float]:
    """Negative ELBO and negative IWAE bound with `n_samples` importance samples, in nats a picture, of (N, 28, 28)."""
    random = torch.Generator().manual_seed(seed)
    elbo, bound = 0.0, 0.0
    for part in pictures.split(50):
        mean, log_variance = model.encode(part)
        noise = torch.randn(n_samples, *mean.shape, generator=random)  # (K, B, Z)

        def log_likelihood(z: Tensor, part: Tensor = part) -> Tensor:
            logits = model.logits(z.flatten(0, 1)).unflatten(0, z.shape[:2])  # (K, B, H, W)
            return bernoulli_log_likelihood(logits, part)

        bound += float(importance_weighted_bound(log_likelihood, mean, log_variance, noise).sum())
        z = reparametrise(mean, log_variance, noise)
        elbo += float((log_likelihood(z).mean(0) - kl_divergence(mean, log_variance)).sum())
    return -elbo / len(pictures), -bound / len(pictures)


@torch.no_grad()
def map_classes(model: DigitsVAE, read: Reader, extent: float = 3.0, n_side: int = 24) -> list[int]:
    """How often each digit is read on an n_side x n_side map of the latent plane within +- extent."""
    line = torch.linspace(-extent, extent, n_side)
    places = torch.cartesian_prod(line, line)  # (n_side², 2)
    return np.bincount(read(model.decode(places)).numpy(), minlength=10).tolist()


@torch.no_grad()
def typeface_styles(model: LetterformsVAE, fields: Tensor, letters: str = CHARACTERS) -> Tensor:
    """The style (F, Z) of typefaces (F, 62, 64, 64) in pixels, read from `letters` and averaged."""
    chosen = torch.tensor(letter_indices(letters))
    styles = [model.encode(face[chosen], chosen)[0].mean(0) for face in fields]
    return torch.stack(styles)


@torch.no_grad()
def held_out_overlaps(model: LetterformsVAE, fields: Tensor) -> Tensor:
    """Intersection over union, (F, 54), of all glyphs but STYLE_LETTERS, drawn in the style read from those.

    Args:
        fields: (F, 62, 64, 64) in pixels.
    """
    others = torch.tensor([index for index, letter in enumerate(CHARACTERS) if letter not in STYLE_LETTERS])
    styles = typeface_styles(model, fields, STYLE_LETTERS)
    overlaps = []
    for face, style in zip(fields, styles, strict=True):
        drawn = model.decode(style.expand(len(others), -1), others) > 0  # (54, 64, 64)
        ink = face[others] > 0
        overlaps.append((drawn & ink).sum((1, 2)) / (drawn | ink).sum((1, 2)).clamp_min(1))
    return torch.stack(overlaps)


@torch.no_grad()
def prior_alphabets(model: LetterformsVAE, n_styles: int, seed: int) -> Tensor:
    """All 62 letters, fields (n_styles, 62, 64, 64), in styles drawn from N(0, I) without truncation."""
    random = torch.Generator().manual_seed(seed)
    styles = torch.randn(n_styles, model.config.n_latent, generator=random)
    letters = torch.arange(len(CHARACTERS))
    return torch.stack([model.decode(style.expand(len(letters), -1), letters) for style in styles])


def pair_difference(fields: Tensor, seed: int, n_pairs: int = 400) -> float:
    """Mean absolute difference of the ink of the same letter in two typefaces, over random pairs of (F, 62, 64, 64)."""
    random = np.random.default_rng(seed)
    total = 0.0
    for _ in range(n_pairs):
        one, other = random.choice(len(fields), 2, replace=False)
        total += float((ink_of(fields[one]) - ink_of(fields[other])).abs().mean())
    return total / n_pairs


def ink_of(fields: Tensor) -> Tensor:
    """How much ink covers each pixel, 0 to 1, of signed distance fields in pixels; shapes alike."""
    return (fields + 0.5).clamp(0, 1)
