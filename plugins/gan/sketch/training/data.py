"""Pairs of drawing and icon to learn from: outlines as a hand would draw them, now and then with dabs of colour.

Shape letters: B batch, S = 128 pixels a side of the data, H W = 64 pixels of the network.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.training import Outlines

from ..model.pix2pix import SIZE_PX

WOBBLE_PX: Final = 3.0  # at 128 pixels, at most
N_WOBBLES: Final = 5  # places across the picture that are moved by chance; what lies between follows smoothly
N_GAPS: Final = 3
GAP_PX: Final = (3.0, 9.0)
SHARE_GAPPED: Final = 0.4
SHARE_SOLID: Final = 0.2
SHARE_DABBED: Final = 0.6
SHARE_RECOLOURED: Final = 0.4
N_DABS: Final = 6
DAB_PX: Final = (1.5, 7.0)  # at 64 pixels
SHARE_FILLS: Final = 0.25
FILL_PX: Final = 40.0
LIKE: Final = 0.16  # how far a colour may be from that in the middle of a dab, where dabs end at colours
PAPER: Final = 0.92  # every channel above it: not worth a dab


@dataclass(frozen=True)
class DrawBatch:
    """Drawings (B, 5, 64, 64) and the icons (B, 3, 64, 64) that belong to them, in [0, 1]."""

    drawings: Tensor
    icons: Tensor


def pen_lines(edges: Tensor, thickness: Tensor | float = 0.5) -> Tensor:
    """Lines one pixel wide (B, S, S) as a pen of 3 (thickness 0) to 5 pixels (1) draws them."""
    thin = F.max_pool2d(edges[:, None], 3, 1, 1)
    thick = F.max_pool2d(thin, 3, 1, 1)
    lines: Tensor = (thin + thickness * (thick - thin))[:, 0]
    return lines


def drawing_of(ink: Tensor, mask: Tensor | None = None, colours: Tensor | None = None) -> Tensor:
    """(B, 5, H, W) out of ink and mask (B, H, W) and colours (B, 3, H, W), which count where the mask is."""
    if mask is None or colours is None:
        mask, colours = torch.zeros_like(ink), torch.zeros_like(ink)[:, None].expand(-1, 3, -1, -1)
    return torch.cat([torch.stack([ink, mask], 1), colours * mask[:, None]], 1)


@dataclass(frozen=True, eq=False)
class DrawBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    outlines: Outlines
    n_pictures: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> DrawBatch:
        """The batch of this step and micro-batch."""
        random = np.random.default_rng([self.seed, step, micro])
        chosen = random.integers(0, len(self.outlines.names), self.n_pictures)
        icons = in_unit(self.outlines.icons[chosen])  # (B, 3, S, S)
        edges = torch.from_numpy(self.outlines.edges[chosen]).float()
        lines = pen_lines(edges, uniform(random, self.n_pictures, 1, 1, 1))
        solids = torch.from_numpy(self.outlines.solids[chosen]).float()
        lines = torch.where(chance(random, SHARE_SOLID, self.n_pictures, 1, 1), solids, lines)
        place = placements(random, self.n_pictures)  # (B, S, S, 2)
        icons = 1 - F.grid_sample(1 - icons, place, align_corners=False)  # beyond the edges lies white paper
        lines = F.grid_sample(lines[:, None], place + wobbles(random, self.n_pictures), align_corners=False)
        lines = (lines[:, 0] * gaps(random, self.n_pictures)).clamp(0, 1)
        icons, ink = F.avg_pool2d(icons, 2), F.avg_pool2d(lines[:, None], 2)[:, 0]
        icons, mask, colours = dabbed(random, icons)
        return DrawBatch(drawing_of(ink, mask, colours).to(self.device), icons.to(self.device))

    def plain(self, numbers: slice) -> DrawBatch:
        """Some pairs as they are, without dabs."""
        icons = F.avg_pool2d(in_unit(self.outlines.icons[numbers]), 2)
        lines = pen_lines(torch.from_numpy(self.outlines.edges[numbers]).float())
        drawings = drawing_of(F.avg_pool2d(lines[:, None], 2)[:, 0])
        return DrawBatch(drawings.to(self.device), icons.to(self.device))


def in_unit(icons: np.ndarray) -> Tensor:
    """Pictures (B, H, W, 3) uint8 as (B, 3, H, W) in [0, 1]."""
    return torch.from_numpy(icons).movedim(3, 1).float() / 255


def uniform(random: np.random.Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Numbers between two others, each as likely as any."""
    return torch.from_numpy(random.uniform(low, high, shape).astype(np.float32))


