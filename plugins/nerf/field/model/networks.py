"""The two radiance fields of this family in plain torch, from a point and a direction to density and colour.

InstantNGP: Müller et al. 2022 (arXiv 2201.05989); what the fast path in numba computes is tested against it here.
NeRF: Mildenhall et al. 2020 (arXiv 2003.08934), coarse and fine networks, hierarchical sampling. Volume rendering: Max
1995, "Optical models for direct volume rendering".
Shape letters: N points, R rays, S samples of a ray, L levels, F features.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .config import FieldConfig, NeRFConfig
from .footprint import PIXEL_DEVIATION
from .numpy_field import harmonics

PRIMES: Final = (1, 2_654_435_761, 805_459_861)  # section 3 of the paper
_UINT32: Final = 0xFFFF_FFFF
_CORNERS: Final = [[(corner >> axis) & 1 for axis in range(3)] for corner in range(8)]
_LARGEST_HDR: Final = 10.0


def spherical_harmonics(directions: Tensor) -> Tensor:
    """The 16 real spherical harmonics below degree 4 of unit directions (N, 3), (N, 16)."""
    return torch.stack(harmonics(*directions.unbind(-1)), dim=-1)


class HashGrid(nn.Module):
    """Learnt features on L grids of growing resolution; the finer ones share the rows of a hash table."""

    def __init__(self, config: FieldConfig) -> None:
        """The table starts with tiny random numbers, as in the paper."""
        super().__init__()
        self.config = config
        start = torch.empty(config.levels.n_rows, config.n_features).uniform_(-1e-4, 1e-4)
        self.table = nn.Parameter(start)  # (rows, F)
        self.register_buffer("corners", torch.tensor(_CORNERS), persistent=False)  # (8, 3)

    def forward(self, points: Tensor, times: Tensor | None = None, widths: Tensor | None = None) -> Tensor:
        """Features (N, L * F) of points (N, 3) in 0..1 of the box at times (N,) in 0..1, level by level.

        widths: (N,), of the pixels that see spots there, in world units; points where there are none.
        """
        moments = points.new_zeros(len(points)) if times is None else times
        found = [self._level(points, moments, level) for level in range(len(self.config.levels.scale))]
        if not self.config.is_mip:
            return torch.cat(found, dim=-1)
        seen = torch.zeros_like(points[:, 0]) if widths is None else widths
        spots = (math.sqrt(8) * PIXEL_DEVIATION * seen[:, None]).clamp_min(1e-12)
        kept = torch.erf(torch.from_numpy(self.config.scales[:, 1]).to(spots) / spots)  # (N, L)
        found = [one * kept[:, level : level + 1] for level, one in enumerate(found)]
        return torch.cat([*found, 1 - kept.mean(-1, keepdim=True)], dim=-1)

    def _level(self, points: Tensor, times: Tensor, level: int) -> Tensor:
        """Interpolated features (N, F) of one level."""
        levels = self.config.levels
        place = points * float(levels.scale[level]) + 0.5  # (N, 3) in cells of the grid
        cell = place.floor()
        fraction = place - cell
        if self.config.interpolation == "smooth":
            fraction = fraction * fraction * (3 - 2 * fraction)
        corners = cell.long()[:, None] + self._corners()  # (N, 8, 3)
        shares = torch.where(self._corners() == 1, fraction[:, None], 1 - fraction[:, None]).prod(-1)  # (N, 8)
        rows, n_knots = self._rows(corners, level), int(levels.n_knots[level])
        held = self.table[rows] if n_knots == 1 else self._at(rows, times, level)
        return torch.einsum("nc,ncf->nf", shares, held)

    def _at(self, rows: Tensor, times: Tensor, level: int) -> Tensor:
        """What the rows (N, 8) of a level's first knot hold at times (N,), between two knots, (N, 8, F)."""
        n_rows, n_knots = int(self.config.levels.n_entries[level]), int(self.config.levels.n_knots[level])
        place = times * (n_knots - 1)
        knot = place.long().clamp(max=n_knots - 2)
        before = rows + (knot * n_rows)[:, None]
        return torch.lerp(self.table[before], self.table[before + n_rows], (place - knot)[:, None, None])

    def _corners(self) -> Tensor:
        return self.get_buffer("corners")

    def _rows(self, corners: Tensor, level: int) -> Tensor:
        """The rows of the table, (N, 8), that belong to grid points (N, 8, 3) of a level."""
        levels = self.config.levels
        x, y, z = corners.unbind(-1)
        if levels.is_dense[level]:
            resolution = int(levels.resolution[level])
            index = x + y * resolution + z * resolution**2
        else:
            index = (x * PRIMES[0]) ^ ((y * PRIMES[1]) & _UINT32) ^ ((z * PRIMES[2]) & _UINT32)
        return index % int(levels.n_entries[level]) + int(levels.first[level])


