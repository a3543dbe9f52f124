"""One compiled pass that draws a hash-grid field: many rays go forward together, so that networks get full blocks."""

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .config import N_HARMONICS
from .field_block import PackedField, Work, block_colour, block_density, work_blocks
from .march import Rays, Space, aim, enter, inverse, next_sample, step_at
from .small_networks import BLOCK, LANES, exponential
from .spherical_harmonics import harmonics

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
Triple = tuple[np.float32, np.float32, np.float32]

STOP: Final = np.float32(1e-3)
"""A ray ends where less light than this comes through."""
LEAST_WEIGHT: Final = np.float32(1e-4)
"""Samples of less weight hand it on to the next one on their ray, so that the colour network has less to do."""
N_SLOTS: Final = 32

_F = np.float32
_U = np.uint64
_ROW = np.uint64(BLOCK)


class Picture(NamedTuple):
    """Where a pass writes: colour float32 (H, W, 3), opacity and depth (H, W), n_samples uint16 (H, W), and the row and
    column of its first pixel, int64 (2,)."""

    colour: FloatArray
    opacity: FloatArray
    depth: FloatArray
    n_samples: npt.NDArray[np.uint16]
    first: IntArray


class Slots(NamedTuple):
    """Rays on their way.

    Attributes:
        state: float32 (N_SLOTS, 14): direction in cells, its inverse, direction in the box, t, end, light left, sum of
            w t, weight carried on.
        harmonics: float32 (N_SLOTS, 16), of the direction.
        pixel: int64 (N_SLOTS, 3): row, column, samples so far.
    """

    state: FloatArray
    harmonics: FloatArray
    pixel: IntArray


class Samples(NamedTuple):
    """A block of samples: whose they are, where, how long, and what they hold back; and those that wait for colour.

    Attributes:
        owner: int64 (BLOCK,), slots. t, length, alpha: float32 (BLOCK,).
        waiting_pixel: int64 (BLOCK, 2), row and column. waiting_weight: float32 (BLOCK,).
    """

    owner: IntArray
    t: FloatArray
    length: FloatArray
    alpha: FloatArray
    waiting_pixel: IntArray
    waiting_weight: FloatArray


@kernel(parallel=True, fast_math=True)
def draw_blocks(field: PackedField, space: Space, rays: Rays, blocks: IntArray, picture: Picture) -> None:
    """Draw blocks of pixels, int64 (B, 4): first row, last row + 1, first column, last column + 1."""
    for block in numba.prange(len(blocks)):
        _draw_block(field, space, rays, blocks[block], picture)


@kernel(fast_math=True)
def _draw_block(field: PackedField, space: Space, rays: Rays, block: IntArray, picture: Picture) -> None:
    """Bring all rays of a block to their end; as one ends, the next takes its place."""
    work = work_blocks(field)
    slots = Slots(
        np.empty((N_SLOTS, 14), np.float32), np.empty((N_SLOTS, 16), np.float32), np.empty((N_SLOTS, 3), np.int64)
    )
    samples = Samples(
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.float32),
        np.zeros(BLOCK, np.float32),
        np.zeros(BLOCK, np.float32),
        np.empty((BLOCK, 2), np.int64),
        np.empty(BLOCK, np.float32),
    )
    active = np.empty(N_SLOTS, np.int64)
    for slot in range(N_SLOTS):
        active[slot] = slot
    n_columns = block[3] - block[2]
    n_rays = (block[1] - block[0]) * n_columns
    n_active = n_waiting = begun = 0
    while True:
        while n_active < N_SLOTS and begun < n_rays:
            row, column = block[0] + begun // n_columns, block[2] + begun % n_columns
            n_active += _begin(field, space, rays, row, column, slots, active[n_active], picture)
            begun += 1
        if n_active == 0:
            break
        n = _go_on(field, space, rays, slots, active, n_active, work, samples)
        n_waiting = _look(field, slots, samples, work, n, n_waiting, picture)
        n_active = _end_some(slots, active, n_active, picture)
    _colour_waiting(field, work, samples, n_waiting, picture)


