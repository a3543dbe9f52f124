"""The loss of the decoder of layers: which part is seen where, in which colour, and what the first decoder draws.

Shape letters: B places of pictures, M other ones, K layers, G cells along a side, P points along a side.
"""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.recipe import Measuring
from studio.api.training import PartMaps
from studio.nn.layered.compose import spline_weights
from studio.nn.layered.layered_vae import LayersDecoder
from studio.nn.layered.pictures_vae import PicturesVAE

from .layers_data import N_POINTS, LayersBatch, LayersBatches


@dataclass(frozen=True)
class LayersLoss:
    """Weights of the parts of the loss; the nats by which the part that is seen was not foreseen have weight 1.

    Attributes:
        edge: how much more a point near an edge counts.
        colours: of the mean absolute error of the layers' colours.
        drawn: of that of whole pictures at places without a known one, against the first decoder's.
        border: of how long the borders between the parts are there, so that undecided ones do not fall to crumbs (total
            variation: Rudin, Osher and Fatemi 1992).
    """

    edge: float = 3.0
    colours: float = 2.0
    drawn: float = 1.0
    border: float = 0.05


@dataclass(frozen=True)
class LayersObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    Attributes:
        vae: whose latent space is held fixed.
        means, deviations: where it places the pictures, (N, Z) each.
    """

    batches: LayersBatches
    weights: LayersLoss
    vae: PicturesVAE
    means: Tensor
    deviations: Tensor

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, LayersDecoder)
        batch = self.batches.draw(step, micro)
        places = self.means[batch.chosen] + self.deviations[batch.chosen] * batch.noise
        return layers_loss(self.weights, self.vae, model, batch, (places, batch.others), self.batches.map_px)


def layers_loss(
    weights: LayersLoss,
    vae: PicturesVAE,
    model: LayersDecoder,
    batch: LayersBatch,
    places: tuple[Tensor, Tensor],
    map_px: int,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss, with its parts, at the places of a batch's pictures (B, Z) and at others (M, Z)."""
    (known, others), n = places, len(places[0])
    heights, colours = model.layers(vae.inner(torch.cat([known, others])))  # (B + M, K, G, G), (B + M, K, 3)
    points = between(heights, batch.grid, map_px)  # (B + M, K, P, P)
    each = F.cross_entropy(points[:n], batch.parts, reduction="none")  # (B, P, P)
    importance = 1 + weights.edge * batch.near_edge
    seen = (each * importance).sum() / importance.sum()
    of_colours = (colours[:n] - batch.colours).abs().mean()
    shares = torch.softmax(points[n:], 1)  # (M, K, P, P)
    drawn, border = _drawn(vae, shares, colours[n:], others), _border(shares)
    loss = seen + weights.colours * of_colours + weights.drawn * drawn + weights.border * border
    return loss, {"parts": seen, "colours": of_colours, "pixels": drawn, "border": border}


def _drawn(vae: PicturesVAE, shares: Tensor, colours: Tensor, places: Tensor) -> Tensor:
    """How far pictures of soft layers, made as small, are from those of the first decoder."""
    with torch.no_grad():
        wanted = vae.decode(places)  # (M, 3, 64, 64)
    soft = torch.einsum("mkhw,mkc->mchw", shares, colours)  # (M, 3, P, P)
    return (F.avg_pool2d(soft, soft.shape[2] // wanted.shape[2]) - wanted).abs().mean()


def _border(shares: Tensor) -> Tensor:
    """How much the layers' shares (M, K, P, P) change from point to point, on average."""
    down, right = shares[:, :, 1:] - shares[:, :, :-1], shares[:, :, :, 1:] - shares[:, :, :, :-1]
    return down.abs().sum(1).mean() + right.abs().sum(1).mean()


def parts_wrong(vae: PicturesVAE, decoder: LayersDecoder, means: Tensor, maps: PartMaps) -> Measuring[float]:
    """On which share of the points of pictures, at places (N, Z), another part is seen than should be."""
    wrong, stride = [], maps.size_px // N_POINTS
    for index in range(len(maps)):
        with torch.no_grad():
            heights, _ = decoder.layers(vae.inner(means[index : index + 1]))
            seen = between(heights, (0, 0, stride), maps.size_px).argmax(1)[0].cpu()  # (P, P)
        parts = torch.from_numpy(maps.parts(index).copy())[::stride, ::stride]
        wrong.append(float((seen != parts).float().mean()))
        yield
    return sum(wrong) / len(wrong)


def between(heights: Tensor, grid: tuple[int, int, int], map_px: int) -> Tensor:
    """Heights (B, K, G, G) at the points of a `LayersBatch.grid` of a map, (B, K, P, P)."""
    *first, stride = grid
    down, right = (_spline_at(heights.shape[2], offset, stride, map_px).to(heights.device) for offset in first)
    return down @ heights @ right.T


@cache
def _spline_at(n_cells: int, offset: int, stride: int, map_px: int) -> Tensor:
    """What each cell adds to each point, (P, G)."""
    return torch.from_numpy(spline_weights(n_cells, map_px)[offset::stride].copy())
