"""A nerfacto as a field to be baked, and its picture as nerfstudio draws it; torch, many points at once.

Space is bent so that all of it lies in a cube: what is further away than 1 on any axis comes nearer and nearer to 2.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import ModelSource

from ...field.model.field import FloatArray, OccupancyGrid, RayColours
from ...field.render.march import step_of
from ..nerf_pytorch.occupancy import Grids, coarse_grid, fine_grid, keep_grids, kept_grids
from .checkpoint import HashNetwork, Layers, NerfactoScene, read_nerfacto

N_AT_ONCE: Final = 1024
"""Rays."""
N_POINTS: Final = 1 << 15
RADIUS: Final = 4.0
"""Half the side of the cube that is baked; exact pictures show all of the scene."""
EMPTY: Final = 0.5
"""Density that counts as nothing where one looks for cells that hold something; fog of training remains below it."""
PADDING: Final = 0.01
_EPSILON: Final = 1e-5
_PRIMES: Final = (1, 2654435761, 805459861)


class NerfactoField:
    """A trained nerfacto that is looked at.

    Attributes:
        occupancy: where it may hold something, within RADIUS.
        step: world units from one sample to the next, for those who do not draw as nerfstudio does.
    """

    def __init__(self, scene: NerfactoScene, occupancy: OccupancyGrid) -> None:
        self._scene, self._settings = scene, scene.settings
        self._proposals = [_Grid(one) for one in scene.proposals]
        self._base = _Grid(scene.base)
        self._head = _tensors(scene.head)
        self._look = torch.from_numpy(scene.look)
        self.occupancy = occupancy
        self.step = step_of(occupancy)

    def density(self, positions: FloatArray) -> FloatArray:
        """Density per world unit (N,) at positions (N, 3) in world units."""
        found = [self._seen(self._base, part)[0] for part in torch.from_numpy(positions).split(N_POINTS)]
        return torch.cat(found).numpy() if found else np.zeros(0, np.float32)

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) of positions (N, 3) seen along unit directions (N, 3)."""
        density, colour = np.empty(len(positions), np.float32), np.empty((len(positions), 3), np.float32)
        for first in range(0, len(positions), N_POINTS):
            part = slice(first, first + N_POINTS)
            found, features = self._seen(self._base, torch.from_numpy(positions[part]))
            density[part] = found.numpy()
            colour[part] = self._colour(features, torch.from_numpy(directions[part])).numpy()
        return density, colour

    def draw_rays(self, origin: FloatArray, directions: FloatArray, near: float) -> RayColours:
        """Draw rays as nerfstudio does.

        Args:
            origin: (3,), of all of them.
            directions: (N, 3), whose lengths do not count here.
            near: nothing is seen before this distance in world units.
        """
        ways = torch.from_numpy(directions / np.linalg.norm(directions, axis=-1, keepdims=True)).float()
        parts = [self._rays(torch.from_numpy(origin), part, near) for part in ways.split(N_AT_ONCE)]
        colour, opacity, depth = (torch.cat(some).numpy() for some in zip(*parts, strict=True))
        n_asked = sum(self._settings.n_proposals) + self._settings.n_samples
        return RayColours(colour, opacity, depth, np.full(len(directions), n_asked, np.int64))

    def _rays(self, origin: Tensor, ways: Tensor, near: float) -> tuple[Tensor, Tensor, Tensor]:
        settings = self._settings
        ends = _spaced(torch.tensor([near, settings.far]))
        edges = torch.linspace(0, 1, settings.n_proposals[0] + 1).expand(len(ways), -1)
        counts = [*settings.n_proposals[1:], settings.n_samples]
        for grid, count in zip(self._proposals, counts, strict=True):
            distances = _distances(edges, ends)
            density = self._seen(grid, _middles(origin, ways, distances))[0]
            edges = resampled(edges, _weights(density.view(len(ways), -1), distances), count)
        distances = _distances(edges, ends)
        density, features = self._seen(self._base, _middles(origin, ways, distances))
        weights = _weights(density.view(len(ways), -1), distances)
        colours = self._colour(features, ways.repeat_interleave(weights.shape[1], 0)).view(*weights.shape, 3)
        opacity, colour = weights.sum(1), (weights[..., None] * colours).sum(1)
        middle = (distances[:, 1:] + distances[:, :-1]) / 2
        depth = (weights * middle).sum(1) / opacity.clamp_min(1e-9)
        if settings.fills:
            colour, opacity = colour + (1 - opacity)[:, None] * colours[:, -1], torch.ones_like(opacity)
        return colour, opacity, depth

    def _seen(self, grid: "_Grid", positions: Tensor) -> tuple[Tensor, Tensor]:
        """Density (N,) at world positions (N, 3), and what else the network says (N, F)."""
        place = self._place(positions)
        is_inside = ((place > 0) & (place < 1)).all(-1)
        said = grid.ask(place * is_inside[:, None])
        return self._settings.initial_density * said[:, 0].exp() * is_inside, said[:, 1:]

    def _place(self, positions: Tensor) -> Tensor:
        """Where world positions lie in the cube of the grids, 0..1."""
        if self._settings.is_bounded:
            low, high = torch.from_numpy(self._scene.box)
            return (positions - low) / (high - low)
        away = positions.abs().amax(-1, keepdim=True)
        bent = torch.where(away < 1, positions, (2 - 1 / away) * (positions / away))
        return (bent + 2) / 4

    def _colour(self, features: Tensor, ways: Tensor) -> Tensor:
        parts = [harmonics((ways + 1) / 2), features, self._look.expand(len(features), -1)]
        return _run(self._head, torch.cat(parts, -1)).sigmoid()


