"""One pass of learning, forward and backward, fused into one compiled loop over groups of rays.

A group's rays go through the occupancy grid side by side. Each round takes the next places of all rays that are still
alive, encodes them and asks the density network, which ends a ray where nothing behind can be seen; ended rays are
replaced by waiting ones, so that no place behind a surface is ever encoded. Then colours, compositing and all the way
back happen on what the group has kept, while it is still in the cache. Groups share nothing that they write, and
their sums are added in order: a pass gives the same bits on any number of threads.
"""

import math
from typing import Any, Final, NamedTuple, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.config import N_HARMONICS
from ..model.footprint import fineness
from ..render.march import Space, enter, inverse, next_sample, reach_of
from ..render.small_networks import harmonics
from .dense_layer import backward, forward
from .hash_encoding import FINENESS, N_CORNERS, N_PLACE, TILE, TIME, encode_tile

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]

MAX_TILES: Final = 40
"""A group that has filled so many tiles drops the rays that are not at their end."""
MIN_THROUGH: Final = np.float32(1e-3)
"""What lies where less light than this comes from is not looked at."""
MAX_LOG_DENSITY: Final = np.float32(12.0)
_F = np.float32
_NEAREST: Final = np.float32(1e-6)
_fineness = kernel(fast_math=True, is_inner=True)(fineness)


class RayBatch(NamedTuple):
    """Rays to learn from.

    Attributes:
        origin, direction: float32 (R, 3), world units; unit directions.
        target: float32 (R, 3), colour 0..1 that the ray should have on its background.
        background: float32 (R, 3).
        shift: float32 (R,), where in its step a sample lies: -0.5..0.5.
        time: float32 (R,), the moment of its photo, 0..1.
        spread: float32 (R,), how wide its pixel is one world unit ahead; 0 for points.
        code: float32 (R, n_code), of the photo that a ray belongs to; no rows where photos have none.
        front: float32 (R, 5), what a ray meets before the scene: colour times opacity, the share that it lets through,
            and how much its error counts, 0..1; no rows where nothing stands before the scene.
    """

    origin: FloatArray
    direction: FloatArray
    target: FloatArray
    background: FloatArray
    shift: FloatArray
    time: FloatArray
    spread: FloatArray
    code: FloatArray = np.zeros((0, 0), np.float32)
    front: FloatArray = np.zeros((0, 5), np.float32)


class TrainedNetwork(NamedTuple):
    """A field's numbers as the pass reads them.

    Attributes:
        grid: float32 (rows, F). scales: float32 (L, 2). levels: int64 (L, 5), see `level_table`. is_smooth: bool.
        weights, transposed: float32 (n_weights,), see `Layout`. layers: int64 (n_layers, 6).
        n_density_layers, geometry_row, n_geometry, colour_row: see `Layout`.
        low, to_unit: float32 (3,): places in 0..1 are (x - low) * to_unit.
    """

    grid: FloatArray
    scales: FloatArray
    levels: IntArray
    is_smooth: bool
    weights: FloatArray
    transposed: FloatArray
    layers: IntArray
    n_density_layers: int
    geometry_row: int
    n_geometry: int
    colour_row: int
    low: FloatArray
    to_unit: FloatArray


class PassWork(NamedTuple):
    """What one thread writes to while it is at a group; the first axis counts the threads.

    Attributes:
        tiles: float32 (threads, MAX_TILES, n_rows, TILE), everything that the networks have at each sample.
        gradient: float32 (threads, n_rows, TILE), of one tile.
        ray_of: int32 (threads, MAX_TILES, TILE), the ray of each sample within its group; -1 for what was not needed.
        alpha: float32 (threads, MAX_TILES, TILE), opacity of a sample.
        rows, weights: (threads, 8, TILE), corners of the level that is encoded.
        alive: float32 (threads, 4, TILE), where each living ray has its next sample, where it leaves the grid, how fine
            its spot is one unit ahead, and how far that reaches.
        alive_ray: int64 (threads, TILE).
        through: float32 (threads, rays of a group), light that comes through.
        harmonics: float32 (threads, rays of a group, 16).
        colour: float32 (threads, rays of a group, 3), colour so far.
        pull: float32 (threads, rays of a group, 3), gradient of the loss by a ray's colour.
    """

    tiles: FloatArray
    gradient: FloatArray
    ray_of: npt.NDArray[np.int32]
    alpha: FloatArray
    rows: npt.NDArray[np.uint32]
    weights: FloatArray
    alive: FloatArray
    alive_ray: IntArray
    through: FloatArray
    harmonics: FloatArray
    colour: FloatArray
    pull: FloatArray


