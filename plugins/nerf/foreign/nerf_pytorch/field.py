"""An original NeRF as a field to be baked, and its picture as its author draws it; torch, many points at once.

The picture looks along a ray where the author looks: at evenly spaced samples of the coarse network, then as often
again where that one saw something. Samples that lie in empty cells are never asked.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.engine import ModelSource, limited_threads

from ...field.model.config import RaySampling
from ...field.model.field import FloatArray, OccupancyGrid, RayColours
from ...field.model.networks import NeRF, ray_weights, resample, sample_steps
from ...field.render.march import step_of
from ...shared.threads import share
from .checkpoint import CheckpointScene, NeRFWeights, read_checkpoint
from .occupancy import Density, Grids, coarse_grid, fine_grid, is_marked, keep_grids, kept_grids, within

USUAL_SAMPLING: Final = RaySampling(near=2.0, far=6.0, n_coarse=64, n_fine=64)
"""What the authors' settings say for the scenes of NeRF-synthetic."""
N_AT_ONCE: Final = 2048
N_RAYS_AT_ONCE: Final = 64
LEAST_WEIGHT: Final = 1e-4
"""A sample that adds less than this to its pixel is given no colour."""
_TOLERANCE: Final = 0.25
REACH: Final = 1.5
"""Rays through the corners of a picture leave the ball about the scene, and the author looks there too."""