class _Grid:
    """A hash grid with its network, ready to be asked."""

    def __init__(self, network: HashNetwork) -> None:
        self._table = torch.from_numpy(network.table)
        self._scales = torch.from_numpy(network.scales)
        self._layers = _tensors(network.layers)

    def ask(self, place: Tensor) -> Tensor:
        """What it says (N, ...) of places (N, 3) in 0..1."""
        return _run(self._layers, torch.cat([self._level(i, place) for i in range(len(self._table))], -1))

    def _level(self, level: int, place: Tensor) -> Tensor:
        at = place * self._scales[level]
        low, high = at.floor().long(), at.ceil().long()
        share = at - low
        found = torch.zeros(len(place), self._table.shape[-1])
        for corner in range(8):
            is_high = [bool(corner >> axis & 1) for axis in range(3)]
            cells = [(high if is_high[axis] else low)[:, axis] * _PRIMES[axis] for axis in range(3)]
            row = (cells[0] ^ cells[1] ^ cells[2]) % self._table.shape[1]
            weight = torch.ones(len(place))
            for axis in range(3):
                weight = weight * (share[:, axis] if is_high[axis] else 1 - share[:, axis])
            found += weight[:, None] * self._table[level][row]
        return found


def harmonics(way: Tensor) -> Tensor:
    """The 16 harmonics (N, 16) of (N, 3) as nerfstudio's torch build has them, which are not of unit vectors."""
    x, y, z = way.unbind(-1)
    xx, yy, zz = x * x, y * y, z * z
    terms = [
        torch.full_like(x, 0.28209479177387814),
        0.4886025119029199 * y,
        0.4886025119029199 * z,
        0.4886025119029199 * x,
        1.0925484305920792 * x * y,
        1.0925484305920792 * y * z,
        0.9461746957575601 * zz - 0.31539156525251999,
        1.0925484305920792 * x * z,
        0.5462742152960396 * (xx - yy),
        0.5900435899266435 * y * (3 * xx - yy),
        2.890611442640554 * x * y * z,
        0.4570457994644658 * y * (5 * zz - 1),
        0.3731763325901154 * z * (5 * zz - 3),
        0.4570457994644658 * x * (5 * zz - 1),
        1.445305721320277 * z * (xx - yy),
        0.5900435899266435 * x * (xx - 3 * yy),
    ]
    return torch.stack(terms, -1)