@kernel(fast_math=True)
def _begin(
    field: PackedField, space: Space, rays: Rays, row: int, column: int, slots: Slots, slot: int, picture: Picture
) -> int:
    """Put the ray through a pixel into a slot; returns 1, or 0 where it meets nothing."""
    x, y, z = aim(rays, row, column)
    state = slots.state[slot]
    cell = space.cell
    state[0], state[1], state[2] = x / cell[0], y / cell[1], z / cell[2]
    state[3], state[4], state[5] = inverse(state[0]), inverse(state[1]), inverse(state[2])
    state[6], state[7], state[8] = x * field.scale[0], y * field.scale[1], z * field.scale[2]
    origin, direction, inverted = _way(space, rays, state)
    t, end = enter(space, rays.start[0], origin, inverted)
    t, end = _in_box(field, space, rays, state, t, end)
    t = next_sample(space, t, end, origin, direction, inverted)
    state[9], state[10], state[11], state[12], state[13] = t, end, _F(1), _F(0), _F(0)
    harmonics(x, y, z, slots.harmonics[slot])
    slots.pixel[slot, 0], slots.pixel[slot, 1], slots.pixel[slot, 2] = row, column, 0
    i, j = row - picture.first[0], column - picture.first[1]
    picture.colour[i, j, 0], picture.colour[i, j, 1], picture.colour[i, j, 2] = _F(0), _F(0), _F(0)
    picture.opacity[i, j], picture.depth[i, j], picture.n_samples[i, j] = _F(0), _F(0), 0
    return 1 if t < end else 0


@kernel(fast_math=True)
def _in_box(
    field: PackedField, space: Space, rays: Rays, state: FloatArray, t: np.float32, end: np.float32
) -> tuple[np.float32, np.float32]:
    """Keep a ray's first step and its end inside the field's box, if the occupancy grid is larger than that."""
    for axis in range(3):
        place = (rays.origin[axis] - field.low[axis]) * field.scale[axis]
        inverted = inverse(state[6 + axis])
        a, b = -place * inverted, (_F(1) - place) * inverted
        first = min(a, b)
        t = max(t, first + _F(0.5) * step_at(first, space.steps)) if first > t else t
        end = min(end, max(a, b))
    return t, end


@kernel(fast_math=True)
def _way(space: Space, rays: Rays, state: FloatArray) -> tuple[Triple, Triple, Triple]:
    """Origin, direction and inverse direction of a ray, told in cells."""
    low, cell, o = space.low, space.cell, rays.origin
    origin = ((o[0] - low[0]) / cell[0], (o[1] - low[1]) / cell[1], (o[2] - low[2]) / cell[2])
    return origin, (state[0], state[1], state[2]), (state[3], state[4], state[5])


@kernel(fast_math=True)
def _go_on(
    field: PackedField,
    space: Space,
    rays: Rays,
    slots: Slots,
    active: IntArray,
    n_active: int,
    work: Work,
    samples: Samples,
) -> int:
    """Take each active ray's next samples until the block is full; returns how many there are."""
    n, each = 0, BLOCK // n_active
    x0 = (rays.origin[0] - field.low[0]) * field.scale[0]
    y0 = (rays.origin[1] - field.low[1]) * field.scale[1]
    z0 = (rays.origin[2] - field.low[2]) * field.scale[2]
    for number in range(n_active):
        slot = active[number]
        state = slots.state[slot]
        origin, direction, inverted = _way(space, rays, state)
        t, end = state[9], state[10]
        for _ in range(each):
            if not t < end:
                break
            work.place[n] = min(max(x0 + t * state[6], _F(0)), _F(1))
            work.place[BLOCK + n] = min(max(y0 + t * state[7], _F(0)), _F(1))
            work.place[2 * BLOCK + n] = min(max(z0 + t * state[8], _F(0)), _F(1))
            length = step_at(t, space.steps)
            samples.owner[n], samples.t[n], samples.length[n] = slot, t, length
            n += 1
            t = next_sample(space, t + length, end, origin, direction, inverted)
        state[9] = t
    return n


