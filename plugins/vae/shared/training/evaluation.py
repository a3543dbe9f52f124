"""Measures trained models on held-out data for their cards.

What takes long is a generator that yields every fraction of a second and returns the result, so that whoever waits can
show it and the Worker can let previews through.
"""

from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.character import CHARACTERS

from ..model.vae import (
    STYLE_LETTERS,
    DigitsVAE,
    LetterformsVAE,
    bernoulli_log_likelihood,
    device_of,
    importance_weighted_bound,
    kl_divergence,
    letter_indices,
    reparametrise,
)
from .data import FIELD_SCALE

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[None, None, Result]
Reader: TypeAlias = Callable[[Tensor], Tensor]
Quantised: TypeAlias = NDArray[np.int8]


@torch.no_grad()
def digits_bounds(model: DigitsVAE, pictures: Tensor, seed: int, n_samples: int) -> Measuring[tuple[float, float]]:
    """Negative ELBO and negative IWAE bound with `n_samples` importance samples, in nats a picture, of (N, 28, 28)."""
    random = torch.Generator().manual_seed(seed)
    elbo, bound = 0.0, 0.0
    for part in pictures.split(10):
        mean, log_variance = model.encode(part)
        noise = torch.randn(n_samples, *mean.shape, generator=random).to(mean.device)  # (K, B, Z)

        def log_likelihood(z: Tensor, part: Tensor = part) -> Tensor:
            logits = model.logits(z.flatten(0, 1)).unflatten(0, z.shape[:2])  # (K, B, H, W)
            return bernoulli_log_likelihood(logits, part)

        bound += float(importance_weighted_bound(log_likelihood, mean, log_variance, noise).sum())
        z = reparametrise(mean, log_variance, noise)
        elbo += float((log_likelihood(z).mean(0) - kl_divergence(mean, log_variance)).sum())
        yield
    return -elbo / len(pictures), -bound / len(pictures)


@torch.no_grad()
def map_classes(model: DigitsVAE, read: Reader, extent: float = 3.0, n_side: int = 24) -> list[int]:
    """How often each digit is read on an n_side x n_side map of the latent plane within +- extent."""
    line = torch.linspace(-extent, extent, n_side)
    places = torch.cartesian_prod(line, line)  # (n_side², 2)
    return np.bincount(read(model.decode(places)).numpy(), minlength=10).tolist()


@torch.no_grad()
def random_classes(model: DigitsVAE, read: Reader, seed: int, n_places: int = 576) -> list[int]:
    """How often each digit is read at places drawn from N(0, I)."""
    places = torch.randn(n_places, model.config.n_latent, generator=torch.Generator().manual_seed(seed))
    return np.bincount(read(model.decode(places)).numpy(), minlength=10).tolist()


@torch.no_grad()
def typeface_styles(model: LetterformsVAE, fields: Quantised, letters: str = CHARACTERS) -> Measuring[Tensor]:
    """The styles (F, Z) of typefaces (F, 62, 64, 64), read from `letters` and averaged."""
    chosen = letter_indices(letters)
    styles = []
    for face in fields:
        batch = in_pixels(face[chosen]).to(device_of(model))
        styles.append(model.encode(batch, torch.tensor(chosen, device=batch.device))[0].mean(0))
        yield
    return torch.stack(styles)


@torch.no_grad()
def held_out_overlaps(model: LetterformsVAE, fields: Quantised) -> Measuring[Tensor]:
    """Intersection over union, (F, 54), of all glyphs but STYLE_LETTERS, drawn in the style read from those."""
    others = [index for index, letter in enumerate(CHARACTERS) if letter not in STYLE_LETTERS]
    styles = yield from typeface_styles(model, fields, STYLE_LETTERS)
    overlaps = []
    for face, style in zip(fields, styles, strict=True):
        letters = torch.tensor(others, device=style.device)
        drawn = (model.decode(style.expand(len(others), -1), letters) > 0).cpu()  # (54, 64, 64)
        ink = torch.from_numpy(face[others] > 0)
        overlaps.append((drawn & ink).sum((1, 2)) / (drawn | ink).sum((1, 2)).clamp_min(1))
        yield
    return torch.stack(overlaps)


@torch.no_grad()
def random_styles(
    model: LetterformsVAE, read: Reader, groups: Tensor, n_styles: int, seed: int
) -> Measuring[tuple[float, float]]:
    """Draw all letters in styles from N(0, I) without truncation: share of them that is read right, mean difference.

    Args:
        read: the letter (B,) that a judge sees in fields (B, 64, 64) in pixels.
        groups: (62,) the group of each letter; look-alikes share one.
        n_styles, seed: how many styles, and from which noise.

    The difference is the mean absolute one of the ink between each style and the next, which are independent.
    """
    styles = torch.randn(n_styles, model.config.n_latent, generator=torch.Generator().manual_seed(seed))
    letters = torch.arange(len(CHARACTERS))
    n_right, differences = 0, []
    before: Tensor | None = None
    for style in styles:
        fields = model.decode(style.expand(len(letters), -1), letters)  # (62, 64, 64)
        n_right += int((groups[read(fields)] == groups).sum())
        if before is not None:
            differences.append(float((ink_of(fields) - ink_of(before)).abs().mean()))
        before = fields
        yield
    return n_right / (n_styles * len(letters)), float(np.mean(differences))


def pair_difference(fields: Quantised, seed: int, n_pairs: int = 400) -> float:
    """Mean absolute difference of the ink of the same letter in two typefaces, over random pairs of (F, 62, 64, 64)."""
    random = np.random.default_rng(seed)
    total = 0.0
    for _ in range(n_pairs):
        one, other = (in_pixels(fields[index]) for index in random.choice(len(fields), 2, replace=False))
        total += float((ink_of(one) - ink_of(other)).abs().mean())
    return total / n_pairs


def in_pixels(fields: Quantised) -> Tensor:
    """Signed distances in pixels of fields as a data set holds them; shapes alike."""
    return torch.from_numpy(fields).float() / FIELD_SCALE


def ink_of(fields: Tensor) -> Tensor:
    """How much ink covers each pixel, 0 to 1, of signed distance fields in pixels; shapes alike."""
    return (fields + 0.5).clamp(0, 1)