def resampled(edges: Tensor, weights: Tensor, count: int) -> Tensor:
    """Edges (N, count + 1) of samples that lie where the weights (N, S) between edges (N, S + 1) are large."""
    padded = weights + PADDING
    total = padded.sum(-1, keepdim=True)
    spare = (_EPSILON - total).clamp_min(0)
    share = (padded + spare / padded.shape[-1]) / (total + spare)
    reached = torch.cat([torch.zeros_like(share[:, :1]), share.cumsum(-1).clamp_max(1)], -1)
    wanted = torch.linspace(0, 1 - 1 / (count + 1), count + 1) + 1 / (2 * (count + 1))
    wanted = wanted.expand(len(edges), -1).contiguous()
    found = torch.searchsorted(reached, wanted, right=True)
    below, above = (found - 1).clamp(0, edges.shape[-1] - 1), found.clamp(0, edges.shape[-1] - 1)
    before, after = reached.gather(-1, below), reached.gather(-1, above)
    part = torch.nan_to_num((wanted - before) / (after - before), 0).clamp(0, 1)
    return edges.gather(-1, below) + part * (edges.gather(-1, above) - edges.gather(-1, below))


def _spaced(distance: Tensor) -> Tensor:
    """The first half is even up to a distance of 1, the second even in 1 / distance."""
    return torch.where(distance < 1, distance / 2, 1 - 1 / (2 * distance))


def _distances(edges: Tensor, ends: Tensor) -> Tensor:
    at = edges * ends[1] + (1 - edges) * ends[0]
    return torch.where(at < 0.5, 2 * at, 1 / (2 - 2 * at))


def _middles(origin: Tensor, ways: Tensor, distances: Tensor) -> Tensor:
    middle = (distances[:, 1:] + distances[:, :-1]) / 2
    return (origin + ways[:, None] * middle[..., None]).reshape(-1, 3)


def _weights(density: Tensor, distances: Tensor) -> Tensor:
    thick = density * distances.diff(dim=-1)
    before = torch.cat([torch.zeros_like(thick[:, :1]), thick[:, :-1].cumsum(-1)], -1)
    return torch.nan_to_num((1 - (-thick).exp()) * (-before).exp())


def _tensors(layers: Layers) -> list[tuple[Tensor, Tensor]]:
    return [(torch.from_numpy(matrix), torch.from_numpy(bias)) for matrix, bias in layers]


def _run(layers: list[tuple[Tensor, Tensor]], values: Tensor) -> Tensor:
    for number, (matrix, bias) in enumerate(layers):
        values = torch.nn.functional.linear(values.relu() if number else values, matrix, bias)
    return values


def open_nerfacto(source: ModelSource) -> NerfactoField:
    """The field of a file; its cells are taken from the cache folder, or found."""
    scene = read_nerfacto(source.path)
    *_, grids = ready_grids(source.content_hash, scene)
    assert isinstance(grids, Grids)
    return NerfactoField(scene, grids.fine)


def ready_grids(content: str, scene: NerfactoScene) -> Iterator[Grids | float]:
    """Where it holds something, from the cache folder where it has been found before; yields how much is done."""
    kept = kept_grids(content)
    if kept is not None:
        yield kept
        return
    whole = OccupancyGrid(
        np.ones((1, 2, 2, 2), np.uint8), np.full(3, -RADIUS, np.float32), np.full(3, RADIUS, np.float32)
    )
    field = NerfactoField(scene, whole)

    def density(positions: FloatArray) -> FloatArray:
        return field.density(positions) - np.float32(EMPTY)

    coarse = whole
    for step in coarse_grid(density, RADIUS):
        if isinstance(step, float):
            yield step / 2
        else:
            coarse = step
    for step in fine_grid(density, coarse):
        if isinstance(step, float):
            yield (1 + step) / 2
        else:
            keep_grids(content, found := Grids(coarse, step))
            yield found
