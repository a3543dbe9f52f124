"""Batches to learn from: digits a little turned, and letterforms of whole typefaces slanted, widened, emboldened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

FIELD_SCALE = 127 / 8
SIZE_PX = 64


@dataclass(frozen=True)
class GlyphBatch:
    """Glyphs of some typefaces: those from which the style is read, and those to draw.

    Attributes:
        context, context_letters: (T, K, 64, 64) fields and (T, K) letters.
        target, target_letters: (T, M, 64, 64) fields and (T, M) letters.
        noise: (T, Z) ~ N(0, I), for the reparametrisation.
    """

    context: Tensor
    context_letters: Tensor
    target: Tensor
    target_letters: Tensor
    noise: Tensor


@dataclass(frozen=True)
class BatchSettings:
    """How a batch of letterforms is drawn.

    Attributes:
        n_typefaces, n_targets: typefaces in a batch, and letters of each to draw.
        most_contexts: the style is read from 1 to this many glyphs.
        augmented_share: how many typefaces are changed.
        slant_deviation, stretch_deviation, weight_deviation_px: of the change; weight is by moving the outline.
    """

    n_typefaces: int = 10
    n_targets: int = 10
    most_contexts: int = 6
    augmented_share: float = 0.6
    slant_deviation: float = 0.12
    stretch_deviation: float = 0.12
    weight_deviation_px: float = 0.5


class GlyphBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    def __init__(
        self,
        fields: NDArray[np.int8],
        families: Sequence[str],
        n_latent: int,
        settings: BatchSettings,
        seed: int,
        device: torch.device,
    ) -> None:
        """Take typefaces as (F, 62, 64, 64) int8, distance times 127 / 8, and the family of each."""
        self._fields = torch.from_numpy(fields)
        self._n_latent = n_latent
        self._settings = settings
        self._seed = seed
        self._device = device
        sizes = Counter(families)
        weights = np.array([sizes[family] ** -0.5 for family in families])
        self._weights = weights / weights.sum()
        self._half_stem_px, self._half_width_px = _proportions(fields)

    def draw(self, step: int, micro: int) -> GlyphBatch:
        """The batch of this step and micro-batch."""
        settings, random = self._settings, np.random.default_rng([self._seed, step, micro])
        n = settings.n_typefaces
        faces = random.choice(len(self._weights), n, p=self._weights)
        n_contexts = int(random.integers(1, settings.most_contexts + 1))
        letters = np.stack([random.permutation(62)[: n_contexts + settings.n_targets] for _ in range(n)])
        raw = self._fields[torch.from_numpy(faces)[:, None], torch.from_numpy(letters)]
        fields = self._change(raw.to(self._device).float() / FIELD_SCALE, faces, random)
        noise = torch.from_numpy(random.standard_normal((n, self._n_latent), dtype=np.float32))
        places = torch.from_numpy(letters).to(self._device)
        return GlyphBatch(
            fields[:, :n_contexts],
            places[:, :n_contexts],
            fields[:, n_contexts:],
            places[:, n_contexts:],
            noise.to(self._device),
        )

    def _change(self, fields: Tensor, faces: NDArray[np.int64], random: np.random.Generator) -> Tensor:
        """Slant, stretch and embolden some typefaces, all glyphs of one alike; (T, N, 64, 64) to the same."""
        settings = self._settings
        changed = random.random(len(faces)) < settings.augmented_share
        slant = np.clip(random.normal(0, settings.slant_deviation, len(faces)), -0.25, 0.3) * changed
        stretch = np.exp(np.clip(random.normal(0, settings.stretch_deviation, len(faces)), -0.3, 0.3) * changed)
        room = (SIZE_PX / 2 - 1.5) / (self._half_width_px[faces] + 14 * np.abs(slant))
        stretch = np.minimum(stretch, np.maximum(room, 0.75))
        stem = self._half_stem_px[faces]
        weight = random.normal(0, settings.weight_deviation_px, len(faces)) * changed
        weight = np.clip(weight, -0.45 * stem, np.minimum(0.9, 1.2 / stem))
        numbers = (torch.tensor(a, dtype=torch.float32, device=fields.device) for a in (slant, stretch, weight))
        return change_typefaces(fields, *numbers)


def change_typefaces(fields: Tensor, slant: Tensor, stretch: Tensor, weight_px: Tensor) -> Tensor:
    """Slant (x per y, to the right at the top), stretch in x and embolden whole typefaces.

    A warped distance field is no distance field; the outline's local scale, known from its direction and the warp, is
    divided out again.

    Args:
        fields: (T, N, 64, 64) in pixels. slant, stretch, weight_px: (T,).
    """
    n_faces, n_glyphs = fields.shape[:2]
    flat = fields.reshape(-1, 1, SIZE_PX, SIZE_PX)
    middle = _ink_middle(flat[:, 0])  # (T N,)
    k, s, w = (a.repeat_interleave(n_glyphs) for a in (slant, stretch, weight_px))  # (T N,) each
    zero, one = torch.zeros_like(k), torch.ones_like(k)
    theta = torch.stack([torch.stack([1 / s, k, -k * middle], 1), torch.stack([zero, one, zero], 1)], 1)
    grid = F.affine_grid(theta, list(flat.shape), align_corners=False)
    warped = F.grid_sample(flat, grid, mode="bilinear", padding_mode="border", align_corners=False)[:, 0]
    slope_y, slope_x = torch.gradient(warped, dim=(1, 2))
    k, s, w = k[:, None, None], s[:, None, None], w[:, None, None]
    before = (s * slope_x).square() + (slope_y - k * s * slope_x).square()
    after = slope_x.square() + slope_y.square()
    scale = ((before + 1e-4) / (after + 1e-4)).sqrt()
    changed = (warped * scale + w).clamp(-8, 8)
    return changed.view(n_faces, n_glyphs, SIZE_PX, SIZE_PX)


def _ink_middle(fields: Tensor) -> Tensor:
    """Height of the middle of the ink, (B,), from -1 (top) to 1, of (B, 64, 64)."""
    rows = (fields.amax(2) > 0).float()  # (B, 64)
    place = (torch.arange(SIZE_PX, device=fields.device) * 2 + 1) / SIZE_PX - 1  # (64,)
    top = torch.where(rows > 0, place, 1.0).amin(1)
    bottom = torch.where(rows > 0, place, -1.0).amax(1)
    return (top + bottom) / 2


def _proportions(fields: NDArray[np.int8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Half the stem and half the greatest width of each typeface in pixels, (F,) each."""
    deepest = fields[:, 8::3].max((2, 3)) / FIELD_SCALE  # (F, n)
    stem = np.maximum(0.3, np.median(deepest, axis=1))
    columns = (fields > 0).any((1, 2))  # (F, 64)
    distance = np.abs(np.arange(SIZE_PX) - (SIZE_PX - 1) / 2) + 0.5
    return stem, np.where(columns, distance, 0.0).max(1)