class NeRFField:
    """A pair of trained NeRFs that is looked at.

    Attributes:
        occupancy: where the fine network may hold something, in the ball that the author's rays are centred on: what
            strays further out shows in exact pictures and would only make a baked one coarser.
        step: world units from one sample to the next, for those who do not draw as the author does.
        sampling: where its author looks along a ray.
    """

    def __init__(self, scene: CheckpointScene, grids: Grids, sampling: RaySampling = USUAL_SAMPLING) -> None:
        """Take over what was read and measured."""
        self._coarse, self._fine = network_of(scene.coarse), network_of(scene.fine)
        self._grids = grids
        self.occupancy = within(grids.fine, (sampling.far - sampling.near) / 2)
        self.step = step_of(grids.fine)
        self.sampling = sampling

    def density(self, positions: FloatArray) -> FloatArray:
        """Density per world unit (N,) at positions (N, 3); 0 outside the box."""
        raw = raw_density_of(self._fine)(positions)
        return np.where(self._is_inside(positions), np.maximum(raw, 0), np.float32(0))

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) of positions (N, 3) seen along unit directions (N, 3)."""
        density, colour = np.empty(len(positions), np.float32), np.empty((len(positions), 3), np.float32)

        def ask(part: slice) -> None:
            found = self._fine(_tensor(positions[part]), _tensor(directions[part]))
            density[part], colour[part] = (one.numpy() for one in found)

        _shared(ask, len(positions), N_AT_ONCE)
        return np.where(self._is_inside(positions), density, np.float32(0)), colour

    def coarse_density(self, positions: FloatArray) -> FloatArray:
        """What the coarse network says of positions (N, 3): density per world unit (N,)."""
        return np.maximum(raw_density_of(self._coarse)(positions), 0)

    def colours(self, positions: FloatArray, directions: FloatArray, weights: FloatArray) -> FloatArray:
        """SRGB (P, K, 3) of positions (P, 3) seen along unit directions (K, 3); 0 where the weight (P, K) is 0."""
        colours = np.zeros((*weights.shape, 3), np.float32)

        def ask(part: slice) -> None:
            places, ways = np.nonzero(weights[part])
            hidden = self._fine.trunk(_tensor(positions[part]))
            pairs = torch.from_numpy(places), torch.from_numpy(ways)
            colours[part][places, ways] = self._fine.colour_of_pairs(hidden, _tensor(directions), pairs).numpy()

        _shared(ask, len(positions), N_AT_ONCE)
        return colours

    def _is_inside(self, positions: FloatArray) -> npt.NDArray[np.bool_]:
        is_inside = (positions >= self.occupancy.low) & (positions <= self.occupancy.high)  # (N, 3)
        return np.logical_and.reduce(is_inside, axis=1)

    def draw_rays(self, origin: FloatArray, directions: FloatArray, near: float) -> RayColours:
        """Draw rays as the author does, without random moves of the samples.

        Args:
            origin: (3,), of all of them.
            directions: (N, 3), whose lengths count: one unit along each leads to a plane before the camera.
            near: nothing is seen before this distance in world units.
        """
        n = len(directions)
        found = RayColours(
            np.empty((n, 3), np.float32), np.empty(n, np.float32), np.empty(n, np.float32), np.empty(n, np.int64)
        )
        interval = self.interval(origin)

        def draw(part: slice) -> None:
            rays = _Rays(_tensor(origin), _tensor(directions[part]), near)
            fine, n_coarse = self._look_along(rays, interval)
            opacity = fine.weights.sum(1)
            depth = (fine.weights * fine.distances).sum(1) * rays.lengths / opacity.clamp_min(1e-9)
            found.colour[part], found.opacity[part] = fine.colour().numpy(), opacity.numpy()
            found.depth[part], found.n_samples[part] = depth.numpy(), (n_coarse + fine.n_samples).numpy()

        _shared(draw, n, N_RAYS_AT_ONCE)
        return found

    def _look_along(self, rays: "_Rays", interval: tuple[float, float]) -> tuple["_Look", Tensor]:
        """The samples of the fine network, and how many the coarse one was asked, (N,)."""
        even = torch.linspace(0, 1, self.sampling.n_coarse)
        distances = (interval[0] * (1 - even) + interval[1] * even).expand(len(rays.lengths), -1)
        coarse = _Look(rays, distances, self._coarse, self._grids.coarse)
        edges = 0.5 * (distances[:, 1:] + distances[:, :-1])
        more = resample(edges, coarse.weights[:, 1:-1], self.sampling.n_fine, None)
        distances = torch.cat([distances, more], dim=1).sort(dim=1).values
        return _Look(rays, distances, self._fine, self._grids.fine), coarse.n_samples

    def interval(self, origin: FloatArray) -> tuple[float, float]:
        """Where rays begin and end: as the author says from where he stood, elsewhere about the scene just so."""
        near, far = self.sampling.near, self.sampling.far
        away, half = float(np.linalg.norm(origin)), (far - near) / 2
        if abs(away - (near + far) / 2) <= _TOLERANCE * half:
            return near, far
        return max(away - half, 1e-2 * half), away + half


class _Rays:
    """Rays from one eye: origin (3,), directions (N, 3) and their lengths (N,)."""

    def __init__(self, origin: Tensor, directions: Tensor, near: float) -> None:
        self.origin = origin
        self.directions = directions
        self.near = near
        self.lengths = directions.norm(dim=-1)
        self.unit = directions / self.lengths[:, None]


class _Look:
    """Samples along rays, those in marked cells asked.

    Attributes:
        distances: (N, S), in units of the directions' lengths.
        weights: (N, S). n_samples: (N,), how many were asked.
    """

    def __init__(self, rays: _Rays, distances: Tensor, network: NeRF, grid: OccupancyGrid) -> None:
        self._network, self._rays = network, rays
        self.distances = distances
        positions = (rays.origin + rays.directions[:, None] * distances[..., None]).reshape(-1, 3)
        marked = torch.from_numpy(is_marked(grid, positions.numpy())).view(distances.shape)
        marked &= distances * rays.lengths[:, None] >= rays.near
        self.n_samples = marked.sum(1)
        self._asked = marked.view(-1).nonzero()[:, 0]  # (M,)
        self._hidden = network.trunk(positions[self._asked])
        density = torch.zeros(distances.numel())
        density[self._asked] = network.density(self._hidden)
        self.weights = ray_weights(density.view(distances.shape), sample_steps(distances) * rays.lengths[:, None])

    def colour(self) -> Tensor:
        """The premultiplied colour (N, 3) of the rays."""
        weights = self.weights.view(-1)[self._asked]
        seen = weights > LEAST_WEIGHT
        ray = self._asked[seen] // self.distances.shape[1]
        colour = self._network.colour(self._hidden[seen], self._rays.unit[ray])
        return torch.zeros(len(self.distances), 3).index_add_(0, ray, weights[seen, None] * colour)


def network_of(weights: NeRFWeights) -> NeRF:
    """The network that these numbers make, ready to be asked."""
    network = NeRF(weights.config)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.arrays.items()})
    return network.eval().requires_grad_(False)


def measured_grids(scene: CheckpointScene) -> Iterator[Grids | float]:
    """Find out where both networks hold something; yields how much is done, 0 to 1, and at the end the grids."""
    radius = REACH * (USUAL_SAMPLING.far - USUAL_SAMPLING.near) / 2
    found: list[OccupancyGrid] = []
    for network in (scene.coarse, scene.fine):
        for step in coarse_grid(raw_density_of(network_of(network)), radius):
            if isinstance(step, float):
                yield (len(found) + step) / 3
            else:
                found.append(step)
    for step in fine_grid(raw_density_of(network_of(scene.fine)), found[1]):
        yield (2 + step) / 3 if isinstance(step, float) else Grids(found[0], step)


def raw_density_of(network: NeRF) -> Density:
    """The density (N,) of a network at positions (N, 3), as numpy has them, before it is cut off at 0."""

    def density(positions: FloatArray) -> FloatArray:
        found = np.empty(len(positions), np.float32)

        def ask(part: slice) -> None:
            found[part] = network.raw_density(network.trunk(_tensor(positions[part]))).numpy()

        _shared(ask, len(positions), N_AT_ONCE)
        return found

    return density


def _shared(work: Callable[[slice], None], n_items: int, n_together: int) -> None:
    """Do the work for all items in parts, on plain threads: torch's own wait for each other by spinning."""

    def part(first: int, last: int) -> None:
        with torch.inference_mode():
            work(slice(first, last))

    with limited_threads(1):
        share(part, n_items, n_together)


def _tensor(array: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))


def open_checkpoint(source: ModelSource) -> NeRFField:
    """Read a pair of NeRFs; raises UserError where the file is no good."""
    scene = read_checkpoint(source.path)
    *_, grids = ready_grids(source.content_hash, scene)
    assert isinstance(grids, Grids)
    return NeRFField(scene, grids)


def ready_grids(content: str, scene: CheckpointScene) -> Iterator[Grids | float]:
    """Where the networks hold something: yields how much is found, 0 to 1, then the grids.

    Args:
        content: hash of the file, under which the grids are kept for the next time.
    """
    kept = kept_grids(content)
    if kept is not None:
        yield kept
        return
    for step in measured_grids(scene):
        if isinstance(step, Grids):
            keep_grids(content, step)
        yield step