@kernel(fast_math=True)
def _look(
    field: PackedField, slots: Slots, samples: Samples, work: Work, n: int, n_waiting: int, picture: Picture
) -> int:
    """Ask the field what n samples hold and take it from the light of their rays; returns how many wait for colour."""
    n_full = (n + LANES - 1) // LANES * LANES
    raw = block_density(field, work, n_full)
    alpha = samples.alpha
    bits = alpha.view(np.int32)
    for s in range(_U(n_full)):
        alpha[s] = raw[s]
    exponential(alpha, 0, bits, n_full)
    for s in range(_U(n_full)):
        alpha[s] = -alpha[s] * samples.length[s]
    exponential(alpha, 0, bits, n_full)
    n_numbers = field.shape[1]
    kept = work.encoded  # the colour network works in the same blocks as the density network
    for s in range(_U(n_numbers) * _ROW):
        kept[s] = raw[s]
    for s in range(n):
        slot = samples.owner[s]
        state = slots.state[slot]
        left = state[11]
        if left < STOP:
            continue
        weight = left * (_F(1) - alpha[s])
        state[11] = left * alpha[s]
        state[12] += weight * samples.t[s]
        state[13] += weight
        slots.pixel[slot, 2] += 1
        if state[13] > LEAST_WEIGHT:
            _wait(n_numbers, slots, slot, samples, work, s, n_waiting)
            n_waiting += 1
        if n_waiting == BLOCK:
            _colour_waiting(field, work, samples, n_waiting, picture)
            n_waiting = 0
    return n_waiting


@kernel(fast_math=True)
def _wait(n_numbers: int, slots: Slots, slot: int, samples: Samples, work: Work, s: int, n_waiting: int) -> None:
    """Put sample s of the block on the list of those that need a colour."""
    state = slots.state[slot]
    samples.waiting_pixel[n_waiting, 0], samples.waiting_pixel[n_waiting, 1] = (
        slots.pixel[slot, 0],
        slots.pixel[slot, 1],
    )
    samples.waiting_weight[n_waiting] = state[13]
    state[13] = _F(0)
    source, target = _U(s), _U(n_waiting)
    for _ in range(n_numbers):
        work.seen[target] = work.encoded[source]
        source += _ROW
        target += _ROW
    for number in range(N_HARMONICS):
        work.seen[target] = slots.harmonics[slot, number]
        target += _ROW


@kernel(fast_math=True)
def _colour_waiting(field: PackedField, work: Work, samples: Samples, n: int, picture: Picture) -> None:
    """Colour the samples on the list and add them to their pixels, in the order of their rays."""
    block_colour(field, work, (n + LANES - 1) // LANES * LANES)
    for s in range(n):
        weight = samples.waiting_weight[s]
        pixel = picture.colour[
            samples.waiting_pixel[s, 0] - picture.first[0], samples.waiting_pixel[s, 1] - picture.first[1]
        ]
        pixel[0] += weight * work.colour[s]
        pixel[1] += weight * work.colour[BLOCK + s]
        pixel[2] += weight * work.colour[2 * BLOCK + s]


@kernel(fast_math=True)
def _end_some(slots: Slots, active: IntArray, n_active: int, picture: Picture) -> int:
    """Write down the rays that have come to their end and free their slots; returns how many go on."""
    number = 0
    while number < n_active:
        slot = active[number]
        state = slots.state[slot]
        if state[11] < STOP or not state[9] < state[10]:
            i, j = slots.pixel[slot, 0] - picture.first[0], slots.pixel[slot, 1] - picture.first[1]
            opacity = _F(1) - state[11]
            picture.opacity[i, j] = opacity
            picture.depth[i, j] = state[12] / opacity if opacity > _F(0) else _F(0)
            picture.n_samples[i, j] = min(slots.pixel[slot, 2], 65535)
            n_active -= 1
            active[number], active[n_active] = active[n_active], slot
        else:
            number += 1
    return n_active