class PassOutcome(NamedTuple):
    """What the groups hand on.

    Attributes:
        places: float32 (groups, MAX_TILES, N_PLACE, TILE), samples as `encode_tile` takes them.
        counts: int64 (groups, MAX_TILES), samples of each tile.
        gradient: float32 (groups, MAX_TILES, L * F, TILE), of the loss by the features.
        weight_gradient: float32 (groups, n_weights).
        tally: float64 (groups, 4): sum of squared errors, rays, rays that met something, samples.
        seen: float32 (R, 3), colours of the scene on its background; not written to for rays that were not taken, and
            without rows where nobody asks for them.
        code_gradient: float32 (R, n_code), of the loss by the codes of the rays, added to.
    """

    places: FloatArray
    counts: IntArray
    gradient: FloatArray
    weight_gradient: FloatArray
    tally: npt.NDArray[np.float64]
    seen: FloatArray = np.zeros((0, 3), np.float32)
    code_gradient: FloatArray = np.zeros((0, 0), np.float32)


def work_space(n_threads: int, n_rows: int, n_rays: int) -> PassWork:
    """Memory for so many threads, rows of a tile and rays of a group."""
    return PassWork(
        np.zeros((n_threads, MAX_TILES, n_rows, TILE), np.float32),
        np.zeros((n_threads, n_rows, TILE), np.float32),
        np.zeros((n_threads, MAX_TILES, TILE), np.int32),
        np.zeros((n_threads, MAX_TILES, TILE), np.float32),
        np.zeros((n_threads, N_CORNERS, TILE), np.uint32),
        np.zeros((n_threads, N_CORNERS, TILE), np.float32),
        np.zeros((n_threads, 4, TILE), np.float32),
        np.zeros((n_threads, TILE), np.int64),
        np.zeros((n_threads, n_rays), np.float32),
        np.zeros((n_threads, n_rays, N_HARMONICS), np.float32),
        np.zeros((n_threads, n_rays, 3), np.float32),
        np.zeros((n_threads, n_rays, 3), np.float32),
    )


def outcome_space(n_groups: int, n_encoded: int, n_weights: int) -> PassOutcome:
    """Memory for what so many groups hand on."""
    return PassOutcome(
        np.zeros((n_groups, MAX_TILES, N_PLACE, TILE), np.float32),
        np.zeros((n_groups, MAX_TILES), np.int64),
        np.zeros((n_groups, MAX_TILES, n_encoded, TILE), np.float32),
        np.zeros((n_groups, n_weights), np.float32),
        np.zeros((n_groups, 4), np.float64),
    )


@kernel(parallel=True, fast_math=True)
def learning_pass(
    batch: RayBatch,
    space: Space,
    network: TrainedNetwork,
    n_wanted: int,
    mean_length: float,
    work: PassWork,
    outcome: PassOutcome,
) -> None:
    """Fill `outcome`: each group takes rays from its share of the batch until it has about n_wanted samples.

    mean_length: samples that a ray which meets something is expected to have.
    """
    n_threads, n_groups = len(work.tiles), len(outcome.counts)
    n_rays = len(batch.origin) // n_groups
    for thread in numba.prange(n_threads):
        for group in range(thread, n_groups, n_threads):
            first = group * n_rays
            n_taken, n_tiles = _march_group(
                batch, space, network, n_wanted, mean_length, first, first + n_rays, work, thread, outcome, group
            )
            _composite(batch, network, first, n_taken, n_tiles, work, thread, outcome, group)
            for tile in range(n_tiles):
                _go_back(network, first, tile, space.steps[0], work, thread, outcome, group)


