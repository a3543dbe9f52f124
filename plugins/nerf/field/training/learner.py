"""Learns a hash-grid field from photos on the processor, fast enough to be watched (Müller et al. 2022)."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.config import FieldConfig
from ..model.field import FieldWeights, OccupancyGrid
from ..model.weights import FieldParts
from ..photos.photos import Photos
from ..render.hash_field import HashField
from ..render.march import Space
from .dense_layer import layout_of, n_colour_inputs
from .density_grid import DensityGrid, carved_cells
from .hash_encoding import N_PLACE, TILE, level_table, scatter_tiles
from .photo_own import PhotoOwn, lights_of
from .training_pass import MAX_TILES, RayBatch, TrainedNetwork, learning_pass, outcome_space, work_space

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]

_CHUNK = 8192
_F = np.float32
GRID_BOOST: Final = 2.0
"""The grid learns best at so many times the networks' rate."""
N_GROUPS: Final = 16
"""Rays are dealt to so many groups, whatever the number of threads, so that sums come out the same everywhere."""
BETA_1, BETA_2, EPSILON = 0.9, 0.99, 1e-15
MEAN_EVERY: Final = 8
"""Steps from one look at the weights to the next, for their average."""
MOVING_TURNS: Final = 4
"""Where things move no cell is empty from the start, so that measuring all at once would take longer than learning."""
FOLLOWING: Final = 0.1
"""How fast the expected number of samples of a ray follows the counted one."""