@dataclass(frozen=True)
class DigitSettings:
    """How a batch of digits is drawn: its size, and the deviations of how pictures are turned, scaled and moved."""

    n_pictures: int = 128
    turn_rad: float = 0.05
    shear: float = 0.04
    scale: float = 0.024
    shift: float = 0.016


class DigitBatches:
    """Draws batches of digits by number, as GlyphBatches does."""

    def __init__(
        self, pictures: NDArray[np.uint8], n_latent: int, settings: DigitSettings, seed: int, device: torch.device
    ) -> None:
        """Take pictures (N, 28, 28), 255 ink."""
        self._pictures = torch.from_numpy(pictures).float() / 255
        self._n_latent = n_latent
        self._settings = settings
        self._seed = seed
        self._device = device

    def draw(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Pictures (B, 28, 28) in [0, 1] and noise (B, Z) of this step and micro-batch."""
        random = np.random.default_rng([self._seed, step, micro])
        n = self._settings.n_pictures
        chosen = self._pictures[torch.from_numpy(random.integers(0, len(self._pictures), n))]
        noise = random.standard_normal((n, self._n_latent), dtype=np.float32)
        return self._turned(chosen, random).to(self._device), torch.from_numpy(noise).to(self._device)

    def _turned(self, pictures: Tensor, random: np.random.Generator) -> Tensor:
        n, settings = len(pictures), self._settings
        turn = random.normal(0, settings.turn_rad, n)
        scale = np.exp(random.normal(0, settings.scale, n))
        shear = random.normal(0, settings.shear, n)
        shift = random.normal(0, settings.shift, (n, 2))
        across = np.stack([np.cos(turn) * scale, np.sin(turn) * scale + shear, shift[:, 0]], 1)
        down = np.stack([-np.sin(turn) * scale, np.cos(turn) * scale, shift[:, 1]], 1)
        theta = torch.from_numpy(np.stack([across, down], 1).astype(np.float32))  # (B, 2, 3)
        grid = F.affine_grid(theta, [n, 1, *pictures.shape[1:]], align_corners=False)
        return F.grid_sample(pictures[:, None], grid, align_corners=False)[:, 0].clamp(0, 1)  # (B, H, W)