@kernel(fast_math=True, is_inner=True)
def _march_group(
    batch: RayBatch,
    space: Space,
    network: TrainedNetwork,
    n_wanted: int,
    mean_length: float,
    first: int,
    last: int,
    work: PassWork,
    thread: int,
    outcome: PassOutcome,
    group: int,
) -> tuple[int, int]:
    """Fill the group's tiles up to the density; returns how many rays were taken and how many tiles it has."""
    alive_ray, counts, tally = work.alive_ray[thread], outcome.counts[group], outcome.tally[group]
    n_alive, n_tiles, n_samples, ray, n_met = 0, 0, 0, first, 0
    counts[:] = 0
    outcome.weight_gradient[group] = _F(0)
    while True:
        while n_alive < TILE and ray < last and n_samples + n_alive * mean_length < n_wanted:
            is_met = _start(batch, space, ray, ray - first, n_alive, work, thread)
            n_alive, n_met, ray = n_alive + is_met, n_met + is_met, ray + 1
        if n_alive == 0 or n_tiles == MAX_TILES:
            break
        n = _place(batch, space, network, first, n_alive, n_tiles, work, thread, outcome.places[group, n_tiles])
        tile = work.tiles[thread, n_tiles]
        encode_tile(
            outcome.places[group, n_tiles],
            n,
            network.grid,
            network.scales,
            network.levels,
            network.is_smooth,
            work.rows[thread],
            work.weights[thread],
            tile,
        )
        forward(tile, network.weights, network.layers, 0, network.n_density_layers)
        n_samples += _darken(tile[network.geometry_row], n, space.steps[0], n_tiles, work, thread)
        n_alive = _sort_out(first, n_alive, work, thread)
        counts[n_tiles] = n
        n_tiles += 1
    for a in range(n_alive):  # dropped: marked by a light that no ray has
        work.through[thread, alive_ray[a] - first] = _F(-1)
    tally[1], tally[2], tally[3] = ray - first - n_alive, n_met, n_samples
    return ray - first, n_tiles


@kernel(fast_math=True, is_inner=True)
def ray_in_cells(batch: RayBatch, space: Space, ray: int) -> Any:
    """Origin, direction and its inverse of a ray, in cells of the grid."""
    cx, cy, cz = _F(1) / space.cell[0], _F(1) / space.cell[1], _F(1) / space.cell[2]
    o, d = batch.origin[ray], batch.direction[ray]
    origin = ((o[0] - space.low[0]) * cx, (o[1] - space.low[1]) * cy, (o[2] - space.low[2]) * cz)
    direction = (d[0] * cx, d[1] * cy, d[2] * cz)
    return origin, direction, (inverse(direction[0]), inverse(direction[1]), inverse(direction[2]))


@kernel(fast_math=True, is_inner=True)
def _start(batch: RayBatch, space: Space, ray: int, local: int, slot: int, work: PassWork, thread: int) -> int:
    """Put a ray into a slot of the living ones; 0 where it meets no occupied cell."""
    origin, direction, inverses = ray_in_cells(batch, space, ray)
    work.through[thread, local] = _F(1)
    t, t_out = enter(space, _F(0), origin, inverses)
    reach = reach_of(space, batch.spread[ray])
    t = next_sample(space, t + batch.shift[ray] * space.steps[0], t_out, origin, direction, inverses, reach)
    if t >= t_out:
        return 0
    work.alive[thread, 2, slot], work.alive[thread, 3, slot] = _fineness(batch.spread[ray]), reach
    work.alive[thread, 0, slot], work.alive[thread, 1, slot], work.alive_ray[thread, slot] = t, t_out, ray
    d = batch.direction[ray]
    harmonics(d[0], d[1], d[2], work.harmonics[thread, local])
    return 1