@kernel(parallel=True, fast_math=True)
def adam_step(
    values: FloatArray, gradient: FloatArray, first: FloatArray, second: FloatArray, rates: FloatArray
) -> None:
    """Move values (N,) against their gradient and set that to 0; entries whose gradient is 0 stay as they are.

    Args:
        first, second: running means of the gradient and of its square, (N,), changed too.
        rates: float32 (4,): learning rate, beta 1, beta 2, epsilon.
    """
    rate, beta1, beta2, epsilon = rates[0], rates[1], rates[2], rates[3]
    n = len(values)
    for chunk in numba.prange((n + _CHUNK - 1) // _CHUNK):
        for i in range(chunk * _CHUNK, min(n, (chunk + 1) * _CHUNK)):
            g = gradient[i]
            if g != _F(0):
                first[i] = m = beta1 * first[i] + (_F(1) - beta1) * g
                second[i] = v = beta2 * second[i] + (_F(1) - beta2) * g * g
                values[i] -= rate * m / (np.sqrt(v) + epsilon)
                gradient[i] = _F(0)


def _adam(rate: float, *arrays: FloatArray) -> None:
    """One step of values, of any shape, by their gradient and its two moments."""
    rates = np.array([rate, BETA_1, BETA_2, EPSILON], np.float32)
    values, gradient, first, second = (array.reshape(-1) for array in arrays)
    adam_step(values, gradient, first, second, rates)


@kernel(parallel=True, fast_math=True)
def blend(average: FloatArray, values: FloatArray, share: np.float32) -> None:
    """Move averages (N,) a share of the way to the values."""
    n = len(values)
    for chunk in numba.prange((n + _CHUNK - 1) // _CHUNK):
        for i in range(chunk * _CHUNK, min(n, (chunk + 1) * _CHUNK)):
            average[i] += share * (values[i] - average[i])


@kernel(parallel=True, fast_math=True)
def steady(grid: FloatArray, levels: npt.NDArray[np.int64], share: np.float32) -> None:
    """Move the rows (rows, F) of each knot a share of the way to the mean of the same rows a knot before and after."""
    for level in numba.prange(len(levels)):
        first, n_rows, n_knots = levels[level, 0], levels[level, 1], levels[level, 4]
        before = np.empty((n_rows, grid.shape[1]), np.float32)
        for knot in range(n_knots if n_knots > 1 else 0):
            start = first + knot * n_rows
            for row in range(n_rows):
                for f in range(grid.shape[1]):
                    here = grid[start + row, f]
                    early = before[row, f] if knot > 0 else here
                    late = grid[start + n_rows + row, f] if knot < n_knots - 1 else here
                    before[row, f] = here
                    grid[start + row, f] = here + share * (_F(0.5) * (early + late) - here)


@dataclass(frozen=True)
class LearnSettings:
    """How a field is learnt.

    Attributes:
        n_samples: places at which the field is looked at in one step, about; the number of rays follows from it.
        grid_rate, network_rate: learning rates of the first steps; they rise from 0 within `n_warm_steps`, and have
            halved after `n_half_steps`, as 1 / (1 + step / n_half_steps).
        step_fraction: from one sample of a ray to the next, in parts of the box's longest side.
        refresh_every: steps from one measurement of the occupancy grid to the next.
        tail: the part of all steps so far over which the weights that are shown are averaged.
        grid_spread: of the grid's first numbers, about 0.
        steadiness: of a scene that moves, how far each step takes a knot's table towards the mean of its neighbours in
            time, while the rates have not fallen yet.
        shrinks: a field that knows spots learns from the photos shrunk by these; others from whole ones alone.
        shares: of the rays, that each of these gets.
    """

    n_samples: int = 24576
    grid_rate: float = 2e-2
    network_rate: float = 1e-2
    n_warm_steps: int = 20
    n_half_steps: int = 1500
    step_fraction: float = 6e-3
    refresh_every: int = 16
    tail: float = 0.1
    grid_spread: float = 1e-4
    steadiness: float = 0.01
    shrinks: tuple[int, ...] = (1, 2, 4, 8)
    shares: tuple[float, ...] = (0.6, 0.2, 0.13, 0.07)


def _sizes_of(photos: Photos, shrinks: Sequence[int]) -> list[Photos]:
    """The photos at these sizes, as far as pixels are left that count."""
    sizes = [photos.reduced(shrink) if shrink > 1 else photos for shrink in shrinks]
    return [size for size in sizes if size.n_counting]


class FieldLearner:
    """One field that learns.

    Tricks: rays on random backgrounds; cells that some photo sees through are empty from the start; batches of a fixed
    number of samples rather than rays; Adam that leaves untouched entries alone; rates that fall with the steps; what
    is shown is an average of the last tenth of all steps.

    Attributes:
        config: the field's shape. settings: how it is learnt.
        step_number: steps done. seconds: time spent on them, and on the empty cells before.
        space: the occupancy grid, ready for marching.
    """

    def __init__(self, config: FieldConfig, photos: Photos, settings: LearnSettings, seed: int) -> None:
        start = time.perf_counter()
        self.config, self.settings = config, settings
        self.step_number = 0
        self._seed = seed
        self._sizes = _sizes_of(photos, settings.shrinks) if config.is_mip else [photos]
        self._layout, self._levels = layout_of(config), level_table(config.levels)
        self._grid, self._weights = self._first_numbers()
        self._gradient, self._weight_gradient = np.zeros_like(self._grid), np.zeros_like(self._weights)
        self._moments = [np.zeros_like(values) for values in (self._grid, self._grid, self._weights, self._weights)]
        self._own = PhotoOwn(photos, config.n_code, seed) if config.n_code else None
        self._means = [values.copy() for values in self._averaged()]
        low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
        n_turns = 1 if photos.given_time is None else MOVING_TURNS
        self._density = DensityGrid(low, high, carved_cells(photos, low, high), self.step_length, n_turns)
        self._expected = np.array([40.0, 8.0])  # samples of a ray that meets something, and of any
        self._outcome = outcome_space(N_GROUPS, config.n_encoded, self._layout.n_weights)
        self._work = work_space(int(numba.get_num_threads()), self._layout.n_rows, 0)
        self.seconds = time.perf_counter() - start

    def _first_numbers(self) -> tuple[FloatArray, FloatArray]:
        random, spread = np.random.default_rng(self._seed), self.settings.grid_spread
        shape = (self.config.levels.n_rows, self.config.n_features)
        n_density = self._layout.n_density_layers
        grid: FloatArray = random.uniform(-spread, spread, shape).astype(np.float32)
        density, colour = (
            tuple((random.uniform(-1, 1, shape) * math.sqrt(12 / sum(shape))).astype(np.float32) for shape in shapes)
            for shapes in (self._layout.shapes[:n_density], self._layout.shapes[n_density:])
        )
        return grid, self._layout.packed(FieldWeights(grid, density, colour, self._no_bias()))

    def _no_bias(self) -> FloatArray:
        return np.zeros(self.config.colour_width, np.float32)

    @property
    def step_length(self) -> float:
        """World units from one sample of a ray to the next."""
        return self.settings.step_fraction * float(np.max(np.subtract(self.config.high, self.config.low)))

    @property
    def space(self) -> Space:
        """The occupancy grid, ready for marching."""
        return self._density.space

    @property
    def occupancy(self) -> OccupancyGrid:
        """Where the field may hold something, as far as is known by now."""
        return self._density.occupancy

    def step(self) -> dict[str, float]:
        """Learn from one batch of rays; returns the mean squared error and what it was made of."""
        start = time.perf_counter()
        squares, n_rays, n_met, n_samples = self._learn(self._draw())
        self._move()
        self.step_number += 1
        if self.step_number % MEAN_EVERY == 0:
            self._average()
        if self.step_number % self.settings.refresh_every == 0:
            number = self.step_number // self.settings.refresh_every
            self._density.refresh(self.network(), self._layout.n_rows, number, self._seed)
        counted = np.array([n_samples / max(n_met, 1), n_samples / max(n_rays, 1)])
        self._expected += FOLLOWING * (np.maximum(counted, 1) - self._expected)
        self.seconds += time.perf_counter() - start
        return {"loss": squares / max(3 * n_rays, 1), "rays": n_rays, "samples": n_samples}

    def _draw(self) -> RayBatch:
        """Rays for a step: about a quarter more than will be taken, on random backgrounds."""
        random = np.random.default_rng([self._seed, self.step_number])
        n_rays = N_GROUPS * int(1.25 * self.settings.n_samples / N_GROUPS / self._expected[1] + 16)
        if self._work.through.shape[1] * N_GROUPS < n_rays:
            self._work = work_space(len(self._work.tiles), self._layout.n_rows, n_rays * 3 // (2 * N_GROUPS))
        drawn = [(photos, rays, photos.draw(random, len(rays))) for photos, rays in self._dealt(random, n_rays)]
        background = random.random((n_rays, 3), np.float32)
        shift = random.random(n_rays, np.float32) - np.float32(0.5)
        origin, direction, target = (np.empty((n_rays, 3), np.float32) for _ in range(3))
        spread, time = np.zeros(n_rays, np.float32), np.zeros(n_rays, np.float32)
        for photos, rays, places in drawn:
            origin[rays], direction[rays] = photos.rays(*places)
            target[rays] = photos.target(*places, background[rays])
            time[rays] = photos.time[places[0]]
            if self.config.is_mip:
                spread[rays] = photos.spreads(places[0], direction[rays])
        if self.config.is_mip:  # nearer cameras shall find something they know as well
            spread[drawn[0][1]] *= random.random(len(drawn[0][1]), np.float32)
        batch = RayBatch(origin, direction, target, background, shift, time, spread)
        return batch if self._own is None else self._own.joined(batch, drawn[0][2])

    def _dealt(self, random: np.random.Generator, n_rays: int) -> list[tuple[Photos, IntArray]]:
        """The sizes of the photos, and the numbers of the rays that each of them gets."""
        if len(self._sizes) == 1:
            return [(self._sizes[0], np.arange(n_rays))]
        size = np.searchsorted(np.cumsum(self.settings.shares[: len(self._sizes) - 1]), random.random(n_rays))
        return [(photos, np.flatnonzero(size == number)) for number, photos in enumerate(self._sizes)]

    def _learn(self, batch: RayBatch) -> tuple[float, float, float, float]:
        """Put the gradients of half the squared errors into `_gradient` and `_weight_gradient`.

        Returns the sum of squared errors, the rays, those of them that met something, and the samples.
        """
        network, outcome, n_tiles = self.network(), self._outcome, N_GROUPS * MAX_TILES
        n_wanted = self.settings.n_samples // N_GROUPS
        if self._own is not None:
            outcome = self._own.asked(outcome, len(batch.origin))
        learning_pass(batch, self.space, network, n_wanted, self._expected[0], self._work, outcome)
        if self._own is not None:
            self._own.note(batch, outcome)
        scatter_tiles(
            outcome.places.reshape(n_tiles, N_PLACE, TILE),
            outcome.counts.reshape(n_tiles),
            outcome.gradient.reshape(n_tiles, -1, TILE),
            network.scales,
            network.levels,
            network.is_smooth,
            self._gradient,
        )
        self._weight_gradient[:] = outcome.weight_gradient.sum(0)
        squares, n_rays, n_met, n_samples = outcome.tally.sum(0).tolist()
        return squares, n_rays, n_met, n_samples

    def _move(self) -> None:
        """Take a step of Adam."""
        settings, step = self.settings, self.step_number
        share = min(1, (step + 1) / settings.n_warm_steps) / (1 + step / settings.n_half_steps)
        first, second, first_weights, second_weights = self._moments
        _adam(settings.grid_rate * share, self._grid, self._gradient, first, second)
        _adam(settings.network_rate * share, self._weights, self._weight_gradient, first_weights, second_weights)
        for boost, *arrays in self._own.moves() if self._own is not None else ():
            _adam(settings.network_rate * share * boost, *arrays)
        if self.config.is_moving:
            steady(self._grid, self._levels, np.float32(settings.steadiness * share))

    def _average(self) -> None:
        window = MEAN_EVERY + self.settings.tail * self.step_number
        share = np.float32(1 - math.exp(-MEAN_EVERY / window))
        for mean, values in zip(self._means, self._averaged(), strict=True):
            blend(mean.reshape(-1), values.reshape(-1), share)

    def _averaged(self) -> list[FloatArray]:
        """The numbers whose averages are shown."""
        return [self._grid, self._weights, *([] if self._own is None else [self._own.codes])]

    def network(self) -> TrainedNetwork:
        """The numbers of this moment as kernels read them."""
        return self._network(self._grid, self._weights)

    def _network(self, grid: FloatArray, weights: FloatArray) -> TrainedNetwork:
        config, layout = self.config, self._layout
        low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
        return TrainedNetwork(
            grid,
            config.scales,
            self._levels,
            config.interpolation == "smooth",
            weights,
            layout.transposed(weights),
            layout.layers,
            layout.n_density_layers,
            layout.geometry_row,
            config.n_geometry,
            layout.colour_row,
            low,
            (1 / (high - low)).astype(np.float32),
        )

    def weights(self) -> FieldWeights:
        """What is shown: a copy of the averaged numbers, in the middle of all lights."""
        grid, flat = self._means[:2]
        matrices, n_density = self._layout.matrices(flat), self._layout.n_density_layers
        first, *later = matrices[n_density:]
        seen, columns = np.split(first, [n_colour_inputs(self.config)], axis=1)
        bias = self._no_bias() if self._own is None else columns @ self._means[2].mean(0)
        return FieldWeights(grid.copy(), matrices[:n_density], (np.ascontiguousarray(seen), *later), bias)

    def parts(self) -> FieldParts:
        """The averaged field of this moment with its lights, and what its photos have in front of it."""
        if self._own is None:
            return FieldParts(self.config, self.weights(), self.occupancy)
        first = self._layout.matrices(self._means[1])[self._layout.n_density_layers]
        columns = np.split(first, [n_colour_inputs(self.config)], axis=1)[1]
        lights = lights_of(self._sizes[0], self._means[2], columns)
        return FieldParts(self.config, self.weights(), self.occupancy, lights, self._own.left_out())

    def take(self, parts: FieldParts) -> None:
        """Begin with what was learnt from other photos, in the middle of its lights; `fit_codes` finds their own."""
        assert self._own is not None
        assert parts.lights is not None
        self._grid[...] = parts.weights.grid
        first, *later = parts.weights.colour
        colour = (np.concatenate([first, parts.lights.columns], axis=1), *later)
        self._weights[:] = self._layout.packed(replace(parts.weights, colour=colour))
        self._density.cells[...] = parts.occupancy.cells[0]
        self._density.load()
        self._own.codes[...] = parts.lights.codes.mean(0)

    def fit_codes(self) -> None:
        """Learn the codes of the photos alone, from one batch of rays, nothing being in front of the scene."""
        assert self._own is not None
        batch = self._draw()
        self._learn(batch._replace(front=np.zeros((0, 5), np.float32)))
        (_, *codes), *_ = self._own.moves()
        _adam(self.settings.network_rate / (1 + self.step_number / self.settings.n_half_steps), *codes)
        self.step_number += 1

    def codes(self) -> FloatArray:
        """The codes (P, n_code) of the photos as they are now."""
        assert self._own is not None
        return self._own.codes.copy()

    def field(self) -> HashField:
        """The averaged field of this moment, for drawing."""
        return HashField(self.config, self.weights(), self.occupancy, self.step_length)

    def state(self) -> dict[str, Any]:
        """All that goes on from here, as copies: arrays and plain values."""
        arrays = {name: values.copy() for name, values in self._arrays().items()}
        return arrays | {"step_number": self.step_number, "seconds": self.seconds, "seed": self._seed}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state of the same settings and photos, to the same bits."""
        for name, values in self._arrays().items():
            values[...] = state[name]
        self._density.load()
        self.step_number, self.seconds = int(state["step_number"]), float(state["seconds"])
        self._seed = int(state["seed"])

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        names = ("first", "second", "first_weights", "second_weights", "mean_grid", "mean_weights", "mean_codes")
        moved = dict(zip(names, [*self._moments, *self._means], strict=False))
        own = {"grid": self._grid, "weights": self._weights, "expected": self._expected}
        own |= {} if self._own is None else self._own.arrays()
        return own | moved | {"density": self._density.values, "cells": self._density.cells}
