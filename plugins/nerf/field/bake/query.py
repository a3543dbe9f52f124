"""Asks a field for the colours of places from many sides at once, which is cheaper than one by one."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.threads import share
from ..model.field import ManySidedField, RadianceField
from ..render.hash_field import HashField, PackedField, block_colour, block_density, work_blocks
from ..render.small_networks import BLOCK, LANES, PackedNetwork, pack, run, spherical_harmonics

FloatArray = npt.NDArray[np.float32]

_U = np.uint64
_ROW = np.uint64(BLOCK)
_N_TOGETHER = 4 * BLOCK  # places, the least that are worth a thread


class ColourQuery:
    """Looks at places of a field along fixed directions (K, 3), each only along those that count for it."""

    def __init__(self, field: RadianceField, rays: FloatArray) -> None:
        self._field = field
        self._rays = rays
        self._parts = _split_network(field, rays) if _can_be_split(field) else None

    def colours(self, positions: FloatArray, weights: FloatArray) -> FloatArray:
        """SRGB (P, K, 3) of places (P, 3); 0 where the weight (P, K) is 0."""
        if isinstance(self._field, ManySidedField):
            return self._field.colours(positions, self._rays, weights)
        colours = np.zeros((*weights.shape, 3), np.float32)
        if self._parts is None:
            places, ways = np.nonzero(weights)
            _, colours[places, ways] = self._field.density_colour(positions[places], self._rays[ways])
            return colours
        packed, layer = self._parts
        points = np.ascontiguousarray(positions, np.float32)

        def part(first: int, last: int) -> None:
            span = slice(first, last)
            _look(packed, layer, points[span], weights[span], colours[span])

        share(part, len(points), _N_TOGETHER)
        return colours


class _First(NamedTuple):
    """The first layer of a colour network: what the place gives, and what each direction adds (K, width)."""

    weights: FloatArray
    biases: FloatArray
    layers: npt.NDArray[np.int64]
    of_direction: FloatArray


def _can_be_split(field: RadianceField) -> bool:
    return isinstance(field, HashField) and len(field.weights.colour) > 1


def _split_network(field: Any, rays: FloatArray) -> tuple[PackedField, _First]:
    """The field with a colour network that begins behind its first layer, and that layer."""
    first, *rest = field.weights.colour
    n_geometry = field.config.n_geometry
    place = pack((np.ascontiguousarray(first[:, :n_geometry]),))
    added = np.einsum("kh,wh->kw", spherical_harmonics(rays), first[:, n_geometry:]) + field.weights.colour_bias
    network = pack(tuple(rest))
    packed = field.packed._replace(
        colour_weights=network.weights, colour_biases=network.biases, colour_layers=network.layers
    )
    return packed, _First(*place, np.ascontiguousarray(added, np.float32))


@kernel(fast_math=True)
def _look(field: PackedField, first: _First, positions: FloatArray, weights: FloatArray, colours: FloatArray) -> None:
    """Write the colours (P, K, 3); a direction that counts for no place of a block costs nothing."""
    work = work_blocks(field)
    base = np.empty(_U(first.of_direction.shape[1]) * _ROW, np.float32)
    for start in range(0, len(positions), BLOCK):
        n = min(BLOCK, len(positions) - start)
        n_full = (n + LANES - 1) // LANES * LANES
        for s in range(n):
            for axis in range(3):
                place = (positions[start + s, axis] - field.low[axis]) * field.scale[axis]
                work.place[axis * BLOCK + s] = min(max(place, np.float32(0)), np.float32(1))
            work.place[3 * BLOCK + s] = field.fineness
        raw = block_density(field, work, n_full)
        for s in range(_U(field.shape[1]) * _ROW):
            work.seen[s] = raw[s]
        found = run(
            PackedNetwork(first.weights, first.biases, first.layers), work.seen, work.first, work.second, n_full
        )
        for s in range(len(base)):
            base[s] = found[s]
        for k in range(weights.shape[1]):
            if weights[start : start + n, k].any():
                _look_along(field, first, base, k, n_full, work)
                _keep(work.colour, weights[start : start + n, k], colours[start : start + n, k])


@kernel(fast_math=True)
def _look_along(field, first, base, k, n_full, work):
    """Write the colours of a block along direction k."""
    for row in range(_U(first.of_direction.shape[1])):
        added = first.of_direction[k, row]
        for s in range(_ROW):
            work.seen[row * _ROW + s] = max(base[row * _ROW + s] + added, np.float32(0))
    block_colour(field, work, n_full)


@kernel(fast_math=True)
def _keep(block, weights, colours):
    """Take the colours (n, 3) of those that count from a block of rows."""
    for s in range(len(weights)):
        if weights[s] > 0:
            for channel in range(3):
                colours[s, channel] = block[channel * BLOCK + s]
