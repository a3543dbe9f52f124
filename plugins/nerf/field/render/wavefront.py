"""One compiled pass that draws a hash-grid field: many rays go forward together, so that networks get full blocks."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.config import N_HARMONICS
from ..model.footprint import fineness
from .hash_field import BlockWork, PackedField, block_colour, block_density, work_blocks
from .march import Rays, Space, aim, enter, inverse, next_sample, reach_of, step_at
from .small_networks import BLOCK, LANES, exponential, harmonics

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
Triple = tuple[np.float32, np.float32, np.float32]

STOP: Final = np.float32(1e-3)
"""A ray ends where less light than this comes through."""
LEAST_WEIGHT: Final = np.float32(1 / 1024)
"""Samples of less weight hand it on to the next one of their ray, so that the colour network has less to do."""
N_SLOTS: Final = 32
MOST_AT_ONCE: Final = 8
"""Samples that are taken of one ray before it is asked whether it has ended."""

_F = np.float32
_U = np.uint64
_NEAREST: Final = np.float32(1e-6)
_ROW = np.uint64(BLOCK)
_fineness = kernel(fast_math=True, is_inner=True)(fineness)


class PassPicture(NamedTuple):
    """Where a pass writes.

    Attributes:
        colour: float32 (H, W, 3). opacity, depth: float32 (H, W). n_samples: uint16 (H, W).
        first: int64 (2,), row and column of their first pixel.
    """

    colour: FloatArray
    opacity: FloatArray
    depth: FloatArray
    n_samples: npt.NDArray[np.uint16]
    first: IntArray


class RaySlots(NamedTuple):
    """Rays on their way.

    Attributes:
        direction: float32 (N_SLOTS, 9): in cells, the inverse of that, in parts of the box.
        state: float32 (N_SLOTS, 7): t, end, light left, sum of w t, weight handed on, fineness of its spot one unit
            ahead, cells that half the spot grows by per unit of the way (0 where the field knows no spots).
        harmonics: float32 (N_SLOTS, 16), of the direction.
        pixel: int64 (N_SLOTS, 3): row and column in the picture, samples so far.
        active: int64 (N_SLOTS,): the numbers of the slots, those in use first.
    """

    direction: FloatArray
    state: FloatArray
    harmonics: FloatArray
    pixel: IntArray
    active: IntArray


class SampleBlock(NamedTuple):
    """A block of samples, and those that wait for a colour.

    Attributes:
        owner: int64 (BLOCK,), slots. is_last: bool (BLOCK,), whether their rays end behind them.
        t, length: float32 (BLOCK,). kept: float32 (BLOCK,), part of the light that they let through.
        n_waiting: int64 (1,). waiting_pixel: int64 (BLOCK, 2). waiting_weight: float32 (BLOCK,).
    """

    owner: IntArray
    is_last: npt.NDArray[np.bool_]
    t: FloatArray
    length: FloatArray
    kept: FloatArray
    n_waiting: IntArray
    waiting_pixel: IntArray
    waiting_weight: FloatArray


@kernel(fast_math=True)
def draw_blocks(field: PackedField, space: Space, rays: Rays, blocks: IntArray, picture: PassPicture) -> None:
    """Draw blocks of pixels, int64 (B, 4): first row, last row + 1, first column, last column + 1.

    As a ray ends, the next one takes its place.
    """
    work, slots, samples = work_blocks(field), _new_slots(), _new_samples()
    low, cell, o = space.low, space.cell, rays.origin
    origin = ((o[0] - low[0]) / cell[0], (o[1] - low[1]) / cell[1], (o[2] - low[2]) / cell[2])
    low, scale = field.low, field.scale
    place = ((o[0] - low[0]) * scale[0], (o[1] - low[1]) * scale[1], (o[2] - low[2]) * scale[2])
    block, begun, n_active = 0, 0, 0
    while True:
        while n_active < N_SLOTS and block < len(blocks):
            first_row, first_column = blocks[block, 0], blocks[block, 2]
            n_columns = blocks[block, 3] - first_column
            row, column = first_row + begun // n_columns, first_column + begun % n_columns
            slot = slots.active[n_active]
            n_active += _begin(field, space, rays, origin, place, row, column, slots, slot, picture)
            begun += 1
            if begun == (blocks[block, 1] - first_row) * n_columns:
                block, begun = block + 1, 0
        if n_active == 0:
            break
        n = _go_on(space, origin, place, slots, n_active, work, samples)
        _look(field, slots, samples, work, n, picture)
        n_active = _end_some(slots, n_active, picture)
    _colour_waiting(field, work, samples, picture)


@kernel(is_inner=True)
def _new_slots() -> RaySlots:
    return RaySlots(
        np.empty((N_SLOTS, 9), np.float32),
        np.empty((N_SLOTS, 7), np.float32),
        np.empty((N_SLOTS, 16), np.float32),
        np.empty((N_SLOTS, 3), np.int64),
        np.arange(N_SLOTS),
    )


@kernel(is_inner=True)
def _new_samples() -> SampleBlock:
    return SampleBlock(
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.bool_),
        np.empty(BLOCK, np.float32),
        np.zeros(BLOCK, np.float32),
        np.zeros(BLOCK, np.float32),
        np.zeros(1, np.int64),
        np.empty((BLOCK, 2), np.int64),
        np.empty(BLOCK, np.float32),
    )


@kernel(fast_math=True, is_inner=True)
def _begin(
    field: PackedField,
    space: Space,
    rays: Rays,
    origin: Triple,
    place: Triple,
    row: int,
    column: int,
    slots: RaySlots,
    slot: int,
    picture: PassPicture,
) -> int:
    """Put the ray through a pixel into a slot; returns 1, or 0 where it meets nothing."""
    x, y, z = aim(rays, row, column)
    way, state, pixel = slots.direction[slot], slots.state[slot], slots.pixel[slot]
    way[0], way[1], way[2] = x / space.cell[0], y / space.cell[1], z / space.cell[2]
    way[3], way[4], way[5] = inverse(way[0]), inverse(way[1]), inverse(way[2])
    way[6], way[7], way[8] = x * field.scale[0], y * field.scale[1], z * field.scale[2]
    inverted = (way[3], way[4], way[5])
    t, end = enter(space, rays.start[0], origin, inverted)
    for axis in range(3):  # the grid may be larger than the box
        turned = inverse(way[6 + axis])
        a, b = -place[axis] * turned, (_F(1) - place[axis]) * turned
        first = min(a, b)
        t = max(t, first + _F(0.5) * step_at(first, space.steps)) if first > t else t
        end = min(end, max(a, b))
    spread = x * rays.spread[0] + y * rays.spread[1] + z * rays.spread[2]
    reach = reach_of(space, spread) if field.scales[0, 1] > _F(0) else _F(0)
    t = next_sample(space, t, end, origin, (way[0], way[1], way[2]), inverted, reach)
    state[5], state[6] = _fineness(spread), reach
    state[0], state[1], state[2], state[3], state[4] = t, end, _F(1), _F(0), _F(0)
    i, j = row - picture.first[0], column - picture.first[1]
    pixel[0], pixel[1], pixel[2] = i, j, 0
    picture.colour[i, j, 0] = picture.colour[i, j, 1] = picture.colour[i, j, 2] = _F(0)
    picture.opacity[i, j], picture.depth[i, j], picture.n_samples[i, j] = _F(0), _F(0), 0
    if not t < end:
        return 0
    harmonics(x, y, z, slots.harmonics[slot])
    return 1


@kernel(fast_math=True, is_inner=True)
def _go_on(
    space: Space, origin: Triple, place: Triple, slots: RaySlots, n_active: int, work: BlockWork, samples: SampleBlock
) -> int:
    """Take each active ray's next samples until the block is full; returns how many there are."""
    n, each = 0, min(BLOCK // n_active, MOST_AT_ONCE)
    for number in range(n_active):
        slot = slots.active[number]
        way, state = slots.direction[slot], slots.state[slot]
        direction, inverted = (way[0], way[1], way[2]), (way[3], way[4], way[5])
        t, end = state[0], state[1]
        for _ in range(each):
            work.place[n] = min(max(place[0] + t * way[6], _F(0)), _F(1))
            work.place[BLOCK + n] = min(max(place[1] + t * way[7], _F(0)), _F(1))
            work.place[2 * BLOCK + n] = min(max(place[2] + t * way[8], _F(0)), _F(1))
            work.place[3 * BLOCK + n] = state[5] / max(t, _NEAREST)
            length = step_at(t, space.steps)
            samples.owner[n], samples.t[n], samples.length[n] = slot, t, length
            t = next_sample(space, t + length, end, origin, direction, inverted, state[6])
            samples.is_last[n] = not t < end
            n += 1
            if not t < end:
                break
        state[0] = t
    return n


@kernel(fast_math=True, is_inner=True)
def _look(
    field: PackedField, slots: RaySlots, samples: SampleBlock, work: BlockWork, n: int, picture: PassPicture
) -> None:
    """Ask the field what n samples hold and take it from the light of their rays; those that count wait for colour."""
    n_full = (n + LANES - 1) // LANES * LANES
    raw, kept, numbers = block_density(field, work, n_full), samples.kept, work.encoded
    bits = kept.view(np.int32)
    for s in range(_U(n_full)):
        kept[s] = raw[s]
    exponential(kept, bits, n_full)
    for s in range(_U(n_full)):
        kept[s] = -kept[s] * samples.length[s]
    exponential(kept, bits, n_full)
    n_numbers = field.shape[1]
    for s in range(_U(n_numbers) * _ROW):  # the colour network works in the same blocks as the density network
        numbers[s] = raw[s]
    for s in range(n):
        slot = samples.owner[s]
        state = slots.state[slot]
        left = state[2]
        if left < STOP:
            continue
        behind = left * kept[s]
        weight = left - behind
        state[2] = behind
        state[3] += weight * samples.t[s]
        state[4] += weight
        slots.pixel[slot, 2] += 1
        if state[4] > LEAST_WEIGHT or samples.is_last[s] or behind < STOP:
            _wait(n_numbers, slots, slot, samples, work, s)
        if samples.n_waiting[0] == BLOCK:
            _colour_waiting(field, work, samples, picture)


@kernel(fast_math=True, is_inner=True)
def _wait(n_numbers: int, slots: RaySlots, slot: int, samples: SampleBlock, work: BlockWork, s: int) -> None:
    """Put sample s of the block on the list of those that need a colour."""
    state, pixel, at = slots.state[slot], slots.pixel[slot], samples.n_waiting[0]
    samples.waiting_pixel[at, 0], samples.waiting_pixel[at, 1] = pixel[0], pixel[1]
    samples.waiting_weight[at] = state[4]
    samples.n_waiting[0] += 1
    state[4] = _F(0)
    source, target = _U(s), _U(at)
    for _ in range(n_numbers):
        work.seen[target] = work.encoded[source]
        source += _ROW
        target += _ROW
    for number in range(_U(N_HARMONICS)):
        work.seen[target] = slots.harmonics[slot, number]
        target += _ROW


@kernel(fast_math=True, is_inner=True)
def _colour_waiting(field: PackedField, work: BlockWork, samples: SampleBlock, picture: PassPicture) -> None:
    """Colour the samples on the list and add them to their pixels, in the order in which they came."""
    n = samples.n_waiting[0]
    block_colour(field, work, (n + LANES - 1) // LANES * LANES)
    samples.n_waiting[0] = 0
    for s in range(n):
        weight = samples.waiting_weight[s]
        pixel = picture.colour[samples.waiting_pixel[s, 0], samples.waiting_pixel[s, 1]]
        pixel[0] += weight * work.colour[s]
        pixel[1] += weight * work.colour[BLOCK + s]
        pixel[2] += weight * work.colour[2 * BLOCK + s]


@kernel(fast_math=True, is_inner=True)
def _end_some(slots: RaySlots, n_active: int, picture: PassPicture) -> int:
    """Write down the rays that have come to their end and free their slots; returns how many go on."""
    number = 0
    while number < n_active:
        slot = slots.active[number]
        state, pixel = slots.state[slot], slots.pixel[slot]
        if state[2] < STOP or not state[0] < state[1]:
            opacity = _F(1) - state[2]
            picture.opacity[pixel[0], pixel[1]] = opacity
            picture.depth[pixel[0], pixel[1]] = state[3] / opacity if opacity > _F(0) else _F(0)
            picture.n_samples[pixel[0], pixel[1]] = min(pixel[2], 65535)
            n_active -= 1
            slots.active[number], slots.active[n_active] = slots.active[n_active], slot
        else:
            number += 1
    return n_active