@kernel(fast_math=True, is_inner=True)
def _place(
    batch: RayBatch,
    space: Space,
    network: TrainedNetwork,
    first: int,
    n_alive: int,
    n_tiles: int,
    work: PassWork,
    thread: int,
    places: FloatArray,
) -> int:
    """Write the next places of all living rays, several of each where few are left; returns how many."""
    each, rest, n = TILE // n_alive, TILE % n_alive, 0
    tile, first_row = work.tiles[thread, n_tiles], network.geometry_row + network.n_geometry
    for slot in range(n_alive):
        ray = work.alive_ray[thread, slot]
        local = ray - first
        origin, direction, inverses = ray_in_cells(batch, space, ray)
        t, t_out = work.alive[thread, 0, slot], work.alive[thread, 1, slot]
        fine, reach = work.alive[thread, 2, slot], work.alive[thread, 3, slot]
        for _ in range(each + (slot < rest)):
            for axis in range(3):
                x = (batch.origin[ray, axis] + t * batch.direction[ray, axis] - network.low[axis]) * network.to_unit[
                    axis
                ]
                places[axis, n] = min(max(x, _F(0)), _F(1))
            places[FINENESS, n], places[TIME, n] = fine / max(t, _NEAREST), batch.time[ray]
            for i in range(N_HARMONICS):
                tile[first_row + i, n] = work.harmonics[thread, local, i]
            for i in range(batch.code.shape[1]):
                tile[first_row + N_HARMONICS + i, n] = batch.code[ray, i]
            work.ray_of[thread, n_tiles, n] = local
            n += 1
            t = next_sample(space, t + space.steps[0], t_out, origin, direction, inverses, reach)
            if t >= t_out:
                break
        work.alive[thread, 0, slot] = t
    return n


@kernel(fast_math=True, is_inner=True)
def _darken(log_density: FloatArray, n: int, step: np.float32, tile: int, work: PassWork, thread: int) -> int:
    """Turn densities into opacities and take them from the light; returns how many samples can be seen."""
    n_seen = 0
    for s in range(n):
        local = work.ray_of[thread, tile, s]
        if work.through[thread, local] < MIN_THROUGH:
            work.ray_of[thread, tile, s] = -1
            continue
        kept = math.exp(-step * math.exp(min(log_density[s], MAX_LOG_DENSITY)))
        work.alpha[thread, tile, s] = _F(1) - kept
        work.through[thread, local] *= kept
        n_seen += 1
    return n_seen


@kernel(fast_math=True, is_inner=True)
def _sort_out(first: int, n_alive: int, work: PassWork, thread: int) -> int:
    """Keep the rays, in order, that have samples left and light to see them; returns how many."""
    alive, alive_ray = work.alive[thread], work.alive_ray[thread]
    n = 0
    for slot in range(n_alive):
        ray = alive_ray[slot]
        if alive[0, slot] < alive[1, slot] and work.through[thread, ray - first] >= MIN_THROUGH:
            for row in range(len(alive)):
                alive[row, n] = alive[row, slot]
            alive_ray[n] = ray
            n += 1
    return n