def chance(random: np.random.Generator, share: float, *shape: int) -> Tensor:
    """True in about this share of places."""
    return torch.from_numpy(random.random(shape) < share)


def placements(random: np.random.Generator, n: int) -> Tensor:
    """Where each pixel of turned, scaled, shifted and mirrored pictures comes from, (n, S, S, 2) in -1..1."""
    angle = torch.from_numpy(random.normal(0, 0.12, n).astype(np.float32))
    scale = uniform(random, n, low=0.92, high=1.3)  # of where it comes from: above 1 the picture becomes smaller
    flip = torch.where(chance(random, 0.5, n), -1.0, 1.0)
    shift = uniform(random, n, 2, low=-0.1, high=0.1)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    across = torch.stack([flip * cos, -sin, shift[:, 0]], 1)
    down = torch.stack([flip * sin, cos, shift[:, 1]], 1)
    return F.affine_grid(torch.stack([across, down], 1), [n, 1, 2 * SIZE_PX, 2 * SIZE_PX], align_corners=False)


def wobbles(random: np.random.Generator, n: int) -> Tensor:
    """How far the lines of a hand are from where they should be, smooth over (n, S, S, 2), in halves of the side."""
    far = uniform(random, n, 1, 1, 1, high=WOBBLE_PX / SIZE_PX)
    moved = far * uniform(random, n, 2, N_WOBBLES, N_WOBBLES, low=-1)
    smooth = F.interpolate(moved, size=2 * SIZE_PX, mode="bicubic", align_corners=True)
    return smooth.movedim(1, 3)


def gaps(random: np.random.Generator, n: int) -> Tensor:
    """1 where a line is kept and 0 where it was forgotten, (n, S, S): a few discs in some of the drawings."""
    n_pixels = 2 * SIZE_PX
    x, y = uniform(random, n, N_GAPS, 1, high=n_pixels), uniform(random, n, N_GAPS, 1, high=n_pixels)
    radius = uniform(random, n, N_GAPS, 1, 1, low=GAP_PX[0], high=GAP_PX[1])
    radius = radius * chance(random, SHARE_GAPPED, n, 1, 1, 1)
    line = torch.arange(n_pixels) + 0.5
    squared = (line - y).square()[..., None] + (line - x).square()[..., None, :]  # (n, gaps, S, S)
    return (squared > radius.square()).all(1).float()


def dabbed(random: np.random.Generator, icons: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Icons (B, 3, H, W), some in other colours, with masks (B, H, W) and colours (B, 3, H, W) of dabs upon them.

    Whoever dabs may want other colours than are usual: in some of the dabbed ones red, green and blue change places.
    """
    icons = icons.clone()
    masks, colours = torch.zeros_like(icons[:, 0]), torch.zeros_like(icons)
    for index in range(len(icons)):
        if random.random() >= SHARE_DABBED:
            continue
        if random.random() < SHARE_RECOLOURED:
            icons[index] = icons[index, torch.from_numpy(random.permutation(3))]
        for _ in range(random.integers(1, N_DABS + 1)):
            _dab(random, icons[index], masks[index], colours[index])
    return icons, masks, colours


def _dab(random: np.random.Generator, icon: Tensor, mask: Tensor, colours: Tensor) -> None:
    """Add a dab of the colour in its middle to a mask (H, W) and colours (3, H, W)."""
    places = torch.nonzero(icon.amin(0) < PAPER)
    if not len(places):
        return
    y, x = (int(value) for value in places[random.integers(len(places))])
    is_fill = random.random() < SHARE_FILLS
    radius = FILL_PX if is_fill else random.uniform(*DAB_PX)
    colour = icon[:, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].mean((1, 2))
    line = torch.arange(icon.shape[-1])
    disc = (line - y).square()[:, None] + (line - x).square() <= radius**2  # (H, W)
    if is_fill or random.random() < 0.7:
        disc &= (icon - colour[:, None, None]).abs().amax(0) < LIKE
    mask[disc] = 1
    colours[:, disc] = (colour + float(random.normal(0, 0.02)))[:, None].clamp(0, 1)
