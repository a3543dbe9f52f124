"""Measures a network of four voices for its card: melodies of test chorales harmonised, and what Bach wrote to them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .chorales_training import Measuring, bits_per_beat, given_voices
from .music_counterpoint import FIFTH, OCTAVE, n_parallels, per_100_beats
from .music_grid import Bytes, Grid
from .music_model import ChoraleTransformer
from .music_sampling import MusicSampler


@dataclass(frozen=True)
class Parallels:
    """Parallel fifths and octaves per 100 beats."""

    fifths: float
    octaves: float


def harmonised(
    network: ChoraleTransformer,
    grid: Grid,
    voices: Sequence[int],
    seed: int,
    temperature: float,
    no_parallels: bool = True,
) -> Measuring[Bytes]:
    """Values (T, V) with some voices given and the others made; yields after each sixteenth."""
    is_given = given_voices(grid, voices)
    sampler = MusicSampler(network, grid, is_given, seed, temperature, no_parallels=no_parallels)
    while sampler.place < len(grid):
        sampler.advance()
        yield
    return sampler.values


def parallels_of(pieces: Sequence[Bytes]) -> Parallels:
    """What is counted in pieces (T, V)."""
    n_steps = sum(map(len, pieces))
    counts = [sum(n_parallels(values, interval) for values in pieces) for interval in (FIFTH, OCTAVE)]
    return Parallels(*(per_100_beats(count, n_steps) for count in counts))


def all_harmonised(
    network: ChoraleTransformer, grids: Sequence[Grid], seed: int, temperature: float, no_parallels: bool = True
) -> Measuring[list[Bytes]]:
    """Every piece with its soprano given, each from a seed of its own: one sample each, none picked."""
    made = []
    for number, grid in enumerate(grids):
        made.append((yield from harmonised(network, grid, (0,), seed + number, temperature, no_parallels)))
    return made


def piece_bits(network: ChoraleTransformer, grids: Sequence[Grid]) -> Measuring[list[float]]:
    """The bits per beat of each piece with nothing given."""
    each = []
    for grid in grids:
        bits = yield from bits_per_beat(network, [grid], (), torch.device("cpu"))
        each.append(bits)
    return each


def usual_range(bits: Sequence[float]) -> dict[str, float]:
    """Between which bits per beat nine of ten pieces lie."""
    low, high = np.quantile(bits, [0.05, 0.95])
    return {"low": float(low), "high": float(high)}