@kernel(fast_math=True, is_inner=True)
def _composite(
    batch: RayBatch,
    network: TrainedNetwork,
    first: int,
    n_rays: int,
    n_tiles: int,
    work: PassWork,
    thread: int,
    outcome: PassOutcome,
    group: int,
) -> None:
    """Colour all samples, add them up along their rays, and note the loss and its pull on each ray's colour."""
    through, colour, pull = work.through[thread], work.colour[thread], work.pull[thread]
    is_dropped = through < _F(0)
    colour[:n_rays] = _F(0)
    through[:n_rays] = _F(1)
    n_layers = len(network.layers)
    for number in range(n_tiles):
        tile = work.tiles[thread, number]
        forward(tile, network.weights, network.layers, network.n_density_layers, n_layers)
        for s in range(outcome.counts[group, number]):
            local = work.ray_of[thread, number, s]
            if local >= 0:
                alpha = work.alpha[thread, number, s]
                weight = through[local] * alpha
                through[local] *= _F(1) - alpha
                for c in range(3):
                    value = _F(1) / (_F(1) + math.exp(-tile[network.colour_row + c, s]))
                    tile[network.colour_row + c, s] = value
                    colour[local, c] += weight * value
    loss = np.float64(0)
    has_front, is_told = len(batch.front) > 0, len(outcome.seen) > 0
    for local in range(n_rays):
        ray = first + local
        for c in range(3):
            colour[local, c] += through[local] * batch.background[ray, c]
            error, share = colour[local, c] - batch.target[ray, c], _F(1)
            if has_front:
                clear = batch.front[ray, 3]
                error = batch.front[ray, c] + clear * colour[local, c] - batch.target[ray, c]
                share = clear * batch.front[ray, 4]
            if is_dropped[local]:
                error = _F(0)
            elif is_told:
                outcome.seen[ray, c] = colour[local, c]
            pull[local, c] = share * error
            loss += error * error
        through[local] = _F(1)
    outcome.tally[group, 0] = loss


@kernel(fast_math=True, is_inner=True)
def _go_back(
    network: TrainedNetwork,
    first: int,
    number: int,
    step: np.float32,
    work: PassWork,
    thread: int,
    outcome: PassOutcome,
    group: int,
) -> None:
    """Take the loss of a tile back to the features of its samples, to the codes of their photos, and to the weights."""
    tile, gradient = work.tiles[thread, number], work.gradient[thread]
    _pull_samples(network, number, step, work, thread, outcome.counts[group, number])
    n_layers, n_density = len(network.layers), network.n_density_layers
    density_pull = gradient[0]
    geometry = network.geometry_row
    weight_gradient = outcome.weight_gradient[group]
    n_code, code_row = outcome.code_gradient.shape[1], geometry + network.n_geometry + N_HARMONICS
    n_wanted = network.n_geometry if n_code == 0 else network.layers[n_density, 1]
    backward(tile, gradient, network.transposed, network.layers, n_density, n_layers, n_wanted, weight_gradient)
    for s in range(outcome.counts[group, number] if n_code else 0):
        local = work.ray_of[thread, number, s]
        for i in range(n_code if local >= 0 else 0):
            outcome.code_gradient[first + local, i] += gradient[code_row + i, s]
    for s in range(TILE):
        gradient[geometry, s] += density_pull[s]
    backward(tile, gradient, network.transposed, network.layers, 0, n_density, network.layers[0, 1], weight_gradient)
    features = outcome.gradient[group, number]
    for row in range(len(features)):
        features[row] = gradient[row]


@kernel(fast_math=True, is_inner=True)
def _pull_samples(network: TrainedNetwork, number: int, step: np.float32, work: PassWork, thread: int, n: int) -> None:
    """The loss's gradient by the raw colour of a tile's samples, and by the logarithm of their density (in row 0)."""
    tile, gradient = work.tiles[thread, number], work.gradient[thread]
    through, colour, pull = work.through[thread], work.colour[thread], work.pull[thread]
    row = network.colour_row
    gradient[0] = _F(0)
    gradient[row : row + 4] = _F(0)
    for s in range(n):
        local = work.ray_of[thread, number, s]
        if local < 0:
            continue
        alpha = work.alpha[thread, number, s]
        weight = through[local] * alpha
        through[local] *= _F(1) - alpha
        by_density = _F(0)
        for c in range(3):
            value, error = tile[row + c, s], pull[local, c]
            colour[local, c] -= weight * value  # what lies behind
            gradient[row + c, s] = error * weight * value * (_F(1) - value)
            by_density += error * (through[local] * value - colour[local, c])
        density = math.exp(min(tile[network.geometry_row, s], MAX_LOG_DENSITY))
        gradient[0, s] = by_density * step * density
