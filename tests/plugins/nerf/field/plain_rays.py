"""Radiance fields along rays in plain torch, which the fast paths are held against.

Hierarchical sampling: Mildenhall et al. 2020 (arXiv 2003.08934). Shape letters: N points, R rays, S samples of a ray.
"""

import torch
from torch import Tensor, nn

from plugins.nerf.field.model.config import FieldConfig, RaySampling
from plugins.nerf.field.model.field import FieldWeights
from plugins.nerf.field.model.networks import InstantNGP, ray_weights, resample, sample_steps


def network_of(config: FieldConfig, weights: FieldWeights) -> InstantNGP:
    """The network that these numbers make."""
    weights.check(config)
    model = InstantNGP(config)
    model.load_state_dict({_parameter_name(name): torch.from_numpy(array) for name, array in weights.arrays().items()})
    return model


def _parameter_name(name: str) -> str:
    """How torch calls an array of `FieldWeights`: "density.0" is density_layers.0."""
    kind, _, number = name.partition(".")
    return f"{kind}_layers.{number}" if number else {"grid": "grid.table"}.get(name, name)


def composite(weights: Tensor, colour: Tensor, background: Tensor) -> Tensor:
    """The colour (R, 3) that weights (R, S) make of colours (R, S, 3) before a background (3,) or (R, 3)."""
    return (weights[..., None] * colour).sum(1) + (1 - weights.sum(1, keepdim=True)) * background


def stratified_distances(near: float, far: float, shape: tuple[int, int], generator: torch.Generator | None) -> Tensor:
    """Distances (R, S) from near to far: evenly spaced, or each moved at random in its own part by the generator."""
    device = None if generator is None else generator.device
    even = torch.linspace(0, 1, shape[1], device=device)
    distances = (near * (1 - even) + far * even).expand(shape)
    if generator is None:
        return distances
    middles = 0.5 * (distances[:, 1:] + distances[:, :-1])
    starts = torch.cat([distances[:, :1], middles], dim=1)
    ends = torch.cat([middles, distances[:, -1:]], dim=1)
    return starts + (ends - starts) * torch.rand(shape, generator=generator, device=device)


def render_rays(
    networks: tuple[nn.Module, nn.Module],
    rays: tuple[Tensor, Tensor],
    sampling: RaySampling,
    background: Tensor,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """The colours (R, 3) of rays as the coarse and the fine network see them: both are taught, the fine one is shown.

    Args:
        networks: the coarse and the fine one; each gives density (N,) and colour (N, 3).
        rays: origins (R, 3) and directions (R, 3); the latter need not have length 1.
        background: (3,).
        generator: moves the samples at random (for learning), else they are spread evenly.
    """
    distances = stratified_distances(sampling.near, sampling.far, (len(rays[0]), sampling.n_coarse), generator)
    distances = distances.to(rays[0].device)
    weights, colour = _look_along(networks[0], rays, distances)
    coarse = composite(weights, colour, background)
    edges = 0.5 * (distances[:, 1:] + distances[:, :-1])
    more = resample(edges, weights[:, 1:-1].detach(), sampling.n_fine, generator)
    distances = torch.cat([distances, more], dim=1).sort(dim=1).values
    weights, colour = _look_along(networks[1], rays, distances)
    return coarse, composite(weights, colour, background)


def _look_along(network: nn.Module, rays: tuple[Tensor, Tensor], distances: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (R, S) and colours (R, S, 3) of the samples at these distances (R, S)."""
    origins, directions = rays
    positions = origins[:, None] + directions[:, None] * distances[..., None]  # (R, S, 3)
    lengths = directions.norm(dim=-1, keepdim=True)  # (R, 1)
    seen_along = (directions / lengths)[:, None].expand_as(positions)
    density, colour = network(positions.reshape(-1, 3), seen_along.reshape(-1, 3))
    steps = sample_steps(distances) * lengths
    return ray_weights(density.view(distances.shape), steps), colour.view(positions.shape)
