"""Places of a settled latent space, N(0, I), as symbols: rounded to a step, with tables made by whole numbers alone.

Ballé et al. 2017 (arXiv 1611.01704). Shapes: N places, D latent numbers.
"""

from collections.abc import Generator
from functools import cache
from itertools import pairwise
from math import isqrt
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from .range_coder import FrequencyTable, RangeDecoder, RangeEncoder

Array: TypeAlias = npt.NDArray[np.float32]
Whole: TypeAlias = npt.NDArray[np.int64]
UNIT: Final = 64
STEPS: Final = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192)
"""Steps along each number in 1/64 of its standard deviation, the finest first."""
REACH: Final = 6
"""Places are kept within so many standard deviations."""
TOTAL: Final = 1 << 12
GAIN: Final = 32
N_AT_ONCE: Final = 256  # symbols between which others get a turn
_BITS: Final = 160
_PI, _PI_SCALE = 314159265358979323846264338327950288419716939937510582, 10**53


@cache
def normal_share(k: int) -> int:
    """Φ(k / 128), the share of a standard normal number below it, in 2^-32, by its series in whole numbers."""
    if abs(k) > 128 * (REACH + 2):
        return (1 << 32) if k > 0 else 0
    x = (k << _BITS) // 128
    term, total, n = x, x, 0
    while term not in (0, -1):
        n += 1
        term = -(term * x >> _BITS) * x // ((2 * n) << _BITS)
        total += term // (2 * n + 1)
    density = isqrt((_PI_SCALE << (2 * _BITS)) // (2 * _PI))  # 1 / sqrt(2 pi)
    return ((1 << (_BITS - 1)) + (total * density >> _BITS)) >> (_BITS - 32)


def most(step: int) -> int:
    """The largest symbol's distance from the middle at a step."""
    return -(-REACH * UNIT // STEPS[step])


@cache
def frequencies(step: int) -> tuple[int, ...]:
    """How often each symbol is expected before anything came, at least 1."""
    end, width = most(step), STEPS[step]
    edges = [0, *(normal_share((2 * q + 1) * width) for q in range(-end, end)), 1 << 32]
    return tuple(1 + ((high - low) * TOTAL >> 32) for low, high in pairwise(edges))


def rounded(places: Array, step: int) -> Whole:
    """Places (N, D) as symbols (N, D), zero in the middle."""
    width = STEPS[step] / UNIT
    return np.clip(np.rint(places.astype(np.float64) / width), -most(step), most(step)).astype(np.int64)


def placed(symbols: Whole, step: int) -> Array:
    """The places (N, D) of symbols (N, D); exact, since a step is a whole number of 1/64."""
    return (symbols * STEPS[step]).astype(np.float32) / np.float32(UNIT)


def written(symbols: Whole, step: int) -> Generator[None, None, bytes]:
    """Symbols (N, D) as bytes; yields now and then. The table of each of the D numbers adapts from place to place."""
    encoder, tables = RangeEncoder(), _tables(symbols.shape[1], step)
    for count, (column, symbol) in enumerate(_in_order(symbols)):
        encoder.write(symbol + most(step), tables[column])
        if count % N_AT_ONCE == 0:
            yield
    return encoder.finish()


def read(data: bytes, n: int, n_latent: int, step: int) -> Generator[None, None, Whole]:
    """The symbols (n, n_latent) in bytes."""
    decoder, tables = RangeDecoder(data), _tables(n_latent, step)
    symbols = np.empty((n, n_latent), np.int64)
    for count in range(n * n_latent):
        row, column = divmod(count, n_latent)
        symbols[row, column] = decoder.read(tables[column]) - most(step)
        if count % N_AT_ONCE == 0:
            yield
    return symbols


def _tables(n_latent: int, step: int) -> list[FrequencyTable]:
    return [FrequencyTable(frequencies(step), GAIN) for _ in range(n_latent)]


def _in_order(symbols: Whole) -> Generator[tuple[int, int], None, None]:
    for row in symbols.tolist():
        yield from enumerate(row)