class InstantNGP(nn.Module):
    """A hash grid, a small network for the density and one for the colour; no biases but that of a picture's code."""

    def __init__(self, config: FieldConfig) -> None:
        """Untrained: matrices as Glorot and Bengio start them, as in tiny-cuda-nn."""
        super().__init__()
        self.config = config
        self.grid = HashGrid(config)
        self.density_layers = nn.ParameterList([_matrix(shape) for shape in config.density_shapes()])
        self.colour_layers = nn.ParameterList([_matrix(shape) for shape in config.colour_shapes()])
        self.colour_bias = nn.Parameter(torch.zeros(config.colour_width))
        self.register_buffer("low", torch.tensor(config.low), persistent=False)
        self.register_buffer("high", torch.tensor(config.high), persistent=False)

    def density(self, positions: Tensor, times: Tensor | None = None, widths: Tensor | None = None) -> Tensor:
        """Density per world unit (N,) at positions (N, 3) in world units, 0 outside the box; others as in the grid."""
        return self._geometry(positions, times, widths)[0]

    def forward(
        self, positions: Tensor, directions: Tensor, times: Tensor | None = None, widths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Density (N,) and colour (N, 3) at positions (N, 3) seen along unit directions (N, 3)."""
        density, geometry = self._geometry(positions, times, widths)
        hidden = torch.cat([geometry, spherical_harmonics(directions)], dim=-1) @ self.colour_layers[0].T
        hidden = hidden + self.colour_bias
        for matrix in list(self.colour_layers)[1:]:
            hidden = F.relu(hidden) @ matrix.T
        if self.config.colour_range == "hdr":
            return density, hidden.clamp(-_LARGEST_HDR, _LARGEST_HDR).exp()
        return density, hidden.sigmoid()

    def _geometry(self, positions: Tensor, times: Tensor | None, widths: Tensor | None) -> tuple[Tensor, Tensor]:
        """Density (N,) and what the colour network hears of the place, (N, n_geometry)."""
        low, high = self.get_buffer("low"), self.get_buffer("high")
        points = (positions - low) / (high - low)
        is_inside = ((points >= 0) & (points <= 1)).all(-1)
        hidden = self.grid(points.clamp(0, 1), times, widths) @ self.density_layers[0].T
        for matrix in list(self.density_layers)[1:]:
            hidden = F.relu(hidden) @ matrix.T
        return torch.where(is_inside, hidden[:, 0].exp(), 0), hidden


def _matrix(shape: tuple[int, int]) -> nn.Parameter:
    return nn.Parameter(nn.init.xavier_uniform_(torch.empty(shape)))


def positional_encoding(values: Tensor, n_frequencies: int) -> Tensor:
    """(N, 3) to (N, 3 + 6 n): the values, then the sine and the cosine of 1, 2, 4, … 2^(n-1) times them."""
    scaled = [values * 2.0**k for k in range(n_frequencies)]
    return torch.cat([values, *(wave for one in scaled for wave in (one.sin(), one.cos()))], dim=-1)


class NeRF(nn.Module):
    """One multilayer perceptron from encoded position and direction to density and colour."""

    def __init__(self, config: NeRFConfig) -> None:
        """Untrained: the layers start as torch makes them."""
        super().__init__()
        self.config = config
        layers = config.layers()

        def linear(name: str) -> nn.Linear:
            n_outputs, n_inputs = layers[name]
            return nn.Linear(n_inputs, n_outputs)

        self.position_layers = nn.ModuleList([linear(f"position_layers.{i}") for i in range(config.depth)])
        if config.n_direction_frequencies is None:
            self.output_layer = linear("output_layer")
        else:
            self.density_layer = linear("density_layer")
            self.feature_layer = linear("feature_layer")
            self.direction_layer = linear("direction_layer")
            self.colour_layer = linear("colour_layer")

    def forward(self, positions: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Density (N,) and sRGB colour (N, 3) at positions (N, 3) seen along unit directions (N, 3)."""
        hidden = self.trunk(positions)
        return self.density(hidden), self.colour(hidden, directions)

    def trunk(self, positions: Tensor) -> Tensor:
        """What the network makes of positions (N, 3) before its two heads, (N, width)."""
        encoded = positional_encoding(positions, self.config.n_position_frequencies)
        hidden = encoded
        for i, layer in enumerate(self.position_layers):
            hidden = layer(hidden)
            if i > 0 or self.config.has_first_relu:
                hidden = F.relu(hidden)
            if i in self.config.skips and i + 1 < self.config.depth:
                hidden = torch.cat([encoded, hidden], dim=-1)
        return hidden

    def density(self, hidden: Tensor) -> Tensor:
        """Density (N,) out of what `trunk` gave."""
        return F.relu(self.raw_density(hidden))

    def raw_density(self, hidden: Tensor) -> Tensor:
        """Density (N,) before it is cut off at 0: how far below tells how empty a place is."""
        if self.config.n_direction_frequencies is None:
            return self.output_layer(hidden)[:, 3]
        return self.density_layer(hidden)[:, 0]

    def colour(self, hidden: Tensor, directions: Tensor) -> Tensor:
        """sRGB colour (N, 3) out of what `trunk` gave, seen along unit directions (N, 3)."""
        if self.config.n_direction_frequencies is None:
            return self.output_layer(hidden)[:, :3].sigmoid()
        encoded = positional_encoding(directions, self.config.n_direction_frequencies)
        seen = F.relu(self.direction_layer(torch.cat([self._feature(hidden), encoded], dim=-1)))
        return self.colour_layer(seen).sigmoid()

    def colour_of_pairs(self, hidden: Tensor, directions: Tensor, pairs: tuple[Tensor, Tensor]) -> Tensor:
        """The same colours (M, 3) for pairs of rows of `hidden` (P, width) and of directions (K, 3), far cheaper.

        Args:
            pairs: numbers of the rows, (M,) each.
        """
        places, ways = pairs
        if self.config.n_direction_frequencies is None:
            return self.colour(hidden, directions)[places]
        width = self.config.width
        matrix, bias = self.direction_layer.weight, self.direction_layer.bias
        of_place = self._feature(hidden) @ matrix[:, :width].T
        of_way = positional_encoding(directions, self.config.n_direction_frequencies) @ matrix[:, width:].T + bias
        return self.colour_layer(F.relu(of_place[places] + of_way[ways])).sigmoid()

    def _feature(self, hidden: Tensor) -> Tensor:
        feature: Tensor = self.feature_layer(hidden)
        return F.relu(feature) if self.config.has_feature_relu else feature


def ray_weights(density: Tensor, step: Tensor) -> Tensor:
    """How much each sample adds to its ray's colour, exact for a density that is constant within each step.

    Args:
        density: (R, S), per unit of length.
        step: (R, S), the length that each sample stands for.

    Returns:
        (R, S): T (1 - exp(-density step)), T being the light that comes through all samples before.
    """
    depth = density * step  # optical
    before = torch.cat([torch.zeros_like(depth[:, :1]), depth[:, :-1].cumsum(-1)], dim=-1)
    return (-before).exp() * -torch.expm1(-depth)


def resample(edges: Tensor, weights: Tensor, n_samples: int, generator: torch.Generator | None) -> Tensor:
    """Draw distances where the weights are large: inverse transform sampling of a piecewise constant density.

    Args:
        edges: (R, S + 1), ascending ends of the pieces.
        weights: (R, S), 0 or more; a little is added to each, so that no ray is without hope.
        generator: draws at random, else at evenly spaced places of the distribution function.

    Returns:
        (R, n_samples) distances.
    """
    share = weights + 1e-5
    share = share / share.sum(-1, keepdim=True)
    distribution = torch.cat([torch.zeros_like(share[:, :1]), share.cumsum(-1)], dim=-1).contiguous()  # (R, S + 1)
    if generator is None:
        place = torch.linspace(0, 1, n_samples, device=edges.device).expand(len(edges), n_samples).contiguous()
    else:
        place = torch.rand(len(edges), n_samples, generator=generator, device=edges.device)
    above = torch.searchsorted(distribution, place, right=True)
    below = (above - 1).clamp_min(0)
    above = above.clamp_max(edges.shape[1] - 1)
    start, end = distribution.gather(1, below), distribution.gather(1, above)
    height = torch.where(end - start < 1e-5, 1.0, end - start)
    return torch.lerp(edges.gather(1, below), edges.gather(1, above), (place - start) / height)


def sample_steps(distances: Tensor) -> Tensor:
    """The length (R, S) that each of the distances (R, S) stands for: up to the next one, the last without end."""
    return torch.cat([distances.diff(dim=1), torch.full_like(distances[:, :1], 1e10)], dim=1)
